"""Ways somebody might walk, and what is published along them."""

from server.api.shapes.base import CELL, NUMBER, TEXT, WHOLE, answer, body, list_of, nullable

MOST_ROUTES, MOST_POINTS, LONGEST_M = 10, 2_000, 50_000

_POSITION = list_of({"type": "number"}, minItems=2, maxItems=3)
_LINE = body(
    {
        "type": {"type": "string", "enum": ["LineString"]},
        "coordinates": list_of(_POSITION, minItems=2, maxItems=MOST_POINTS),
    }
)
ROUTES = body({"routes": list_of(_LINE, minItems=1, maxItems=MOST_ROUTES)})

_SCORES = {"score": nullable(NUMBER), "score_low": nullable(NUMBER), "score_high": nullable(NUMBER)}
_WORST = answer(
    {
        "cell": CELL,
        "from_m": {**NUMBER, "description": "metres from the start of the way"},
        "to_m": NUMBER,
        "score": NUMBER,
        "score_low": NUMBER,
        "score_high": NUMBER,
        "needs": {**TEXT, "description": "joined by ;"},
    }
)
ROUTE_SCORES = answer(
    {
        "routes": list_of(
            answer(
                {
                    "status": {"type": "string", "enum": ["published", "insufficient"]},
                    "length_m": NUMBER,
                    "share_audited": {**NUMBER, "description": "of the length, 0 to 1"},
                    **_SCORES,
                    "worst": nullable(_WORST),
                    "indistinguishable": {
                        **list_of(WHOLE),
                        "description": "other ways, counted from 0, with mostly the same cells",
                    },
                }
            )
        ),
        "daypart": {"type": "string", "enum": ["all", "day", "night"]},
        "instrument": TEXT,
    }
)
