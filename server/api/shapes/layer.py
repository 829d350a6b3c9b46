"""Layers as they are listed."""

from server.api.shapes.base import TEXT, TIME, Shape, answer, list_of

_FIELD = answer(
    {
        "name": TEXT,
        "type": {**TEXT, "enum": ["text", "integer", "number", "boolean"]},
        "title": TEXT,
    }
)
_LINK = answer({"href": TEXT, "type": TEXT, "title": TEXT})
_LAYER: Shape = answer(
    {
        "name": TEXT,
        "title": TEXT,
        "audience": {**TEXT, "enum": ["public", "planner"]},
        "instrument": TEXT,
        "as_of": {**TIME, "description": "the moment whose audits it knows"},
        "published_at": TIME,
        "fields": list_of(_FIELD),
        "links": list_of(_LINK),
    }
)
LAYERS = answer({"layers": list_of(_LAYER)})
