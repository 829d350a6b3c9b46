"""SQL of what is screened: the recent audits of phones, and the new devices that begin to count in cells."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from analysis.abuse.bursts import PAST_DAYS, Arrivals
from analysis.abuse.plausibility import Traces
from analysis.observations import MISSING
from server.queries import binary_copy
from server.queries.binary_copy import BOOL, FLOAT8, INT2, INT4, INT8, Records, read_records, uuids
from server.queries.moderation import HIDDEN
from server.queries.observations import AUDITOR, CURRENT

RECENT_DAYS = 30
"""Audits are screened so long after they came."""
NEW_DAYS = 90
"""A device is new so long after it was enrolled."""

_TRACES = f"""
WITH {HIDDEN}
SELECT a.audit_id, a.version, dense_rank() OVER (ORDER BY a.device_id)::int8,
       COALESCE(ST_Y(a.location), 'NaN'), COALESCE(ST_X(a.location), 'NaN'),
       COALESCE(a.accuracy_m, 'NaN')::float8,
       COALESCE(EXTRACT(epoch FROM a.observed_at), 'NaN')::float8,
       COALESCE((a.observed_at AT TIME ZONE %(time_zone)s)::date - date '1970-01-01', 0)::int4,
       dense_rank() OVER (ORDER BY a.instrument_id, a.instrument_version)::int8,
       EXISTS (SELECT FROM admission WHERE admission.city_id = a.city_id
                 AND admission.audit_id = a.audit_id AND admission.version = a.version)
       OR EXISTS (SELECT FROM moderation_audit AS m JOIN moderation_case AS c USING (city_id, case_id)
                  WHERE m.city_id = a.city_id AND m.audit_id = a.audit_id AND m.version = a.version
                    AND c.reason = ANY(%(reasons)s)){{ratings}}
FROM audit AS a JOIN device AS d USING (city_id, device_id)
WHERE {CURRENT} AND d.origin = 'phone' AND a.exact
  AND a.received_at >= %(as_of)s - make_interval(days => %(days)s) AND a.received_at < %(as_of)s"""  # noqa: S608 - the program's own words
_TRACE_COLUMNS = {
    "audit_id": binary_copy.UUID,
    "version": INT2,
    "device": INT8,
    "lat": FLOAT8,
    "lng": FLOAT8,
    "accuracy_m": FLOAT8,
    "observed_s": FLOAT8,
    "day": INT4,
    "instrument": INT8,
    "settled": BOOL,
}

# A device arrives in a cell when it counts (docs/privacy.md, rule 3) and has an audit there.
_ARRIVALS = f"""
WITH {AUDITOR},
since AS (
    SELECT device_id, min(enrolled_at) AS enrolled_at,
           GREATEST(min(enrolled_at) + interval '14 days', (array_agg(received_at ORDER BY received_at))[3],
                    min(received_at) FILTER (WHERE day > first_day)) AS counted_at
    FROM (SELECT *, min(day) OVER (PARTITION BY device_id) AS first_day
          FROM (SELECT *, (received_at AT TIME ZONE %(time_zone)s)::date AS day FROM heard) AS dated) AS dated
    WHERE device_id IN (TABLE regular) AND device_id NOT IN (TABLE walker)
      AND enrolled_at >= %(as_of)s - make_interval(days => %(days)s + %(new_days)s)
    GROUP BY device_id
),
burst AS (
    SELECT c.cell, a.device_id, bool_or(c.state = 'waiting') AS waits,
           bool_or(c.state = 'accepted') AS vouched
    FROM moderation_case AS c
    JOIN moderation_audit AS m USING (city_id, case_id)
    JOIN audit AS a ON a.city_id = c.city_id AND a.audit_id = m.audit_id
    WHERE c.city_id = %(city_id)s AND c.reason = 'burst'
    GROUP BY c.cell, a.device_id
),
arrival AS (
    SELECT device_id, h3_parent(heard.cell, %(resolution)s) AS cell, since.enrolled_at,
           GREATEST(since.counted_at, min(heard.received_at)) AS arrived_at
    FROM heard JOIN since USING (device_id)
    GROUP BY device_id, h3_parent(heard.cell, %(resolution)s), since.enrolled_at, since.counted_at
)
SELECT device_id, arrival.cell, (EXTRACT(epoch FROM %(as_of)s - arrived_at) / 86400)::float8,
       COALESCE(burst.waits, false), COALESCE(burst.vouched, false)
FROM arrival LEFT JOIN burst USING (cell, device_id)
WHERE arrived_at >= %(as_of)s - make_interval(days => %(days)s)
  AND arrived_at <= arrival.enrolled_at + make_interval(days => %(new_days)s)
