"""Audits on the wire. What is sent is checked by `server.intake.reading`; here it is documented."""

from server.api.shapes.base import (
    BOOLEAN,
    CELL,
    DAYPART,
    ID,
    NUMBER,
    SHA256,
    TEXT,
    TIME,
    WHOLE,
    Shape,
    answer,
    body,
    list_of,
    nullable,
)
from server.api.shapes.problem import FAULTS
from server.intake.content import COMMENT_LIMIT
from server.intake.sent import BATCH_LIMIT

_ANSWERS: Shape = {"type": "object", "description": "by question name; at least one", "minProperties": 1}
_MODE: Shape = {"type": "string", "enum": ["walk", "vehicle", "photo", "import"]}
_DEGREES: Shape = {"type": "number", "description": "WGS 84"}
_FLAGS = list_of(
    {"type": "string", "enum": ["outside", "null_island", "clock", "practice", "dropped"]},
)

NEW_AUDIT = body(
    {
        "id": {**ID, "description": "made by the phone; sending the same again changes nothing"},
        "location": body(
            {
                "lat": {**_DEGREES, "minimum": -90, "maximum": 90},
                "lng": {**_DEGREES, "minimum": -180, "maximum": 180},
            },
            {"accuracy_m": nullable({"type": "number", "minimum": 0, "maximum": 100_000})},
        ),
        "observed_at": TIME,
        "answers": _ANSWERS,
    },
    {
        "answered_at": nullable(TIME),
        "instrument": nullable({**TEXT, "description": "else the city's first"}),
        "comment": nullable({"type": "string", "maxLength": COMMENT_LIMIT}),
        "mode": nullable(_MODE),
    },
)
NEW_BATCH = body({"audits": list_of(NEW_AUDIT, minItems=1, maxItems=BATCH_LIMIT)})

_RECEIVED: dict[str, Shape] = {
    "id": ID,
    "status": {"type": "string", "enum": ["created", "duplicate", "corrected"]},
    "receipt": {**TEXT, "description": "shows, corrects or withdraws this audit without the device"},
    "cell": {**CELL, "description": "H3 cell of the city's resolution, 15 hex digits"},
    "daypart": DAYPART,
    "received_at": TIME,
    "used": {**BOOLEAN, "description": "false: kept out of the analysis; flags say why"},
    "flags": _FLAGS,
}
RECEIVED = answer(_RECEIVED)
_RESULT = answer(
    {
        "id": nullable({**TEXT, "description": "as sent, where it could be read"}),
        "status": {"type": "string", "enum": ["created", "duplicate", "conflict", "invalid"]},
    },
    {name: _RECEIVED[name] for name in ("receipt", "cell", "daypart", "received_at", "used", "flags")}
    | {"errors": FAULTS},
)
BATCH_RESULTS = answer(
    {
        "results": {**list_of(_RESULT), "description": "in the order of the request"},
        "created": WHOLE,
        "duplicate": WHOLE,
        "conflict": WHOLE,
        "invalid": WHOLE,
    }
)
AUDIT = answer(
    {
        "id": ID,
        "version": WHOLE,
        "status": {"type": "string", "enum": ["kept", "withdrawn", "erased"]},
        "receipt": TEXT,
        "received_at": TIME,
        "used": BOOLEAN,
        "flags": _FLAGS,
        "cell": nullable(CELL),
        "daypart": nullable(DAYPART),
        "location": nullable(answer({"lat": NUMBER, "lng": NUMBER, "accuracy_m": nullable(NUMBER)})),
        "observed_at": nullable(TIME),
        "answered_at": nullable(TIME),
        "instrument": nullable(TEXT),
        "instrument_version": nullable(WHOLE),
        "answers": nullable({"type": "object"}),
        "comment": nullable(TEXT),
        "mode": nullable(_MODE),
        "photos": list_of({**SHA256, "description": "of each photo that is here, as it was sent"}),
    }
)
AUDITS = answer({"audits": list_of(AUDIT), "next": nullable({**TEXT, "description": "URL of what follows"})})

RECEIPT_ACT = body(
    {
        "receipt": {"type": "string", "minLength": 1, "maxLength": 80},
        "action": {"type": "string", "enum": ["show", "correct", "withdraw", "place", "erase"]},
    },
    {"audit": nullable({"type": "object", "description": "with correct: the audit as it should be"})},
)
PUBLISHED: dict[str, Shape] = {
    "resolution": WHOLE,
    "score": nullable(NUMBER),
    "score_low": nullable(NUMBER),
    "score_high": nullable(NUMBER),
    "class": nullable({"type": "string", "enum": ["severe", "hot", "watch", "none", "cold"]}),
    "needs": nullable({**TEXT, "description": "joined by ;"}),
    "auditors_min": nullable(WHOLE),
    "audits_min": nullable(WHOLE),
    "last_audit": nullable({**TEXT, "description": "month, such as 2026-10"}),
    "trend": nullable({"type": "string", "enum": ["new", "worse", "same", "better", "too_short"]}),
    "adjusted": nullable(BOOLEAN),
}
"""The row of a cell in a public layer."""
SCORE = answer(
    {"cell": CELL, "status": {"type": "string", "enum": ["published", "insufficient"]}},
    {
        "daypart": {"type": "string", "enum": ["all", "day", "night"]},
        "instrument": TEXT,
        **PUBLISHED,
    },
)
