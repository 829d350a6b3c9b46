"""Indicators as they are answered."""

from server.api.shapes.base import NUMBER, TEXT, TIME, answer, list_of, nullable

INDICATOR = answer(
    {
        "id": TEXT,
        "definition": TEXT,
        "numerator": TEXT,
        "denominator": TEXT,
        "unit": TEXT,
        "value": nullable({**NUMBER, "description": "null: not enough people audited"}),
        "low": nullable({**NUMBER, "description": "lower end of the 95 % interval"}),
        "high": nullable(NUMBER),
        "group": {
            **TEXT,
            "description": "such as gender:woman or daypart:night; empty: everybody, always",
        },
        "code": {**TEXT, "description": "SDG indicator that it stands closest to; see docs/indicators.md"},
    }
)
INDICATORS = answer(
    {
        "as_of": {**TIME, "description": "the moment whose audits they know"},
        "instrument": TEXT,
        "indicators": list_of(INDICATOR),
    }
)
