"""RFC 9457 problems."""

from server.api.shapes.base import TEXT, WHOLE, answer, list_of

FAULTS = list_of(answer({"pointer": {**TEXT, "description": "JSON pointer to the place"}, "detail": TEXT}))
PROBLEM = answer(
    {
        "type": {**TEXT, "description": "stable: /problems/{slug}"},
        "title": {**TEXT, "description": "in the language of Accept-Language"},
        "status": WHOLE,
        "detail": TEXT,
        "instance": {**TEXT, "description": "urn:uuid: and the id of the request"},
    },
    {"errors": FAULTS},
)
