"""The parts all shapes are made of."""

from collections.abc import Mapping
from typing import Any

Shape = dict[str, Any]

TEXT: Shape = {"type": "string"}
WHOLE: Shape = {"type": "integer"}
NUMBER: Shape = {"type": "number"}
BOOLEAN: Shape = {"type": "boolean"}
ID: Shape = {"type": "string", "format": "uuid"}
TIME: Shape = {"type": "string", "format": "date-time"}
GEOMETRY: Shape = {"type": "object", "description": "GeoJSON geometry, longitude first, WGS 84"}
CELL: Shape = {"type": "string", "description": "H3 cell, 15 hex digits", "pattern": "^[0-9a-f]{15}$"}
SHA256: Shape = {"type": "string", "description": "64 hex digits", "pattern": "^[0-9a-f]{64}$"}
DAYPART: Shape = {"type": "string", "enum": ["day", "night", "unknown"]}


def nullable(shape: Shape) -> Shape:
    """Return a shape that may also be null."""
    widened = {**shape, "type": [shape["type"], "null"]}
    return {**widened, "enum": [*shape["enum"], None]} if "enum" in shape else widened


def list_of(shape: Shape, **limits: int) -> Shape:
    """Return the shape of a list."""
    return {"type": "array", "items": shape, **limits}


def body(required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """Return the shape of an object that is sent here: other fields are refused."""
    return {**answer(required, optional), "additionalProperties": False}


def answer(required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """Return the shape of an object that is answered: later versions may add fields."""
    shape = {"type": "object", "properties": {**required, **(optional or {})}}
    return {**shape, "required": list(required)} if required else shape
