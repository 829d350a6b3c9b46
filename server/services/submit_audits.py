"""Keep audits, each once, however often they are sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from geo.sun import Daypart
from server.audit_store import AuditStore
from server.cities import City
from server.errors import Unavailable
from server.intake.content import AuditContent, content_hash
from server.intake.placing import Placing, place
from server.intake.receipts import receipt_for
from server.queries.arrivals import AuditRow, Parcel
from server.queries.audits import Kept

DAYPARTS = tuple(part.name.lower() for part in Daypart)


@dataclass(frozen=True, kw_only=True)
class Sender:
    """The device that sends, as authentication found it."""

    device_id: UUID
    minor: bool = False
    """Whether it said to be under 18: comments are not stored."""
    practice_before: datetime | None = None
    """The start of its campaign."""


class SenderChanged(Unavailable):
    """The device was erased or revoked, or its holder's age corrected, since it was looked up."""


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What is told of one audit: it is `created`, a `duplicate` (kept before, as sent) or a `conflict`.

    Of a conflict no more is told, for the audit may be another's.
    """

    id: UUID
    status: str
    receipt: str | None = None
    cell: str | None = None
    daypart: str | None = None
    received_at: datetime | None = None
    used: bool | None = None
    flags: tuple[str, ...] | None = None


def submit_audits(
    store: AuditStore,
    *,
    city: City,
    sender: Sender,
    contents: Sequence[AuditContent],
    secret: bytes,
    now: datetime,
) -> list[Outcome]:
    """Return what became of each audit, in order; what is `created` is on disk once the store commits.

    The same content again is a duplicate for ever, also of an earlier version or a withdrawn audit,
    which it does not revive. Other content under the same id, or another device's id, is a conflict.
    Raises SenderChanged where the device is no longer as `sender` says.
    """
    rows = audit_rows(contents, city=city, sender=sender, secret=secret, now=now)
    first: dict[UUID, AuditRow] = {}
    for row in rows:
        first.setdefault(row.id, row)
    parcel = Parcel(device_id=sender.device_id, minor=sender.minor, rows=list(first.values()))
    inserted = store.insert(city_id=city.city_id, parcel=parcel)
    if inserted is None:
        raise SenderChanged("the device was changed at this moment; send the same again")
    if not inserted.left_out and len(first) == len(rows):
        return [created(row, inserted.received_at, city=city, secret=secret) for row in rows]
    resent = inserted.left_out | {row.id for row in rows if first[row.id] is not row}
    known = store.list_versions(city_id=city.city_id, ids=sorted(resent))
    return [
        created(row, inserted.received_at, city=city, secret=secret)
        if row.id not in inserted.left_out and first[row.id] is row
        else _resent(row, known[row.id], city=city, sender=sender, secret=secret)
        for row in rows
    ]


def audit_rows(
    contents: Sequence[AuditContent],
    *,
    city: City,
    sender: Sender,
    secret: bytes,
    now: datetime,
    version: int = 1,
) -> list[AuditRow]:
    """Return each audit as it is to be stored, in order.

    A minor's comment is not stored, and the flag `dropped` says so; it does not keep the audit out.
    """
    placings = place(contents, boundary=city.boundary, now=now, practice_before=sender.practice_before)
    digests = [content_hash(content, secret=secret) for content in contents]
    return [
        _row(content, placing, sender=sender, digest=digest, version=version)
        for content, placing, digest in zip(contents, placings, digests, strict=True)
    ]


def _row(content: AuditContent, placing: Placing, *, sender: Sender, digest: bytes, version: int) -> AuditRow:
    dropped = sender.minor and content.comment is not None
    flags = placing.flags
    # In the order of the fields: by their names it would take six times as long.
    return AuditRow(
        content.id,
        version,
        sender.device_id,
        digest,
        content.instrument_id,
        content.instrument_version,
        content.lat,
        content.lng,
        content.accuracy_m,
        placing.cell,
        content.observed_at,
        content.answered_at,
        placing.daypart,
        content.ratings,
        content.answers or None,
        None if dropped else content.comment,
        content.mode,
        not flags,
        (*flags, "dropped") if dropped else flags,
    )


def created(row: AuditRow, received_at: datetime, *, city: City, secret: bytes) -> Outcome:
    """Return what the sender of a version is told that was just inserted."""
    return Outcome(
        row.id,
        "created",
        receipt_for(secret=secret, city_id=city.city_id, audit_id=row.id),
        city.public_cell(row.cell),
        DAYPARTS[row.daypart],
        received_at,
        row.used,
        row.flags,
    )


def duplicate(row: AuditRow, kept: Kept, *, city: City, secret: bytes) -> Outcome:
    """Return what the sender of a version is told that was kept before."""
    told = created(row, kept.received_at, city=city, secret=secret)
    return msgspec.structs.replace(told, status="duplicate", used=kept.used, flags=kept.flags)


def _resent(row: AuditRow, versions: Sequence[Kept], *, city: City, sender: Sender, secret: bytes) -> Outcome:
    """Return what becomes of an audit whose id was there: a duplicate of any version, else a conflict."""
    for kept in versions:
        if kept.device_id == sender.device_id and kept.content_hash == row.hash:
            return duplicate(row, kept, city=city, secret=secret)
    return Outcome(row.id, "conflict")
