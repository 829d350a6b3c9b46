"""What an auditor is told of a place of hers."""

from server.api.shapes.audit import PUBLISHED
from server.api.shapes.base import (
    BOOLEAN,
    CELL,
    ID,
    NUMBER,
    TEXT,
    TIME,
    WHOLE,
    answer,
    list_of,
    nullable,
)

_HOTSPOT = answer(
    {
        "id": TEXT,
        "status": {"type": "string", "enum": ["open", "requested", "planned", "done"]},
        "needs": nullable({**TEXT, "description": "joined by ;"}),
        "kind": nullable(TEXT),
        "trend": nullable(TEXT),
        "since": nullable(TEXT),
        "near": nullable(TEXT),
        "score": nullable(NUMBER),
    }
)
_WORK = answer(
    {
        "intervention": ID,
        "name": TEXT,
        "kind": TEXT,
        "targets": list_of(TEXT),
        "status": {"type": "string", "enum": ["requested", "planned", "ongoing", "done", "cancelled"]},
        "from": TEXT,
        "to": nullable(TEXT),
        "effect": nullable({**NUMBER, "description": "on the score of its targets, once it is told"}),
        "effect_low": nullable(NUMBER),
        "effect_high": nullable(NUMBER),
        "p": nullable(NUMBER),
        "n": nullable(WHOLE),
    }
)
PLACE = answer(
    {
        "cell": CELL,
        "audits": {**WHOLE, "description": "own audits that are used"},
        "last_observed_at": nullable(TIME),
        "heard": {**BOOLEAN, "description": "whether the public map shows this cell now"},
        "score": nullable(answer({"cell": CELL}, PUBLISHED)),
        "hotspot": nullable(_HOTSPOT),
        "interventions": list_of(_WORK),
    }
)
PLACES = answer({"places": list_of(PLACE), "next": nullable({**TEXT, "description": "URL of what follows"})})
