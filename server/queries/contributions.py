"""SQL of what people contribute to an aggregate with noise.

Whether and how a person takes part is decided by her own audits and what she says of herself alone. So one
person more or less changes what is read by her rows and no others, on which differential privacy rests: no
rank among others, no head count that is full, no burst beside her matters here. What a moderator hid is as if
it had not come.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from analysis.instrument import DAYPARTS, Instrument
from server.queries.binary_copy import INT2, INT4, INT8, Records, read_records
from server.queries.observations import CURRENT, GENDER, PATIENCE, rating_of
from server.queries.release_audits import QUARTER_OF_AUDIT

GENDERS = ("woman", "man", "other")
_COLUMNS = {"person": INT4, "cell": INT8, "level": INT2}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which audits an aggregate is of."""

    quarter: int
    """year * 4 + 0..3"""
    rating: str | None
    """None: people, whatever they answered."""
    daypart: str | None
    """Of DAYPARTS; None: all."""
    gender: str | None
    """Of GENDERS; None: everybody, those included who did not say."""


def read_contributions(
    connection: Connection,
    *,
    city_id: int,
    time_zone: str,
    versions: Mapping[int, Instrument],
    wanted: Wanted,
    as_of: datetime,
) -> Records:
    """Return person, cell of resolution 11 and level (0 where people alone are wanted) of each audit.

    People are those of imports, regular ones, and all phones of a campaign whose head count is confirmed.
    """
    values = {
        "city_id": city_id,
        "time_zone": time_zone,
        "instrument_id": versions[max(versions)].id,
        "as_of": as_of,
        "quarter": wanted.quarter,
        "daypart": None if wanted.daypart is None else DAYPARTS.index(wanted.daypart),
        "gender": None if wanted.gender is None else 1 + GENDERS.index(wanted.gender),
    }
    return read_records(connection, _query(versions, wanted.rating), values, columns=_COLUMNS)


def _query(versions: Mapping[int, Instrument], rating: str | None) -> str:
    asked = [one for one in versions[max(versions)].ratings if one.name == rating]
    level = rating_of(asked[0], versions) if rating is not None else "0::int2"
    return f"""
WITH {PATIENCE},
person AS (
    SELECT d.device_id, row_number() OVER (ORDER BY d.device_id)::int4 AS code, {GENDER} AS gender
    FROM device AS d LEFT JOIN profile AS p USING (city_id, device_id)
    WHERE d.city_id = %(city_id)s
      AND (d.origin = 'import' OR d.device_id IN (TABLE regular)
           OR d.device_id IN (SELECT device_id FROM walked WHERE confirmed_headcount IS NOT NULL))
)
SELECT person.code, a.cell, given.level
FROM audit AS a
JOIN person USING (device_id)
CROSS JOIN LATERAL (SELECT {level} AS level) AS given
WHERE {CURRENT} AND a.instrument_id = %(instrument_id)s AND a.received_at < %(as_of)s
  AND {QUARTER_OF_AUDIT} = %(quarter)s AND given.level >= 0
  AND (a.daypart = %(daypart)s::int2 OR %(daypart)s::int2 IS NULL)
  AND (person.gender = %(gender)s::int2 OR %(gender)s::int2 IS NULL)"""  # noqa: S608 - the program's own words
