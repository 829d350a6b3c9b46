"""How places came to be what they are: what changed, month by month and quarter by quarter."""
