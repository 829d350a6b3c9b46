"""A run as everybody sees it, and as planners do."""

from server.api.shapes.base import BOOLEAN, NUMBER, TEXT, TIME, WHOLE, Shape, answer, list_of, nullable

_INTERVAL: Shape = list_of(NUMBER, minItems=3, maxItems=3)
_BY_RATING: Shape = {"type": "object", "additionalProperties": _INTERVAL}
_ACCOUNT = answer(
    {
        "weights": {"type": "object", "additionalProperties": NUMBER, "description": "of the score; sum 1"},
        "weights_version": TEXT,
        "weights_source": TEXT,
        "shares": {**_BY_RATING, "description": "value, low, high: what the weights were fitted from"},
        "slopes": {**_BY_RATING, "description": "value, low, high: the same without their bound at 0"},
        "variances": {
            "type": "object",
            "additionalProperties": nullable(NUMBER),
            "description": "components of the composite, squared rating steps",
        },
    }
)
_INSTRUMENT = answer(
    {
        "instrument": TEXT,
        "version": WHOLE,
        "half_life_days": nullable({**NUMBER, "description": "at that age an audit counts half"}),
        "public": nullable({**_ACCOUNT, "description": "from admitted audits; null as of a past day"}),
    },
    {
        "audits": {**WHOLE, "description": "planners: all used audits it knew"},
        "street_km": {"type": "object", "additionalProperties": NUMBER},
        "planner": {**_ACCOUNT, "description": "planners: from all used audits"},
    },
)
_LAYER = answer(
    {
        "name": TEXT,
        "instrument": TEXT,
        "audience": {**TEXT, "enum": ["public", "planner"]},
        "features": WHOLE,
    }
)
RUN = answer(
    {
        "run": WHOLE,
        "as_of": {**TIME, "description": "the moment whose audits it knows"},
        "finished_at": TIME,
        "public": {**BOOLEAN, "description": "false: as of a day in the past"},
        "seed": WHOLE,
        "k": WHOLE,
        "resolution": WHOLE,
        "software": TEXT,
        "instruments": list_of(_INSTRUMENT),
        "layers": list_of(_LAYER),
    },
    {"started_at": TIME},
)
RUNS = answer({"runs": list_of(RUN)})
RUN_JOB = answer(
    {
        "job": WHOLE,
        "status": {"type": "string", "enum": ["waiting", "running", "done", "failed"]},
        "asked_at": TIME,
        "finished_at": nullable(TIME),
        "run": nullable({**WHOLE, "description": "the run it published"}),
        "share": nullable({**NUMBER, "description": "of the work that is done, 0..1; null until it begins"}),
    }
)
