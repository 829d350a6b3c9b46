"""OGC API Features: published layers as collections that GIS clients read, filter and show."""
