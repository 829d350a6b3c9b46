"""Tables of the store, one module per noun; they name each other by string, so none drags in another."""
