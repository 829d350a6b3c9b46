"""Shapes of bodies in JSON Schema: they document, and requests are checked by them."""
