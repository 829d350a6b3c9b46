"""SQL of what an analysis knows: a city's current, used audits of one instrument, and whose voice counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from analysis.disclosure.admission import ALONE
from analysis.instrument import Instrument, Question
from analysis.observations import NO_DAY, Observations
from server.queries.admission import STALE
from server.queries.binary_copy import BOOL, INT2, INT4, INT8, UUID, Records, read_records, record_type
from server.queries.moderation import FROZEN, HELD, HIDDEN

# The highest version is the current one; only corrections and tombstones are in the index asked here. What a
# moderator hid is as if it had not come.
CURRENT = """a.city_id = %(city_id)s AND a.state = 'kept' AND a.used AND a.audit_id NOT IN (TABLE hidden)
      AND NOT EXISTS (
        SELECT FROM audit AS later
        WHERE later.city_id = a.city_id AND later.audit_id = a.audit_id AND later.version > 1
          AND later.version > a.version)"""

# Who counts towards k (docs/privacy.md): people of imports; a campaign's phones with an audit observed during
# it, whenever it came, in the order in which their first such audit arrived, up to the confirmed head count;
# others after 3 audits on 2 days, the device being 14 days old. A walk begins on the hour, as old audits are
# known to the hour; what was practice when it came is not used. The texts here are put together from the
# program's own words alone.
PATIENCE = f"""
{HIDDEN},
heard AS (
    SELECT a.device_id, a.cell, a.observed_at, a.received_at, d.enrolled_at, d.campaign_id
    FROM audit AS a JOIN device AS d USING (city_id, device_id)
    WHERE {CURRENT} AND d.origin = 'phone' AND a.received_at < %(as_of)s
),
regular AS (
    SELECT device_id FROM heard
    WHERE enrolled_at <= %(as_of)s - interval '14 days'
    GROUP BY device_id
    HAVING count(*) >= 3 AND min((received_at AT TIME ZONE %(time_zone)s)::date)
                           < max((received_at AT TIME ZONE %(time_zone)s)::date)
),
walked AS (
    SELECT heard.device_id, heard.campaign_id, c.confirmed_headcount, min(received_at) AS came_at
    FROM heard JOIN campaign AS c ON c.city_id = %(city_id)s AND c.campaign_id = heard.campaign_id
    WHERE observed_at BETWEEN date_trunc('hour', c.starts_at, %(time_zone)s) AND c.ends_at
    GROUP BY heard.device_id, heard.campaign_id, c.confirmed_headcount
)"""  # noqa: S608 - see above
# When it was made: never after it came, for a phone's clock may run ahead; when it came, where nobody knows.
MADE_AT = "LEAST(a.observed_at, a.received_at)"
GENDER = "CASE p.gender WHEN 'woman' THEN 1 WHEN 'man' THEN 2 WHEN 'other' THEN 3 ELSE 0 END::int2"
AUDITOR = f"""{PATIENCE},
walker AS (
    SELECT device_id FROM (
        SELECT device_id, confirmed_headcount,
               row_number() OVER (PARTITION BY campaign_id ORDER BY came_at, device_id) AS place
        FROM walked
    ) AS arrived
    WHERE place <= confirmed_headcount
),
auditor AS (
    SELECT d.device_id,
           row_number() OVER (ORDER BY d.device_id)::int4 AS code,
           d.origin = 'import' OR d.device_id IN (TABLE regular) OR d.device_id IN (TABLE walker) AS counted,
           {GENDER} AS gender,
           d.origin = 'import' AS imported,
           CASE WHEN d.device_id IN (TABLE walker)
                THEN dense_rank() OVER (ORDER BY d.campaign_id) END AS walk,
           date_trunc('hour', c.starts_at, %(time_zone)s) AS walk_from,
           c.ends_at AS walk_to
    FROM device AS d LEFT JOIN profile AS p USING (city_id, device_id)
    LEFT JOIN campaign AS c USING (city_id, campaign_id)
    WHERE d.city_id = %(city_id)s
)"""  # noqa: S608 - see above

_COLUMNS = {
    "audit_id": UUID,
    "version": INT2,
    "cell": INT8,
    "auditor": INT4,
    "counted": BOOL,
    "daypart": INT2,
    "observed_day": INT4,
    "gender": INT2,
    "admitted": BOOL,
    "split": BOOL,
    "by_gender": BOOL,
    "admitted_gender": INT2,
    "frozen": BOOL,
    "together": INT8,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class UsedAudits:
    """Current, used audits of one instrument: what the analysis sees of them, and which they are."""

    observations: Observations
    audit: Records
    """`audit_id` (two halves) and `version` of each row."""
    admitted: NDArray[np.bool_]
    """Whether an earlier run let it into the public layers."""
    split: NDArray[np.bool_]
    """Whether the public layers of day and night may know it: its batch entered split and lost no audit."""
    by_gender: NDArray[np.bool_]
    """The same for what the public is told of women and of men."""
    frozen: NDArray[np.bool_]
    """Whether nothing is admitted to its cell now: a moderator is asked about a burst there."""
    admitted_gender: NDArray[np.int8]
    """The auditor's gender, coded as in Observations, when the audit was admitted; 0 for others."""
    together: NDArray[np.int64]
    """Equal for audits of one evening of a walk (it ends at 4), or of one day of imports; else `ALONE`."""

    def __len__(self) -> int:
        return len(self.audit)