ORDER BY arrival.cell, device_id"""  # noqa: S608 - the program's own words
_ARRIVAL_COLUMNS = {
    "device_id": binary_copy.UUID,
    "cell": INT8,
    "days_ago": FLOAT8,
    "suspected": BOOL,
    "vouched": BOOL,
}

_WAITING_THERE = text("""
SELECT a.audit_id FROM audit AS a
WHERE a.city_id = :city_id AND a.device_id = ANY(:devices) AND a.state = 'kept' AND a.used
  AND h3_parent(a.cell, :resolution) = :cell
  AND NOT EXISTS (SELECT FROM audit AS later
                  WHERE later.city_id = a.city_id AND later.audit_id = a.audit_id AND later.version > 1
                    AND later.version > a.version)
  AND NOT EXISTS (SELECT FROM admission WHERE admission.city_id = a.city_id
                    AND admission.audit_id = a.audit_id AND admission.version = a.version)
  AND NOT EXISTS (SELECT FROM moderation_audit AS m JOIN moderation_case AS c USING (city_id, case_id)
                  WHERE m.city_id = a.city_id AND m.audit_id = a.audit_id AND c.reason = 'burst')
ORDER BY a.audit_id
""")


@dataclass(frozen=True, kw_only=True, eq=False)
class RecentAudits:
    """The recent audits of phones: how they were made, and which they are."""

    traces: Traces
    audit: Records
    """`audit_id` (two halves) and `version` of each row."""
    settled: NDArray[np.bool_]
    """Whether it is in public layers, or a moderator has been asked about it, so that it is left alone."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NewDevices:
    """The arrivals of new devices in cells, and which devices they are."""

    arrivals: Arrivals
    device_id: Records
    """Two halves of each."""


def read_recent(
    connection: Connection, *, city_id: int, time_zone: str, ratings: int, as_of: datetime
) -> RecentAudits:
    """Return the current, used audits of phones received in the 30 days before `as_of`, exact yet.

    `ratings` is the largest number of ratings that an instrument of the city asks.
    """
    names = [f"rating_{column}" for column in range(ratings)]
    told = "".join(f",\n       COALESCE(a.ratings[{place:d}], -1)::int2" for place in range(1, ratings + 1))
    values = {
        "city_id": city_id,
        "time_zone": time_zone,
        "as_of": as_of,
        "days": RECENT_DAYS,
        "reasons": ["coarse", "copied", "leap"],
    }
    columns = _TRACE_COLUMNS | dict.fromkeys(names, INT2)
    found = read_records(connection, _TRACES.format(ratings=told), values, columns=columns)
    levels = np.full((len(found), ratings), MISSING, dtype=np.int8)
    for place, name in enumerate(names):
        levels[:, place] = found[name]
    traces = Traces(
        device=_native(found, "device"),
        lat=_native(found, "lat"),
        lng=_native(found, "lng"),
        accuracy_m=_native(found, "accuracy_m"),
        observed_s=_native(found, "observed_s"),
        day=_native(found, "day"),
        instrument=_native(found, "instrument"),
        ratings=levels,
    )
    return RecentAudits(traces=traces, audit=found[["audit_id", "version"]], settled=found["settled"])


def read_new_devices(
    connection: Connection, *, city_id: int, time_zone: str, resolution: int, as_of: datetime
) -> NewDevices:
    """Return the arrivals in the 14 weeks before `as_of` of devices enrolled at most 90 days before them."""
    values = {
        "city_id": city_id,
        "time_zone": time_zone,
        "resolution": resolution,
        "as_of": as_of,
        "days": PAST_DAYS,
        "new_days": NEW_DAYS,
    }
    found = read_records(connection, _ARRIVALS, values, columns=_ARRIVAL_COLUMNS)
    arrivals = Arrivals(
        cell=_native(found, "cell"),
        days_ago=_native(found, "days_ago"),
        suspected=found["suspected"],
        vouched=found["vouched"],
    )
    return NewDevices(arrivals=arrivals, device_id=found["device_id"])


def list_waiting_there(
    connection: Connection, *, city_id: int, resolution: int, cell: int, device_id: Records
) -> list[UUID]:
    """Return the audits of devices (two halves each) in a cell that no run admitted and no burst caught."""
    values = {"city_id": city_id, "resolution": resolution, "cell": cell, "devices": uuids(device_id)}
    return list(connection.scalars(_WAITING_THERE, values))


def _native(records: Records, name: str) -> NDArray[Any]:
    """Return a column in the byte order of the machine."""
    column = records[name]
    return np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("="))
