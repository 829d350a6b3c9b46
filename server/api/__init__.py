"""The HTTP door: one module per noun, one table of who may, one door for errors."""