def read_used_audits(
    connection: Connection,
    *,
    city_id: int,
    time_zone: str,
    resolution: int,
    versions: Mapping[int, Instrument],
    as_of: datetime,
) -> UsedAudits:
    """Return the audits observed (or, where that is unknown, received) before `as_of`.

    `versions` are all versions of the instrument; answers to older ones are kept for the ratings that the
    newest still asks on the same levels. An audit that waits for a moderator is not counted. `auditor` are
    codes in the order of device ids, for this call alone.
    """
    newest = versions[max(versions)]
    ratings = [f"rating_{column}" for column in range(len(newest.ratings))]
    values = {
        "city_id": city_id,
        "time_zone": time_zone,
        "resolution": resolution,
        "instrument_id": newest.id,
        "as_of": as_of,
        "no_day": NO_DAY,
        "alone": ALONE,
    }
    found = read_records(
        connection, _query(versions), values, columns=_COLUMNS | dict.fromkeys(ratings, INT2)
    )
    return UsedAudits(
        observations=_observations(found, newest, ratings),
        audit=_apart(found, "audit_id", "version"),
        admitted=found["admitted"].copy(),
        split=found["split"].copy(),
        by_gender=found["by_gender"].copy(),
        frozen=found["frozen"].copy(),
        admitted_gender=np.ascontiguousarray(found["admitted_gender"], dtype=np.int8),
        together=np.ascontiguousarray(found["together"], dtype=np.int64),
    )


def _apart(found: Records, *names: str) -> Records:
    """Return some columns as records of their own, so that the others need not be kept."""
    records = np.empty(len(found), dtype=record_type({name: _COLUMNS[name] for name in names}))
    for name in names:
        records[name] = found[name]
    return records


def _query(versions: Mapping[int, Instrument]) -> str:
    newest = versions[max(versions)]
    ratings = "".join(f",\n       {rating_of(rating, versions)}" for rating in newest.ratings)
    return f"""
WITH {AUDITOR},
broken AS (SELECT cell, run_id FROM ({STALE}) AS stale),
{HELD},
{FROZEN}
SELECT a.audit_id, a.version, h3_parent(a.cell, %(resolution)s), auditor.code,
       auditor.counted AND (a.audit_id, a.version) NOT IN (TABLE held), a.daypart,
       CASE WHEN a.observed_at IS NULL THEN %(no_day)s
            ELSE ({MADE_AT} AT TIME ZONE %(time_zone)s)::date - date '1970-01-01' END::int4,
       auditor.gender, admission.audit_id IS NOT NULL,
       COALESCE(admission.split AND (admission.cell, admission.run_id) NOT IN (TABLE broken), false),
       COALESCE(admission.by_gender AND (admission.cell, admission.run_id) NOT IN (TABLE broken), false),
       COALESCE(admission.gender, 0)::int2,
       h3_parent(a.cell, %(resolution)s) IN (TABLE frozen),
       CASE WHEN auditor.imported THEN (a.received_at AT TIME ZONE %(time_zone)s)::date - date '1970-01-01'
            WHEN auditor.walk IS NOT NULL AND a.observed_at BETWEEN auditor.walk_from AND auditor.walk_to
            THEN -(auditor.walk * 1000000
                   + ((a.observed_at AT TIME ZONE %(time_zone)s - interval '4 hours')::date
                      - date '1970-01-01'))
            ELSE %(alone)s END::int8{ratings}
FROM audit AS a
JOIN auditor USING (device_id)
LEFT JOIN admission ON admission.city_id = a.city_id AND admission.audit_id = a.audit_id
                   AND admission.version = a.version
WHERE {CURRENT} AND a.instrument_id = %(instrument_id)s
  AND {MADE_AT} < %(as_of)s"""  # noqa: S608 - see above


def rating_of(rating: Question, versions: Mapping[int, Instrument]) -> str:
    """Return the SQL of one rating of the newest version, wherever the one that `a` answers puts it."""
    places = {
        version: place
        for version, instrument in versions.items()
        for place, asked in enumerate(instrument.ratings, start=1)
        if (asked.name, asked.top) == (rating.name, rating.top)
    }
    cases = " ".join(f"WHEN {version:d} THEN a.ratings[{place:d}]" for version, place in places.items())
    return f"COALESCE(CASE a.instrument_version {cases} END, -1)::int2"


def _observations(found: Records, instrument: Instrument, ratings: list[str]) -> Observations:
    def column(name: str, kind: type[np.generic]) -> NDArray[Any]:
        return np.ascontiguousarray(found[name], dtype=kind)

    levels = np.empty((len(found), len(ratings)), dtype=np.int8)
    for place, name in enumerate(ratings):
        levels[:, place] = found[name]
    return Observations(
        instrument=instrument,
        cell=column("cell", np.int64),
        auditor=column("auditor", np.int32),
        counted=column("counted", np.bool_),
        daypart=column("daypart", np.int8),
        observed_day=column("observed_day", np.int32),
        ratings=levels,
        gender=column("gender", np.int8),
    )
