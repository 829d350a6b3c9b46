"""The moderator's queue on the wire."""

from server.api.shapes.base import (
    BOOLEAN,
    CELL,
    DAYPART,
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
from server.api.shapes.problem import FAULTS
from server.models.moderation import REASONS, STATES
from server.services.moderate import ACTIONS, LONGEST_REASON

_TRUST: Shape = {
    "type": "number",
    "description": "0 to 1: how far what the auditors say agrees with others in the same cells",
}
_REASON: Shape = {"type": "string", "minLength": 1, "maxLength": LONGEST_REASON, "description": "why"}

ACT = body(
    {"action": {"type": "string", "enum": list(ACTIONS)}, "reason": _REASON},
    {
        "case": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
        "audit": {**ID, "description": "instead of a case: an audit to hide that is in none"},
    },
)
_CASE = {
    "case": WHOLE,
    "reason": {"type": "string", "enum": list(REASONS)},
    "state": {"type": "string", "enum": list(STATES)},
    "opened_at": TIME,
    "cell": nullable({**CELL, "description": "of a burst"}),
    "detail": {"type": "object", "description": "the figures that opened it"},
    "audits": {**WHOLE, "description": "that still stand"},
    "auditors": WHOLE,
    "trust": nullable({**_TRUST, "description": f"mean of its auditors; {_TRUST['description']}"}),
    "submission": nullable(
        answer({"form": TEXT, "version": TEXT, "instance": TEXT, "errors": FAULTS}),
    ),
}
CASE = answer(_CASE)
CASES = answer({"cases": list_of(CASE), "next": nullable({**TEXT, "description": "address of what follows"})})
_CASE_AUDIT = answer(
    {
        "id": ID,
        "version": WHOLE,
        "auditor": {**WHOLE, "description": "a number within this case alone"},
        "trust": nullable(_TRUST),
        "shared_cells": nullable({**WHOLE, "description": "on which trust rests"}),
        "received_at": TIME,
        "observed_at": nullable(TIME),
        "cell": CELL,
        "daypart": DAYPART,
        "accuracy_m": nullable(NUMBER),
        "instrument": TEXT,
        "answers": nullable({"type": "object"}),
        "comment": nullable(TEXT),
        "mode": nullable(TEXT),
        "used": BOOLEAN,
        "flags": list_of(TEXT),
    }
)
CASE_WITH_AUDITS = answer({**_CASE, "listed": {**list_of(_CASE_AUDIT), "description": "the first 500"}})
