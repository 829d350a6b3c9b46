"""SQL of what a release may be made of, and of which audits went into one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, text

from analysis.disclosure.release import QUARTER, UNKNOWN_QUARTER, WORDS, Audits
from analysis.instrument import Instrument
from server.models.release import released_audit
from server.queries import binary_copy
from server.queries.binary_copy import BOOL, INT2, INT4, INT8, Records, read_records, write_records
from server.queries.moderation import HELD
from server.queries.observations import AUDITOR, CURRENT, MADE_AT, rating_of

_COLUMNS = {
    "audit_id": binary_copy.UUID,
    "version": INT2,
    "cell": INT8,
    "auditor": INT4,
    "counted": BOOL,
    "quarter": INT4,
    "timed": BOOL,
    "daypart": INT2,
    "gender": INT2,
    "age_band": INT2,
    "mode": INT2,
    "disability": INT2,
}
# A quarter as one number, four to the year; an audit whose time nobody knows belongs to that of its arrival.
_MEANT = f"{MADE_AT} AT TIME ZONE %(time_zone)s"
QUARTER_OF_AUDIT = f"(extract(year FROM {_MEANT}) * 4 + extract(quarter FROM {_MEANT}) - 1)::int4"
_NOT_RELEASED = """NOT EXISTS (
    SELECT FROM released_audit AS told WHERE told.city_id = a.city_id AND told.audit_id = a.audit_id)"""

_ANY_OF_QUARTER = text(f"""
SELECT EXISTS (
    SELECT FROM audit AS a
    WHERE a.city_id = :city_id AND a.state = 'kept' AND a.used AND a.instrument_id = :instrument_id
      AND {MADE_AT} >= :begins AND {MADE_AT} < :ends)
""")  # noqa: S608 - the program's own words
_ENDED_SINCE = text("""
SELECT count(*) FROM released_audit AS told
WHERE told.city_id = :city_id AND told.release_id = :release_id AND EXISTS (
    SELECT FROM audit AS later
    WHERE later.city_id = told.city_id AND later.audit_id = told.audit_id AND later.version > 1
      AND later.version > told.version)
""")
_RELEASED_COLUMNS = {"city_id": INT4, "audit_id": binary_copy.UUID, "version": INT2}


@dataclass(frozen=True, kw_only=True, eq=False)
class Unreleased:
    """Audits that no release holds yet, and which they are."""

    audits: Audits
    audit: Records
    """`audit_id` (two halves) and `version` of each row."""

    def __len__(self) -> int:
        return len(self.audit)


def any_of_quarter(
    connection: Connection, *, city_id: int, instrument_id: str, begins: datetime, ends: datetime
) -> bool:
    """Return whether any used audit of an instrument was observed in a span of time."""
    values = {"city_id": city_id, "instrument_id": instrument_id, "begins": begins, "ends": ends}
    return bool(connection.scalar(_ANY_OF_QUARTER, values))


def read_unreleased(
    connection: Connection,
    *,
    city_id: int,
    time_zone: str,
    versions: Mapping[int, Instrument],
    quarters: Sequence[int],
    as_of: datetime,
) -> Unreleased:
    """Return the current, used audits observed in some quarters that are in no release.

    What waits for a moderator waits for a release made later too; what one hid is in none.
    `quarters` are numbers, year * 4 + 0..3; who counts is judged as of a moment. Cells are of resolution 11.
    """
    newest = versions[max(versions)]
    ratings = [f"rating_{column}" for column in range(len(newest.ratings))]
    values = {
        "city_id": city_id,
        "time_zone": time_zone,
        "instrument_id": newest.id,
        "quarters": list(quarters),
        "as_of": as_of,
    }
    columns = _COLUMNS | dict.fromkeys(ratings, INT2)
    found = read_records(connection, _query(versions), values, columns=columns)
    return Unreleased(audits=_audits(found, newest, ratings), audit=found[["audit_id", "version"]])


def insert_released(connection: Connection, *, city_id: int, release_id: str, audit: Records) -> None:
    """Remember that these audits were considered for a release: none of them is for another."""
    name = release_id.encode()
    columns = _RELEASED_COLUMNS | {"release_id": f"S{len(name)}"}
    records = np.empty(len(audit), dtype=binary_copy.record_type(columns))
    records["city_id"], records["release_id"] = city_id, name
    records["audit_id"], records["version"] = audit["audit_id"], audit["version"]
    write_records(connection, "released_audit", records, columns=columns)


def count_ended_since(connection: Connection, *, city_id: int, release_id: str) -> int:
    """Return how many audits of a release were corrected or ended after they were read for it."""
    values = {"city_id": city_id, "release_id": release_id}
    return int(connection.scalar(_ENDED_SINCE, values) or 0)


def forget_released(connection: Connection, *, city_id: int, ids: Sequence[UUID]) -> None:
    """Forget that these audits were in a release; what has ended can be in no other."""
    connection.execute(
        delete(released_audit).where(released_audit.c.city_id == city_id, released_audit.c.audit_id.in_(ids))
    )


def _query(versions: Mapping[int, Instrument]) -> str:
    newest = versions[max(versions)]
    ratings = "".join(f",\n       {rating_of(rating, versions)}" for rating in newest.ratings)
    return f"""
