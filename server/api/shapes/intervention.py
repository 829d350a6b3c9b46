"""An intervention as everybody sees it, and as planners do."""

from server.api.shapes.base import (
    GEOMETRY,
    ID,
    NUMBER,
    TEXT,
    TIME,
    WHOLE,
    Shape,
    answer,
    body,
    list_of,
    nullable,
)
from server.services.plan_intervention import (
    CURRENCY,
    LARGEST_COST,
    LONGEST_FOLLOW_UP,
    LONGEST_REASON,
    LONGEST_TEXT,
    MOST_PARTNERS,
    SHORTEST_FOLLOW_UP,
    STATUSES,
)

_DAY: Shape = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "description": "such as 2026-03-01",
}
_SHORT: Shape = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
_TEXTS: Shape = list_of(_SHORT, maxItems=MOST_PARTNERS)
_REQUIRED: dict[str, Shape] = {"name": _SHORT, "kind": _SHORT, "area": GEOMETRY, "from": _DAY}
_OPTIONAL: dict[str, Shape] = {
    "to": nullable(_DAY),
    "targets": _TEXTS,
    "cost": nullable({"type": "number", "minimum": 0, "maximum": float(LARGEST_COST)}),
    "currency": nullable({"type": "string", "pattern": CURRENCY}),
    "owner": nullable(_SHORT),
    "partners": _TEXTS,
    "reason": nullable({"type": "string", "maxLength": LONGEST_REASON}),
    "status": {"type": "string", "enum": list(STATUSES)},
    "follow_up_days": {"type": "integer", "minimum": SHORTEST_FOLLOW_UP, "maximum": LONGEST_FOLLOW_UP},
    "instrument": TEXT,
}
NEW_INTERVENTION = body(_REQUIRED, _OPTIONAL)
INTERVENTION_CHANGES = {**body({}, _REQUIRED | _OPTIONAL), "minProperties": 1}

_EFFECT: Shape = {
    **answer(
        {"estimate": NUMBER, "low": NUMBER, "high": NUMBER, "p": NUMBER, "detectable": NUMBER, "top": NUMBER}
    ),
    "description": "on 0..top: estimate, 95 % interval, placebo p, and the effect found in 8 of 10 cases",
}
_MONTH = answer({"month": WHOLE, "effect": _EFFECT, "audits": WHOLE})
_EVALUATION = answer(
    {
        "as_of": {"type": "string", "format": "date-time"},
        "audits_before": WHOLE,
        "audits_after": WHOLE,
        "auditors_before": WHOLE,
        "auditors_after": WHOLE,
        "effect": _EFFECT,
        "effect_per_1000": nullable({**_EFFECT, "description": "the same per 1,000 of the currency"}),
        "score": nullable(_EFFECT),
        "ratings": {"type": "object", "additionalProperties": nullable(_EFFECT)},
        "surroundings": nullable(_EFFECT),
        "trend_p": nullable(NUMBER),
        "months": list_of(_MONTH),
        "places": WHOLE,
    }
)
_REQUEST = answer(
    {
        "service_request_id": nullable(TEXT),
        "status": nullable({"type": "string", "description": "open or closed, as the agency says"}),
        "updated_at": TIME,
    },
    {"status_notes": nullable(TEXT), "state": TEXT, "problem": nullable(TEXT), "endpoint": nullable(TEXT)},
)
INTERVENTION = answer(
    {
        "intervention": ID,
        "name": TEXT,
        "kind": TEXT,
        "targets": list_of(TEXT),
        "from": TEXT,
        "to": nullable(TEXT),
        "cost": nullable(NUMBER),
        "currency": nullable(TEXT),
        "owner": nullable(TEXT),
        "status": TEXT,
        "follow_up_days": WHOLE,
        "instrument": TEXT,
        "area": GEOMETRY,
        "effect": nullable(NUMBER),
        "effect_low": nullable(NUMBER),
        "effect_high": nullable(NUMBER),
        "p": nullable(NUMBER),
        "n": nullable(WHOLE),
        "request": nullable({**_REQUEST, "description": "what was handed to an agency, and how it stands"}),
    },
    {
        "partners": list_of(TEXT),
        "reason": nullable(TEXT),
        "evaluation": nullable({**_EVALUATION, "description": "planners: from all used audits, once told"}),
    },
)
INTERVENTIONS = answer({"interventions": list_of(INTERVENTION)})
