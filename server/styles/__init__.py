"""How layers look, in one place: the scale of scores, from which every map's colours and legend derive."""
