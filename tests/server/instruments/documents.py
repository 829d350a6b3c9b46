"""Small instrument documents for tests."""

import copy
from typing import Any

PLAZA: dict[str, Any] = {
    "id": "plaza",
    "version": 3,
    "language": "en",
    "translations": {"en": {"reviewed": True}, "es": {"reviewed": False}},
    "title": {"en": "Square", "es": "Plaza"},
    "questions": [
        {
            "name": "shade",
            "kind": "rating",
            "role": "place",
            "fixable": True,
            "label": {"en": "Shade", "es": "Sombra"},
            "hint": {"en": "At noon"},
            "levels": [{"en": "None", "es": "Nada"}, {"en": "Some"}, {"en": "Much", "es": "Mucha"}],
        },
        {
            "name": "surface",
            "kind": "choice",
            "label": {"en": "Surface", "es": "Suelo"},
            "choices": [
                {"name": "stone", "label": {"en": "Stone", "es": "Piedra"}},
                {"name": "no", "label": {"en": "No", "es": "No"}},
            ],
        },
        {"name": "benches", "kind": "number", "minimum": 0, "maximum": 50, "label": {"en": "Benches"}},
        {"name": "wish", "kind": "text", "max_length": 80, "label": {"en": "A wish"}},
    ],
}


def plaza(**changes: Any) -> dict[str, Any]:
    """Return a fresh copy of a sound document, with top-level changes."""
    return {**copy.deepcopy(PLAZA), **changes}
