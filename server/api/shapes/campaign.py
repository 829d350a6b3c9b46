"""A campaign as its organiser sees it."""

from server.api.shapes.base import GEOMETRY, ID, TEXT, TIME, WHOLE, answer, body, list_of, nullable
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
CAMPAIGN_WITH_PHONES = answer({**_CAMPAIGN, "phones": answer({"enrolled": WHOLE, "sent": WHOLE})})
OPENED_CAMPAIGN = answer(
    {
        **_CAMPAIGN,
        "token": TEXT,
        "link": {**TEXT, "description": "told once; goes into the QR code"},
        "collect": {**TEXT, "description": "told once; the server address for ODK Collect and KoboCollect"},
        "collect_qr": {**TEXT, "description": "the QR code that sets up Collect, as SVG"},
    }
)
