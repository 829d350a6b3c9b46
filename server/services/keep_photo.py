"""Keep a photo: the one door, for phones that send it by itself and for what comes with a submission."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from server.database import Database
from server.errors import Conflict, NotAuthenticated, Unavailable
from server.photos.album import Album, new_name
from server.photos.darkroom import Darkroom
from server.queries.devices import hold_phone
from server.queries.photos import (
    PhotoRow,
    announce_file,
    insert_photo,
    is_minor,
    list_photos,
    mark_dropped,
    release_file,
)
from server.services.remove_loose_photos import remove_loose_photos

MOST_PHOTOS = 20
"""Of one audit, by one device."""
# From before its file is written until the photo is committed; beyond it, a crash is taken for certain.
_TIME_TO_TAKE_OVER = timedelta(minutes=10)

Hold = Callable[[Connection], None]
"""Holds what a photo is to belong to until the transaction ends, or raises a Refusal where it is gone."""


@dataclass(frozen=True, kw_only=True)
class Studio:
    """What photos go through: the store, the files, the place where they are drawn anew."""

    database: Database
    album: Album
    darkroom: Darkroom


class KeptPhoto(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a photo: `created`, a `duplicate`, or `dropped`, its sender being under 18."""

    sha256: str
    status: str
    stored_sha256: str | None = None
    width: int | None = None
    height: int | None = None
    faces: int | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a photo belongs."""

    city_id: int
    device_id: UUID
    audit_id: UUID
    hold: Hold


def keep_photo(studio: Studio, place: Place, content: bytes) -> KeptPhoto:
    """Return what became of a photo; what is `created` is on disk, the file first and then the row.

    The bytes as sent are known by their SHA-256 ever after and kept nowhere; the same again is a duplicate
    and is not drawn again. No connection is held while the picture is drawn. Raises what `Darkroom.develop`
    and `Album.put` and the place's hold raise, Conflict beyond MOST_PHOTOS, NotAuthenticated where the device
    was erased or revoked meanwhile.
    """
    digest = sha256(content).digest()
    with studio.database.transaction() as connection:
        known = _admit(connection, place, digest)
    if known is not None:
        return known
    drawn, jpeg = studio.darkroom.develop(content)
    with _file(studio, place.city_id, jpeg) as name, studio.database.transaction() as connection:
        known = _admit(connection, place, digest)
        if known is not None:
            return known
        columns = {
            "audit_id": place.audit_id,
            "device_id": place.device_id,
            "sha256": digest,
            "name": name,
            "stored_sha256": sha256(jpeg).digest(),
            "bytes": len(jpeg),
            **asdict(drawn),
        }
        row = insert_photo(connection, city_id=place.city_id, values=columns)
        if row is None:
            raise Unavailable("keeping the photo took too long; send the same again")
        return _told(row, "created")


@contextmanager
def _file(studio: Studio, city_id: int, jpeg: bytes) -> Iterator[str]:
    """Yield the name of a file just put; on leaving it is removed, unless a photo took it over."""
    name = new_name()
    with studio.database.transaction() as connection:
        announce_file(connection, city_id=city_id, name=name, within=_TIME_TO_TAKE_OVER)
    try:
        studio.album.put(name, jpeg)
        yield name
    finally:
        with studio.database.transaction() as connection:
            release_file(connection, city_id=city_id, name=name)
        remove_loose_photos(studio.database, studio.album)


def _admit(connection: Connection, place: Place, digest: bytes) -> KeptPhoto | None:
    """Return what is told of a photo that need not be kept, None of one that may be; its place is held."""
    city_id, device_id, audit_id = place.city_id, place.device_id, place.audit_id
    if not hold_phone(connection, city_id=city_id, device_id=device_id):
        raise NotAuthenticated("this phone was erased or revoked")
    place.hold(connection)
    if is_minor(connection, city_id=city_id, device_id=device_id):
        mark_dropped(connection, city_id=city_id, audit_id=audit_id, device_id=device_id)
        return KeptPhoto(sha256=digest.hex(), status="dropped")
    found = list_photos(connection, city_id=city_id, audit_id=audit_id, device_id=device_id)
    for row in found:
        if row.sha256 == digest:
            return _told(row, "duplicate")
    if len(found) >= MOST_PHOTOS:
        raise Conflict(f"this audit has {MOST_PHOTOS} photos, which is the limit")
    return None


def _told(row: PhotoRow, status: str) -> KeptPhoto:
    return KeptPhoto(
        sha256=row.sha256.hex(),
        status=status,
        stored_sha256=row.stored_sha256.hex(),
        width=row.width,
        height=row.height,
        faces=row.faces,
        received_at=row.received_at,
    )
