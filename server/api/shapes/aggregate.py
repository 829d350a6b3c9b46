"""Aggregates with noise: what is asked, what it costs, what is answered."""

from analysis.disclosure.aggregate import MOST_PLACES
from analysis.instrument import DAYPARTS
from server.aggregating.question import COARSEST, FINEST, PLACES_PER_AUDITOR
from server.api.shapes.base import BOOLEAN, NUMBER, TEXT, TIME, WHOLE, answer, body, list_of, nullable
from server.period import PATTERN
from server.queries.contributions import GENDERS

_EPSILON = {**NUMBER, "description": "0.01 to 1, with two decimals"}
_DATE = {**TEXT, "format": "date"}
_ASKED = {
    "period": {**TEXT, "pattern": PATTERN, "description": "quarter of observation, such as 2026Q3"},
    "measure": {**TEXT, "description": "a rating of the instrument, or auditors: people alone"},
    "epsilon": _EPSILON,
}
_FURTHER = {
    "resolution": {**WHOLE, "description": f"by H3 cells of it, {COARSEST} to {FINEST}"},
    "zones": {**TEXT, "description": "by the zones of this set"},
    "instrument": TEXT,
    "daypart": {**TEXT, "enum": list(DAYPARTS)},
    "gender": {**TEXT, "enum": list(GENDERS)},
    "places_per_auditor": {
        **WHOLE,
        "minimum": 1,
        "maximum": MOST_PLACES,
        "description": f"places to which one person contributes, else {PLACES_PER_AUDITOR}",
    },
}
_BUDGET = answer(
    {
        "year": {**WHOLE, "description": "in which audits were made"},
        "limit": NUMBER,
        "spent": NUMBER,
        "left": NUMBER,
        "opens_on": {**_DATE, "description": "first day on which may be asked of them"},
    }
)
_SHORT = {
    "id": TEXT,
    "status": {**TEXT, "enum": ["waiting", "refused", "answered"]},
    "period": TEXT,
    "measure": TEXT,
    "instrument": TEXT,
    "resolution": nullable(WHOLE),
    "zones": nullable(TEXT),
    "daypart": nullable(TEXT),
    "gender": nullable(TEXT),
    "places_per_auditor": WHOLE,
    "epsilon": _EPSILON,
    "year": WHOLE,
    "asked_at": TIME,
    "answered_at": nullable(TIME),
    "fault": nullable(TEXT),
    "href": TEXT,
}
_NOISE = answer(
    {
        "of": {**TEXT, "enum": ["auditors", "total"]},
        "epsilon": NUMBER,
        "sensitivity": {**WHOLE, "description": "by which one person changes all numbers together at most"},
        "scale": {**NUMBER, "description": "of discrete Laplace noise: standard deviation / 1.41"},
        "within": {**WHOLE, "description": "the noise stays within it, either way, with 95 %"},
        "unit": {**NUMBER, "description": "what 1 is worth: a person, or rating steps"},
    }
)
_ROW = answer(
    {
        "place": {**TEXT, "description": "H3 cell, or name of a zone"},
        "auditors": {**WHOLE, "description": "people, with noise; may be below 0"},
        "mean": {**nullable(NUMBER), "description": "null where its interval would leave in half the scale"},
        "mean_low": nullable(NUMBER),
        "mean_high": {
            **nullable(NUMBER),
            "description": "of 100 such intervals 95 hold what noise was added to",
        },
    }
)

NEW_AGGREGATE = body(_ASKED, _FURTHER)
AGGREGATES = answer({"budgets": list_of(_BUDGET), "aggregates": list_of(answer(_SHORT))})
AGGREGATE = answer(
    {
        **_SHORT,
        "noise": list_of(_NOISE),
        "software": nullable(TEXT),
        "rows": {
            **list_of(_ROW),
            "description": "every place there is, audited or not; none before the answer",
        },
    }
)
COST = answer(
    {
        "id": TEXT,
        "epsilon": {**NUMBER, "description": "that would be spent: 0 for what was asked before"},
        "asked_before": BOOLEAN,
        "affordable": BOOLEAN,
        "budget": _BUDGET,
        "noise": list_of(_NOISE),
        "mean_within": {
            **list_of(answer({"auditors": WHOLE, "within": nullable(NUMBER)})),
            "description": "half an interval of a mean, in rating steps, by people; null: not told",
        },
    }
)
