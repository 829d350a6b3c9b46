"""What readers may ask of features: parameters and CQL2 text -> predicates on the visible fields alone."""
