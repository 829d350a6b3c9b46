"""What a phone says of itself, and what it is told."""

from server.api.shapes.base import ID, TEXT, TIME, answer, body, nullable

_PROFILE = {
    "gender": nullable({"type": "string", "enum": ["woman", "man", "other"]}),
    "age_band": nullable({"type": "string", "enum": ["under_18", "18_24", "25_39", "40_59", "60_plus"]}),
    "disability": nullable({"type": "string", "enum": ["yes", "no"]}),
}
_LANGUAGE = {"type": "string", "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$", "maxLength": 35}
_CONSENT = body({"version": {"type": "string", "minLength": 1, "maxLength": 40}, "lang": _LANGUAGE})
_TOKEN = {"type": "string", "minLength": 1, "maxLength": 200, "description": "of the join link"}

DEVICE_CHANGE = body(
    {},
    {
        "profile": nullable(body({}, _PROFILE)),
        "locale": nullable(_LANGUAGE),
        "consent": nullable(_CONSENT),
        "waiting": {
            "type": "integer",
            "minimum": 0,
            "maximum": 100_000,
            "description": "audits the phone still holds: organisers see when all have sent theirs",
        },
    },
)
NEW_DEVICE = body({}, {**DEVICE_CHANGE["properties"], "campaign": nullable(_TOKEN)})
ENROLMENT = answer({"device": ID, "token": {**TEXT, "description": "told once; send it as Bearer token"}})
DEVICE = answer(
    {
        "device": ID,
        "enrolled_at": TIME,
        "locale": nullable(TEXT),
        "profile": answer(_PROFILE),
        "consent": nullable(answer({"version": nullable(TEXT), "lang": nullable(TEXT)})),
        "campaign": nullable(answer({"name": TEXT, "from": TIME, "to": TIME})),
    }
)
MOVE = answer(
    {
        "code": {**TEXT, "description": "told once; works once"},
        "expires_at": TIME,
        "link": {**TEXT, "description": "what the new phone opens"},
        "qr": {
            **TEXT,
            "description": "the link as a QR code for the new phone to scan: an SVG in a data URL",
        },
    }
)
ACCEPTED_MOVE = body({"code": {"type": "string", "minLength": 1, "maxLength": 200}})
