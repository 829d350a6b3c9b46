"""SQL of audits that arrive: each version kept once, those of many senders by one statement."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from server.prepared import Prepared, Text, to_moment, to_uuids

# One statement for all that several devices send at once. Each device is locked against a concurrent erasure,
# which the foreign key would do anyway; of one that was erased or revoked, or came of age or grew younger
# since it was looked up, nothing is inserted. Devices and rows are sorted so that overlapping statements
# cannot deadlock.
_INSERT = Prepared("""
WITH sender AS (
    SELECT device.device_id
    FROM unnest($2::uuid[], $3::boolean[]) AS believed (device_id, minor) JOIN device USING (device_id)
    WHERE device.city_id = $1 AND device.erased_at IS NULL AND device.revoked_at IS NULL
      AND believed.minor = EXISTS (
        SELECT FROM profile
        WHERE profile.city_id = $1 AND profile.device_id = believed.device_id AND age_band = 'under_18')
    ORDER BY device.device_id
    FOR KEY SHARE OF device
), kept AS (
    INSERT INTO audit (city_id, audit_id, version, device_id, content_hash, instrument_id,
                       instrument_version, location, accuracy_m, cell, observed_at, answered_at, daypart,
                       ratings, answers, comment, mode, used, flags)
    SELECT $1, a.id, a.version, device_id, decode(a.hash, 'base64'), a.instrument_id,
           a.instrument_version, ST_SetSRID(ST_MakePoint(a.lng, a.lat), 4326), a.accuracy_m, a.cell,
           a.observed_at, a.answered_at, a.daypart, a.ratings, a.answers, a.comment, a.mode, a.used, a.flags
    FROM sender JOIN json_to_recordset($4::json) AS a(
        id uuid, version smallint, device_id uuid, hash text, instrument_id text, instrument_version smallint,
        lat float8, lng float8, accuracy_m real, cell bigint, observed_at timestamptz,
        answered_at timestamptz, daypart smallint, ratings smallint[], answers jsonb, comment text, mode text,
        used boolean, flags text[]) USING (device_id)
    ORDER BY a.id
    ON CONFLICT DO NOTHING
    RETURNING audit_id
)
SELECT now(), ARRAY(SELECT device_id FROM sender),
       CASE WHEN count(*) < $5 THEN COALESCE(array_agg(audit_id), '{}') END
FROM kept
""")


class AuditRow(msgspec.Struct, frozen=True, gc=False):
    """One version of an audit as `insert_audits` takes it: the record in `_INSERT`."""

    id: UUID
    version: int
    device_id: UUID
    hash: bytes
    instrument_id: str
    instrument_version: int
    lat: float
    lng: float
    accuracy_m: float | None
    cell: int
    observed_at: datetime | None
    answered_at: datetime | None
    daypart: int
    ratings: Sequence[int]
    answers: Mapping[str, Any] | None
    comment: str | None
    mode: str | None
    used: bool
    flags: tuple[str, ...]


class Parcel:
    """What one device sends at once: versions of audits, each id once.

    `minor` is whether its holder is believed to be under 18: what the rows may hold depends on that.
    """

    def __init__(self, *, device_id: UUID, minor: bool, rows: Sequence[AuditRow]) -> None:
        self.device_id = device_id
        self.minor = minor
        self.ids = {row.id for row in rows}
        self.encoded = msgspec.json.encode(rows)
        """The rows as `_INSERT` takes them, made where no other parcel waits for it."""


@dataclass(frozen=True, slots=True)
class Inserted:
    """What an insert came to: the time in the store, and the ids that were there before."""

    received_at: datetime
    left_out: Set[UUID]


def insert_audits(
    connection: Connection, *, city_id: int, parcels: Sequence[Parcel]
) -> list[Inserted | None]:
    """Insert the versions that are not there yet, by one statement; return what each parcel came to.

    No two parcels may be of one device or share an id. None stands for a parcel of which nothing was
    inserted, because its device was erased or revoked, or is not `minor` as believed.
    """
    rows = b",".join(memoryview(parcel.encoded)[1:-1] for parcel in parcels if parcel.ids)
    [(received_at, standing, kept)] = _INSERT.rows(
        connection,
        city_id,
        [parcel.device_id for parcel in parcels],
        [parcel.minor for parcel in parcels],
        Text(b"[%b]" % rows),
        sum(len(parcel.ids) for parcel in parcels),
    )
    moment, stands = to_moment(received_at), set(to_uuids(standing))
    new = None if kept is None else set(to_uuids(kept))
    return [
        Inserted(moment, frozenset() if new is None else parcel.ids - new)
        if parcel.device_id in stands
        else None
        for parcel in parcels
    ]
