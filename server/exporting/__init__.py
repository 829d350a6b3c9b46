"""Layers as files: the same fields, types and values in every format."""
