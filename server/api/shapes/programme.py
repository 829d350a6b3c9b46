"""Cities side by side on the wire."""

from server.api.shapes.base import NUMBER, TEXT, TIME, WHOLE, answer, list_of, nullable
from server.api.shapes.indicator import INDICATOR

_FIGURE = answer(
    {"id": TEXT, "value": nullable(NUMBER), "low": nullable(NUMBER), "high": nullable(NUMBER), "group": TEXT}
)
_CITY = answer(
    {
        "slug": TEXT,
        "name": TEXT,
        "as_of": nullable({**TIME, "description": "null: nothing is published yet"}),
        "instrument": nullable(TEXT),
        "indicators": list_of(INDICATOR),
        "trends": {
            "type": "object",
            "additionalProperties": WHOLE,
            "description": "shown places by trend: new, worse, same, better, too_short",
        },
    }
)
_OTHER = answer(
    {
        "name": TEXT,
        "address": {**TEXT, "description": "of its indicator file"},
        "problem": nullable({**TEXT, "description": "why there are no figures"}),
        "as_of": nullable(TEXT),
        "instrument": nullable(TEXT),
        "indicators": list_of(_FIGURE),
    }
)
PROGRAMME = answer({"cities": list_of(_CITY), "others": list_of(_OTHER)})
