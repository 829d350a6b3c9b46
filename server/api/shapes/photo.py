"""Photos on the wire."""

from server.api.shapes.base import SHA256, TIME, WHOLE, Shape, answer, list_of

PHOTO_BODY: Shape = {"type": "string", "format": "binary"}

_PHOTO: dict[str, Shape] = {
    "sha256": {**SHA256, "description": "of the bytes as sent, which are not kept"},
    "stored_sha256": {**SHA256, "description": "of the photo as it is kept"},
    "width": WHOLE,
    "height": WHOLE,
    "faces": {**WHOLE, "description": "how many were found, and hidden; not all are found"},
    "received_at": TIME,
}
KEPT_PHOTO = answer(
    {
        "sha256": _PHOTO["sha256"],
        "status": {"type": "string", "enum": ["created", "duplicate", "dropped"]},
    },
    {name: shape for name, shape in _PHOTO.items() if name != "sha256"},
)
PHOTOS = answer({"photos": list_of(answer(_PHOTO))})
