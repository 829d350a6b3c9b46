"""A campaign as its organiser sees it."""

from server.api.shapes.base import GEOMETRY, ID, NUMBER, TEXT, TIME, WHOLE, answer, body, list_of, nullable
from server.services.open_campaign import LARGEST_HEADCOUNT, LONGEST_NAME

_HEADCOUNT = {"type": "integer", "minimum": 1, "maximum": LARGEST_HEADCOUNT}

NEW_CAMPAIGN = body(
    {"name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}, "from": TIME, "to": TIME},
    {"area": nullable(GEOMETRY), "headcount": nullable(_HEADCOUNT)},
)
CONFIRMATION = body({"headcount": _HEADCOUNT})
_CAMPAIGN = {
    "campaign": ID,
    "name": TEXT,
    "from": TIME,
    "to": TIME,
    "state": {"type": "string", "enum": ["planned", "running", "over", "closed"]},
    "headcount": nullable(WHOLE),
    "confirmed_headcount": nullable(WHOLE),
    "area": nullable(GEOMETRY),
}
CAMPAIGN = answer(_CAMPAIGN)
CAMPAIGNS = answer({"campaigns": list_of(CAMPAIGN)})
_PHONES = answer(
    {
        "enrolled": WHOLE,
        "sent": {**WHOLE, "description": "phones of which an audit is kept"},
        "waiting": {
            **WHOLE,
            "description": "phones that said last that they hold audits, or whose records lack photos",
        },
        "done": {**WHOLE, "description": "phones that said last that they hold none"},
    }
)
CAMPAIGN_WITH_PHONES = answer({**_CAMPAIGN, "phones": _PHONES})
_ANSWERED = answer(
    {
        "name": TEXT,
        "people": WHOLE,
        "levels": {**list_of(WHOLE), "description": "answers of each level, 0 worst first"},
        "mean": NUMBER,
    }
)
DEBRIEF = answer(
    {
        "campaign": ID,
        "name": TEXT,
        "from": TIME,
        "to": TIME,
        "k": WHOLE,
        "status": {"type": "string", "enum": ["shown", "insufficient"]},
        "made_at": nullable(TIME),
    },
    {
        "instrument": TEXT,
        "people": WHOLE,
        "audits": WHOLE,
        "ratings": {**list_of(_ANSWERED), "description": "those that at least k people answered"},
    },
)
OPENED_CAMPAIGN = answer(
    {
        **_CAMPAIGN,
        "token": TEXT,
        "link": {**TEXT, "description": "told once; goes into the QR code"},
        "collect": {**TEXT, "description": "told once; the server address for ODK Collect and KoboCollect"},
        "collect_qr": {**TEXT, "description": "the QR code that sets up Collect, as SVG"},
    }
)