WITH {AUDITOR},
{HELD}
SELECT a.audit_id, a.version, a.cell, auditor.code, auditor.counted, {QUARTER_OF_AUDIT},
       a.observed_at IS NOT NULL, a.daypart, auditor.gender,
       CASE p.age_band WHEN 'under_18' THEN 1 WHEN '18_24' THEN 1 WHEN '25_39' THEN 2 WHEN '40_59' THEN 2
                       WHEN '60_plus' THEN 3 ELSE 0 END::int2,
       {_code_of("a.mode", "mode")}, {_code_of("p.disability", "disability")}{ratings}
FROM audit AS a
JOIN auditor USING (device_id)
LEFT JOIN profile AS p ON p.city_id = a.city_id AND p.device_id = a.device_id
WHERE {CURRENT} AND a.instrument_id = %(instrument_id)s AND a.received_at < %(as_of)s
  AND {QUARTER_OF_AUDIT} = ANY(%(quarters)s) AND {_NOT_RELEASED}
  AND (a.audit_id, a.version) NOT IN (TABLE held)
ORDER BY a.audit_id"""  # noqa: S608 - the program's own words


def _code_of(column: str, name: str) -> str:
    """Return the SQL of a code into the words of a column of a release; 0 where nothing was said."""
    cases = " ".join(f"WHEN '{word}' THEN {code}" for code, word in enumerate(WORDS[name]) if code)
    return f"CASE {column} {cases} ELSE 0 END::int2"


def _audits(found: Records, instrument: Instrument, ratings: list[str]) -> Audits:
    def column(name: str, kind: Any) -> NDArray[Any]:
        return np.ascontiguousarray(found[name], dtype=kind)

    levels = np.empty((len(found), len(ratings)), dtype=np.int8)
    for place, name in enumerate(ratings):
        levels[:, place] = found[name]
    quarter = np.where(found["timed"], found["quarter"], 0)
    numbers, codes = np.unique(quarter, return_inverse=True)
    words = tuple(quarter_text(number) for number in numbers.tolist())
    return Audits(
        instrument=instrument,
        cell=column("cell", np.int64),
        auditor=column("auditor", np.int32),
        counted=column("counted", np.bool_),
        quarters=words,
        codes={QUARTER: codes.astype(np.int8), **{name: column(name, np.int8) for name in WORDS}},
        ratings=levels,
    )


def quarter_text(number: int) -> str:
    """Return a quarter's number, year * 4 + 0..3, as 2026Q3; 0 as unknown."""
    return f"{number // 4}Q{number % 4 + 1}" if number else UNKNOWN_QUARTER
