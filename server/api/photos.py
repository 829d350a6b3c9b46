"""Photos of audits: a phone sends them, moderators alone see them."""

import re
from functools import partial
from hashlib import sha256

from flask import Response
from flask_restx import Namespace, Resource

from server.api.authentication import actor_here
from server.api.context import city_named, services
from server.api.reading import body_bytes, uuid_in_path
from server.api.shapes.photo import KEPT_PHOTO, PHOTO_BODY, PHOTOS
from server.api.writing import json_response
from server.errors import Conflict, Fault, Invalid, NotThere
from server.queries.events import insert_event
from server.queries.photos import PhotoRow, list_photos
from server.services.find_audit import hold_own_audit
from server.services.keep_photo import Place, Studio, keep_photo
from server.services.remove_loose_photos import remove_loose_photos

namespace = Namespace("photos", path="/cities/<city>/audits/<audit>/photos", description="Photos of audits")

_HASH = re.compile(r"[0-9a-f]{64}")
# Beside the headers of all answers: nothing keeps it, and a browser that opens it runs nothing.
_PRIVATE = {"Cache-Control": "private, no-store"}


def studio() -> Studio:
    """Return what photos go through here."""
    here = services()
    return Studio(database=here.database, album=here.album, darkroom=here.darkroom)


def discard_photos() -> None:
    """Remove the files of photos that were deleted; to be called once that is committed."""
    remove_loose_photos(services().database, services().album)


@namespace.route("")
class Photos(Resource):
    """What there is of an audit."""

    @namespace.response(200, "Oldest first", namespace.schema_model("Photos", PHOTOS))
    def get(self, city: str, audit: str) -> Response:
        """List the photos of an audit."""
        town, audit_id = city_named(city), uuid_in_path(audit)
        with services().database.transaction() as connection:
            found = list_photos(connection, city_id=town.city_id, audit_id=audit_id)
        return json_response({"photos": [_told(row) for row in found]}, headers=_PRIVATE)


@namespace.route("/<sha256>")
class OnePhoto(Resource):
    """One photo, known by the SHA-256 of the bytes that were sent."""

    @namespace.doc(
        consumes=["image/jpeg", "image/png", "image/webp"],
        params={"payload": {"in": "body", "required": True, "schema": PHOTO_BODY}},
    )
    @namespace.response(201, "Drawn anew and on disk", namespace.schema_model("KeptPhoto", KEPT_PHOTO))
    @namespace.response(
        200, "Was kept before, or dropped: its sender is under 18", namespace.models["KeptPhoto"]
    )
    @namespace.response(409, "The city takes no photos, the audit was withdrawn, or has as many as it may")
    @namespace.response(413, "More bytes than SAFEAUDIT_MAX_PHOTO_BYTES")
    @namespace.response(415, "No JPEG, PNG or WebP, or something else as well; HEIC is not read")
    @namespace.response(422, "The bytes have another SHA-256, or make no picture within the limits")
    def put(self, city: str, audit: str, sha256: str) -> Response:
        """Send a photo of an own audit; sending it again is safe for ever."""
        town, audit_id, digest = city_named(city), uuid_in_path(audit), _hash_in_path(sha256)
        hold = partial(hold_own_audit, city_id=town.city_id, device_id=actor_here().id, audit_id=audit_id)
        with services().database.transaction() as connection:
            hold(connection)
        if not town.settings.get("photos"):
            raise Conflict("this city takes no photos; send the audit without")
        content = body_bytes(services().settings.max_photo_bytes)
        _expect(content, digest)
        place = Place(city_id=town.city_id, device_id=actor_here().id, audit_id=audit_id, hold=hold)
        kept = keep_photo(studio(), place, content)
        return json_response(kept, status=201 if kept.status == "created" else 200)

    @namespace.doc(produces=["image/jpeg", "application/problem+json"])
    @namespace.response(200, "The photo as it is kept; this is logged")
    def get(self, city: str, audit: str, sha256: str) -> Response:
        """See a photo."""
        town, audit_id, digest = city_named(city), uuid_in_path(audit), _hash_in_path(sha256)
        with services().database.transaction() as connection:
            found = list_photos(connection, city_id=town.city_id, audit_id=audit_id)
            row = next((row for row in found if row.sha256 == digest), None)
            if row is None:
                raise NotThere("no such photo of this audit")
            detail = {"audit": str(audit_id), "photo": digest.hex()}
            actor = f"key:{actor_here().id}"
            insert_event(connection, city_id=town.city_id, actor=actor, action="photo.read", detail=detail)
        response = Response(_read(row), mimetype="image/jpeg", headers=_PRIVATE)
        response.headers["Content-Disposition"] = f'attachment; filename="{digest.hex()[:16]}.jpg"'
        return response


def _hash_in_path(text: str) -> bytes:
    if not _HASH.fullmatch(text):
        raise NotThere("a photo's address ends in its SHA-256, 64 hex digits in small letters")
    return bytes.fromhex(text)


def _expect(content: bytes, digest: bytes) -> None:
    found = sha256(content).digest()
    if found != digest:
        raise Invalid(
            "the photo arrived otherwise than announced; send it again",
            faults=[Fault("", f"its {len(content)} bytes have the SHA-256 {found.hex()}")],
        )


def _read(row: PhotoRow) -> bytes:
    """Return the file of a photo; what is not as it was written is an error of this server."""
    content = services().album.read(row.name)
    if sha256(content).digest() != row.stored_sha256:
        raise OSError(f"the file {row.name} of the album was changed")
    return content


def _told(row: PhotoRow) -> dict[str, object]:
    return {
        "sha256": row.sha256.hex(),
        "stored_sha256": row.stored_sha256.hex(),
        "width": row.width,
        "height": row.height,
        "faces": row.faces,
        "received_at": row.received_at,
    }
