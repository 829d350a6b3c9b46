"""SQL of who was heard: counted auditors and their used audits, by what they say of themselves."""

from datetime import datetime

from sqlalchemy import Connection

from analysis.disclosure.summary import Voices
from server.queries.moderation import HELD
from server.queries.observations import AUDITOR, CURRENT, MADE_AT

# Every group there is, though nobody of it was heard: who is missing is half of the answer.
GROUPS = {
    "gender": ("woman", "man", "other"),
    "age_band": ("under_18", "18_24", "25_39", "40_59", "60_plus"),
    "disability": ("yes", "no"),
}
NOT_SAID = "not_said"

_QUERY = f"""
WITH {AUDITOR},
{HELD},
given AS (
    SELECT a.device_id, p.gender, p.age_band, p.disability
    FROM audit AS a
    JOIN auditor USING (device_id)
    LEFT JOIN profile AS p ON p.city_id = a.city_id AND p.device_id = a.device_id
    WHERE {CURRENT} AND auditor.counted
      AND (a.audit_id, a.version) NOT IN (TABLE held) AND a.instrument_id = %(instrument_id)s
      AND {MADE_AT} < %(as_of)s
)
SELECT gender, age_band, disability, GROUPING(gender), GROUPING(age_band), GROUPING(disability),
       count(DISTINCT device_id), count(*)
FROM given
GROUP BY GROUPING SETS ((), (gender), (age_band), (disability))"""  # noqa: S608 - the program's own words


def read_voices(
    connection: Connection, *, city_id: int, time_zone: str, instrument_id: str, as_of: datetime
) -> list[Voices]:
    """Return everybody, then every group of every dimension and those who did not say, heard or not.

    Audits observed (or, where that is unknown, received) before `as_of`.
    """
    values = {
        "city_id": city_id,
        "time_zone": time_zone,
        "instrument_id": instrument_id,
        "as_of": as_of,
    }
    found: dict[str, tuple[int, int]] = {}
    for *said, gender, age_band, disability, auditors, audits in connection.exec_driver_sql(_QUERY, values):
        rolled_up = dict(zip(GROUPS, (gender, age_band, disability), strict=True))
        of = [
            f"{name}:{value or NOT_SAID}"
            for (name, rolled), value in zip(rolled_up.items(), said, strict=True)
            if not rolled
        ]
        found[of[0] if of else ""] = (auditors, audits)
    return [_voices(group, found) for group in _every_group()]


def _every_group() -> list[str]:
    return ["", *(f"{name}:{value}" for name, values in GROUPS.items() for value in (*values, NOT_SAID))]


def _voices(group: str, found: dict[str, tuple[int, int]]) -> Voices:
    auditors, audits = found.get(group, (0, 0))
    return Voices(group=group, auditors=auditors, audits=audits)
