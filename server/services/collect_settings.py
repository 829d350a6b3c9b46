"""What the QR code holds that sets up ODK Collect or KoboCollect for a city."""

import base64
import json
import zlib

# https://docs.getodk.org/collect-import-export/: what is not named stands at its default.
_GENERAL = {
    "form_update_mode": "match_exactly",
    "autosend": "wifi_and_cellular",
    "analytics": False,
}


def collect_address(public_url: str, *, slug: str, token: str) -> str:
    """Return the server address for Collect; `token` is a device's or a campaign's."""
    return f"{public_url}/openrosa/{slug}/{token}"


def collect_settings(address: str, *, project: str) -> str:
    """Return the text of the QR code: Base64 of the zlib-compressed settings as JSON."""
    settings = {"general": {"server_url": address, **_GENERAL}, "admin": {}, "project": {"name": project}}
    packed = zlib.compress(json.dumps(settings, ensure_ascii=False).encode(), level=9)
    return base64.b64encode(packed).decode()
