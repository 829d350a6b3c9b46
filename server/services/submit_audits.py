"""Keep audits, each once, however often they are sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from server.cities import City
from server.errors import Unavailable
from server.intake.content import AuditContent, content_hash
from server.intake.placing import Placing, place
from server.intake.receipts import receipt_for
from server.queries.audits import AuditRow, Kept, insert_audits, list_versions


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


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one audit: `created`, `duplicate` (kept before, as sent) or `conflict`."""

    id: UUID
    status: str
    receipt: str | None = None
    received_at: datetime | None = None
    placing: Placing | None = None
    used: bool | None = None
    flags: tuple[str, ...] = ()


def submit_audits(
    connection: Connection,
    *,
    city: City,
    sender: Sender,
    contents: Sequence[AuditContent],
    secret: bytes,
    now: datetime,
) -> list[Outcome]:
    """Return what became of each audit, in order; what is `created` is on disk once the caller commits.

    All are kept by one statement, so a connection that commits by itself serves too, and saves round trips.
    The same content again is a duplicate for ever, also of an earlier version or a withdrawn audit,
    which it does not revive. Other content under the same id, or another device's id, is a conflict.
    Raises SenderChanged where the device is no longer as `sender` says.
    """
    arrived = _arrivals(contents, city=city, sender=sender, secret=secret, now=now)
    first: dict[UUID, _Arrival] = {}
    for arrival in arrived:
        first.setdefault(arrival.content.id, arrival)
    inserted = insert_audits(
        connection,
        city_id=city.city_id,
        device_id=sender.device_id,
        minor=sender.minor,
        rows=[arrival.row for arrival in first.values()],
    )
    if inserted is None:
        raise SenderChanged("the device was changed at this moment; send the same again")
    unkept = inserted.left_out
    if not unkept and len(first) == len(arrived):
        return [arrival.created(inserted.received_at) for arrival in arrived]
    again = [arrival for arrival in arrived if first[arrival.content.id] is not arrival]
    ids = unkept | {arrival.content.id for arrival in again}
    known = list_versions(connection, city_id=city.city_id, ids=sorted(ids))
    return [
        _resent(arrival, known[arrival.content.id], sender)
        if arrival.content.id in unkept or first[arrival.content.id] is not arrival
        else arrival.created(inserted.received_at)
        for arrival in arrived
    ]


class _Arrival(msgspec.Struct, frozen=True):
    """One audit as it stands before the store: content, place, hash, receipt, row."""

    content: AuditContent
    placing: Placing
    digest: bytes
    receipt: str
    row: AuditRow

    def created(self, received_at: datetime) -> Outcome:
        """Return what its sender is told of it once inserted."""
        return Outcome(
            id=self.content.id,
            status="created",
            receipt=self.receipt,
            received_at=received_at,
            placing=self.placing,
            used=self.row.used,
            flags=self.row.flags,
        )


def _arrivals(
    contents: Sequence[AuditContent], *, city: City, sender: Sender, secret: bytes, now: datetime
) -> list[_Arrival]:
    placings = place(contents, boundary=city.boundary, now=now, practice_before=sender.practice_before)
    arrivals = []
    for content, placing in zip(contents, placings, strict=True):
        digest = content_hash(content, secret=secret)
        arrivals.append(
            _Arrival(
                content,
                placing,
                digest,
                receipt_for(secret=secret, city_id=city.city_id, audit_id=content.id),
                audit_row(content, placing, digest=digest, minor=sender.minor),
            )
        )
    return arrivals


def _resent(arrival: _Arrival, versions: Sequence[Kept], sender: Sender) -> Outcome:
    """Return what becomes of an audit whose id was there: a duplicate of any version, else a conflict."""
    for kept in versions:
        if kept.device_id == sender.device_id and kept.content_hash == arrival.digest:
            return Outcome(
                id=arrival.content.id,
                status="duplicate",
                receipt=arrival.receipt,
                received_at=kept.received_at,
                placing=arrival.placing,
                used=kept.used,
                flags=kept.flags,
            )
    return Outcome(id=arrival.content.id, status="conflict")


def audit_row(
    content: AuditContent, placing: Placing, *, digest: bytes, minor: bool, version: int = 1
) -> AuditRow:
    """Return a version of an audit as it is to be stored.

    A minor's comment is not stored, and the flag `dropped` says so; it does not keep the audit out.
    """
    dropped = minor and content.comment is not None
    return AuditRow(
        id=content.id,
        version=version,
        hash=digest,
        instrument_id=content.instrument_id,
        instrument_version=content.instrument_version,
        lat=content.lat,
        lng=content.lng,
        accuracy_m=content.accuracy_m,
        cell=placing.cell,
        observed_at=content.observed_at,
        answered_at=content.answered_at,
        daypart=placing.daypart,
        ratings=content.ratings,
        answers=content.answers or None,
        comment=None if dropped else content.comment,
        mode=content.mode,
        used=placing.used,
        flags=(*placing.flags, "dropped") if dropped else placing.flags,
    )
