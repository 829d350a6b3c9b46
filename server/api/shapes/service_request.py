"""What is handed to an agency, on the wire."""

from server.api.shapes.base import BOOLEAN, ID, TEXT, Shape, answer, body, nullable

_PLACE: Shape = {
    "type": "string",
    "minLength": 1,
    "maxLength": 60,
    "description": "id of a hotspot in hotspots-now, or cell of a dark spot",
}
_RATING: Shape = {
    "type": "string",
    "minLength": 1,
    "maxLength": 60,
    "description": "what is to be mended; else the place's first need",
}
NEW_REQUEST = body(
    {"place": _PLACE},
    {
        "rating": _RATING,
        "send": {
            **BOOLEAN,
            "description": "true: to the city's endpoint; else only written, to be handed over",
        },
        "again": {**BOOLEAN, "description": "send though it may have arrived: the agency says it did not"},
    },
)
HANDED_OVER = answer(
    {
        "intervention": {**ID, "description": "stands for the request, with status requested"},
        "rating": TEXT,
        "state": {**TEXT, "description": "written, sending, sent, refused, unsent or unknown"},
        "endpoint": nullable(TEXT),
        "service_request_id": nullable(TEXT),
        "fields": {
            "type": "object",
            "additionalProperties": TEXT,
            "description": "of the request by Open311 GeoReport v2",
        },
    }
)
