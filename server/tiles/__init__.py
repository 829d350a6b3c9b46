"""Layers for web maps: vector tiles, TileJSON, styles, and cells as mere ids and values."""
