"""SQL of photos: kept once, found by what was sent, deleted with what they belong to, their files noted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, func, insert, literal, select, text, tuple_, update

from server.models.audit import audit
from server.models.photo import loose_photo, photo


@dataclass(frozen=True)
class PhotoRow:
    """One photo, as far as showing it needs to know it."""

    sha256: bytes
    name: str
    stored_sha256: bytes
    width: int
    height: int
    faces: int
    received_at: datetime


_COLUMNS = [photo.c[name] for name in PhotoRow.__dataclass_fields__]
_HOLD = text("""
SELECT 1 FROM audit WHERE city_id = :city_id AND audit_id = :audit_id ORDER BY version FOR NO KEY UPDATE
""")
_IS_MINOR = text("""
SELECT EXISTS (SELECT FROM profile
               WHERE city_id = :city_id AND device_id = :device_id AND age_band = 'under_18')
""")
_MARK_DROPPED = text("""
UPDATE audit SET flags = array_append(flags, 'dropped')
WHERE city_id = :city_id AND audit_id = :audit_id AND device_id = :device_id AND cell IS NOT NULL
  AND NOT 'dropped' = ANY(flags)
""")

# One at a time, those that somebody else removes just now passed over.
_TAKE_LOOSE = text("""
DELETE FROM loose_photo WHERE (city_id, name) = (
    SELECT city_id, name FROM loose_photo WHERE due_at <= now()
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING name
""")


def hold_audit(connection: Connection, *, city_id: int, audit_id: UUID) -> None:
    """Keep an audit from being withdrawn or given photos by others until the transaction ends."""
    connection.execute(_HOLD, {"city_id": city_id, "audit_id": audit_id})


def is_minor(connection: Connection, *, city_id: int, device_id: UUID) -> bool:
    """Return whether the holder of a device says to be under 18."""
    return bool(connection.scalar(_IS_MINOR, {"city_id": city_id, "device_id": device_id}))


def mark_dropped(connection: Connection, *, city_id: int, audit_id: UUID, device_id: UUID) -> None:
    """Say in the flags of an audit that something sent with it was not stored."""
    values = {"city_id": city_id, "audit_id": audit_id, "device_id": device_id}
    connection.execute(_MARK_DROPPED, values)


def announce_file(connection: Connection, *, city_id: int, name: str, within: timedelta) -> None:
    """Note a file that is about to be put; it may be removed if no photo takes it over within this time."""
    due_at = func.now() + literal(within)
    connection.execute(insert(loose_photo).values(city_id=city_id, name=name, due_at=due_at))


def release_file(connection: Connection, *, city_id: int, name: str) -> None:
    """Say that no photo will take an announced file over: it may be removed now."""
    own = (loose_photo.c.city_id == city_id) & (loose_photo.c.name == name)
    connection.execute(update(loose_photo).where(own).values(due_at=func.now()))


def insert_photo(connection: Connection, *, city_id: int, values: Mapping[str, Any]) -> PhotoRow | None:
    """Keep a photo, which takes its announced file over; return None where that was removed meanwhile."""
    own = (loose_photo.c.city_id == city_id) & (loose_photo.c.name == values["name"])
    if connection.execute(delete(loose_photo).where(own)).rowcount != 1:
        return None
    row = connection.execute(insert(photo).values(city_id=city_id, **values).returning(*_COLUMNS)).one()
    return PhotoRow(*row)


def list_photos(
    connection: Connection, *, city_id: int, audit_id: UUID, device_id: UUID | None = None
) -> list[PhotoRow]:
    """Return the photos of an audit, oldest first: those of a device, else those that its own device sent.

    Of an audit that never came to be, its submission being in quarantine, those that any device sent.
    """
    owner = select(audit.c.device_id).where(
        audit.c.city_id == city_id, audit.c.audit_id == audit_id, audit.c.version == 1
    )
    sender = func.coalesce(owner.scalar_subquery(), photo.c.device_id) if device_id is None else device_id
    chosen = (photo.c.city_id == city_id, photo.c.audit_id == audit_id, photo.c.device_id == sender)
    rows = connection.execute(select(*_COLUMNS).where(*chosen).order_by(photo.c.received_at, photo.c.sha256))
    return [PhotoRow(*row) for row in rows]


def delete_photos_of_audits(connection: Connection, *, city_id: int, ids: Sequence[UUID]) -> None:
    """Delete the photos that the devices of these audits sent of them, and note their files."""
    owners = select(audit.c.audit_id, audit.c.device_id).where(
        audit.c.city_id == city_id, audit.c.audit_id.in_(ids)
    )
    _delete(connection, city_id, tuple_(photo.c.audit_id, photo.c.device_id).in_(owners))


def delete_photos_of_device(connection: Connection, *, city_id: int, device_id: UUID) -> None:
    """Delete all photos that a device sent, and note their files."""
    _delete(connection, city_id, photo.c.device_id == device_id)


def delete_photos_before(connection: Connection, *, city_id: int, before: datetime) -> None:
    """Delete the photos received before a time, and note their files."""
    _delete(connection, city_id, photo.c.received_at < before)


def take_loose_file(connection: Connection) -> str | None:
    """Return the name of a file that may be removed, forgotten and held until the transaction ends."""
    name: str | None = connection.scalar(_TAKE_LOOSE)
    return name


def _delete(connection: Connection, city_id: int, chosen: ColumnElement[bool]) -> None:
    gone = delete(photo).where(photo.c.city_id == city_id, chosen).returning(photo.c.city_id, photo.c.name)
    rows = gone.cte("gone")
    noted = insert(loose_photo).from_select(
        ["city_id", "name", "due_at"], select(rows.c.city_id, rows.c.name, func.now())
    )
    connection.execute(noted)
