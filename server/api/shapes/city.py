"""A city and its instruments as the public sees them."""

from server.api.shapes.base import BOOLEAN, GEOMETRY, NUMBER, TEXT, WHOLE, Shape, answer, list_of, nullable

_SUMMARY: dict[str, Shape] = {
    "slug": TEXT,
    "name": TEXT,
    "time_zone": {**TEXT, "description": "IANA name"},
    "languages": list_of(TEXT),
    "resolution": {**WHOLE, "description": "H3 resolution of the cells"},
    "k": {**WHOLE, "description": "fewest counted auditors a shown cell rests on"},
    "bbox": list_of({**NUMBER, "description": "west, south, east, north"}, minItems=4, maxItems=4),
    "default_instrument": nullable(TEXT),
    "photos": {**BOOLEAN, "description": "whether photos are taken"},
    "instruments": list_of(TEXT),
}
CITIES = answer({"cities": list_of(answer(_SUMMARY))})
CITY = answer({**_SUMMARY, "boundary": GEOMETRY, "controller": nullable(TEXT), "contact": nullable(TEXT)})

CONSENT = answer(
    {
        "version": {**TEXT, "description": "send it with `lang` as `consent` when enrolling"},
        "requested": TEXT,
        "lang": {**TEXT, "description": "the language found for it"},
        "direction": {"type": "string", "enum": ["ltr", "rtl"]},
        "text": TEXT,
        "available": list_of(TEXT),
    }
)
INSTRUMENT = answer(
    {
        "id": TEXT,
        "version": WHOLE,
        "scored": {**BOOLEAN, "description": "whether its place ratings make a score"},
        "requested": TEXT,
        "lang": {**TEXT, "description": "the language found for it"},
        "direction": {"type": "string", "enum": ["ltr", "rtl"]},
        "available": list_of(TEXT),
        "fallback": {**list_of(TEXT), "description": "places whose text is in the default language"},
        "reviewed": {**BOOLEAN, "description": "whether a native speaker has checked the texts"},
        "questions": list_of({"type": "object", "description": "as in docs/instruments.md"}),
    },
    {"title": TEXT, "description": TEXT},
)
