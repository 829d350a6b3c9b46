"""SQL of raw audits that are there: all their versions, those that stand, ending them by a tombstone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from server.queries.moderation import forget_details
from server.queries.photos import delete_photos_of_audits, delete_photos_of_device
from server.queries.release_audits import forget_released
from server.queries.submissions import empty_of_audits, empty_of_device

_KNOWN = text("""
SELECT audit_id, version, device_id, content_hash, received_at, used, flags
FROM audit WHERE city_id = :city_id AND audit_id = ANY(:ids)
""")

_CURRENT = """
SELECT audit_id, version, device_id, state, received_at, instrument_id, instrument_version,
       ST_Y(location) AS lat, ST_X(location) AS lng, accuracy_m, cell, observed_at, answered_at, daypart,
       ratings, answers, comment, mode, used, flags,
       ARRAY(SELECT encode(sha256, 'hex') FROM photo
             WHERE photo.city_id = a.city_id AND photo.audit_id = a.audit_id AND photo.device_id = a.device_id
             ORDER BY photo.received_at, sha256) AS photos
FROM audit AS a
WHERE city_id = :city_id AND {chosen} AND NOT EXISTS (
    SELECT FROM audit AS later
    WHERE later.city_id = a.city_id AND later.audit_id = a.audit_id AND later.version > 1
      AND later.version > a.version)
"""
_CURRENT_BY_ID = text(_CURRENT.format(chosen="audit_id BETWEEN :first AND :last"))
_CURRENT_OF_DEVICE = text(
    _CURRENT.format(
        chosen="device_id = :device_id AND (received_at, audit_id) > (:since, CAST(:after AS uuid))"
    )
    + " ORDER BY received_at, audit_id LIMIT :limit"
)

_EMPTY = """location = NULL, accuracy_m = NULL, cell = NULL, observed_at = NULL, answered_at = NULL,
            daypart = NULL, ratings = NULL, answers = NULL, comment = NULL, mode = NULL,
            instrument_id = NULL, instrument_version = NULL, flags = '{}', used = false"""

_TOMBSTONE = text("""
INSERT INTO audit (city_id, audit_id, version, device_id, state, used, flags)
SELECT city_id, audit_id, version + 1, device_id, :state, false, '{}'
FROM (SELECT DISTINCT ON (audit_id) * FROM audit
      WHERE city_id = :city_id AND audit_id = ANY(:ids) ORDER BY audit_id, version DESC) AS newest
WHERE state = 'kept'
ON CONFLICT DO NOTHING
RETURNING audit_id
""")
_DROP_COMMENTS = text("""
UPDATE audit SET comment = NULL, flags = array_append(array_remove(flags, 'dropped'), 'dropped')
WHERE city_id = :city_id AND device_id = :device_id AND (comment IS NOT NULL OR EXISTS (
    SELECT FROM photo WHERE photo.city_id = audit.city_id AND photo.audit_id = audit.audit_id
                        AND photo.device_id = audit.device_id))
""")
_IDS_OF_DEVICE = text(
    "SELECT DISTINCT audit_id FROM audit WHERE city_id = :city_id AND device_id = :device_id"
)
_EMPTY_VERSIONS = text(
    f"UPDATE audit SET {_EMPTY} WHERE city_id = :city_id AND audit_id = ANY(:ids) AND state = 'kept'"  # noqa: S608 - constant text
)

_FORGET_GENDER = text(
    "UPDATE admission SET gender = 0 WHERE city_id = :city_id AND audit_id = ANY(:ids) AND gender <> 0"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """One stored version, as far as resending needs to know it."""

    version: int
    device_id: UUID
    content_hash: bytes | None
    received_at: datetime
    used: bool
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """The current version of one audit, whole; a tombstone carries no content."""

    audit_id: UUID
    version: int
    device_id: UUID
    state: str
    received_at: datetime
    instrument_id: str | None
    instrument_version: int | None
    lat: float | None
    lng: float | None
    accuracy_m: float | None
    cell: int | None
    observed_at: datetime | None
    answered_at: datetime | None
    daypart: int | None
    ratings: Sequence[int] | None
    answers: dict[str, Any] | None
    comment: str | None
    mode: str | None
    used: bool
    flags: Sequence[str]
    photos: Sequence[str]
    """The SHA-256 of each of its photos, as sent."""


def list_versions(connection: Connection, *, city_id: int, ids: Sequence[UUID]) -> dict[UUID, list[Kept]]:
    """Return every stored version of these audits, oldest first."""
    found: dict[UUID, list[Kept]] = {}
    for row in connection.execute(_KNOWN, {"city_id": city_id, "ids": list(ids)}):
        kept = Kept(row.version, row.device_id, row.content_hash, row.received_at, row.used, tuple(row.flags))
        found.setdefault(row.audit_id, []).append(kept)
    for versions in found.values():
        versions.sort(key=lambda kept: kept.version)
    return found


def list_current(connection: Connection, *, city_id: int, first: UUID, last: UUID) -> list[Stored]:
    """Return the current versions of the audits whose ids lie in first..last (one id: give it twice)."""
    rows = connection.execute(_CURRENT_BY_ID, {"city_id": city_id, "first": first, "last": last})
    return [Stored(**row._mapping) for row in rows]


def list_of_device(
    connection: Connection, *, city_id: int, device_id: UUID, since: datetime, after: UUID, limit: int
) -> list[Stored]:
    """Return the current audits of a device received after (since, id), oldest first."""
    values = {"city_id": city_id, "device_id": device_id, "since": since, "after": after, "limit": limit}
    return [Stored(**row._mapping) for row in connection.execute(_CURRENT_OF_DEVICE, values)]


def list_ids_of_device(connection: Connection, *, city_id: int, device_id: UUID) -> list[UUID]:
    """Return the ids of all audits of a device."""
    rows = connection.execute(_IDS_OF_DEVICE, {"city_id": city_id, "device_id": device_id})
    return [row.audit_id for row in rows]


def drop_comments_and_photos(connection: Connection, *, city_id: int, device_id: UUID) -> None:
    """Take comments and photos from all audits of a device, and say so in their flags.

    Raw XML of its submissions, which may hold comments, goes whole.
    """
    values = {"city_id": city_id, "device_id": device_id}
    connection.execute(_DROP_COMMENTS, values)
    delete_photos_of_device(connection, city_id=city_id, device_id=device_id)
    empty_of_device(connection, city_id=city_id, device_id=device_id)


def end_audits(connection: Connection, *, city_id: int, ids: Sequence[UUID], state: str) -> int:
    """Empty these audits and close each with a tombstone; return how many were still standing.

    Their photos go too, the raw XML that ODK Collect sent, and that they were in a release. `state` is
    `withdrawn` or `erased`.
    Ended audits stay as they are: ending twice is no error.
    """
    values = {"city_id": city_id, "ids": list(ids)}
    ended = connection.execute(_TOMBSTONE, {**values, "state": state}).all()
    for statement in (_EMPTY_VERSIONS, _FORGET_GENDER):
        connection.execute(statement, values)
    forget_details(connection, city_id=city_id, ids=ids)
    empty_of_audits(connection, city_id=city_id, ids=ids)
    forget_released(connection, city_id=city_id, ids=ids)
    delete_photos_of_audits(connection, city_id=city_id, ids=ids)
    return len(ended)
