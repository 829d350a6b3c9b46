"""SQL of imported audits: staged in a temporary table, then kept, corrected or known again, set by set."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

STAGED_COLUMNS = (
    "row_number", "audit_id", "device_id", "content_hash", "location", "accuracy_m", "cell", "observed_at",
    "answered_at", "daypart", "ratings", "answers", "comment", "mode", "flags", "gender", "age_band",
    "disability",
)  # fmt: skip
"""The order of the fields of a staged line."""

_STAGE = text("""
CREATE TEMPORARY TABLE incoming (
    row_number bigint, audit_id uuid, device_id uuid, content_hash bytea, location geometry, accuracy_m real,
    cell bigint, observed_at timestamptz, answered_at timestamptz, daypart smallint, ratings smallint[],
    answers jsonb, comment text, mode text, flags text[], gender text, age_band text, disability text
) ON COMMIT DROP
""")

_DEVICES = text("""
INSERT INTO device (city_id, device_id, origin)
SELECT DISTINCT CAST(:city_id AS integer), device_id, 'import' FROM incoming ORDER BY device_id
ON CONFLICT DO NOTHING
""")

# An erasure leaves no device: where its tombstones are all that a file meets, none is made anew.
_UNUSED_DEVICES = text("""
DELETE FROM device USING (SELECT DISTINCT device_id FROM incoming) AS named
WHERE device.city_id = :city_id AND device.device_id = named.device_id AND device.origin = 'import'
  AND NOT EXISTS (SELECT FROM audit WHERE city_id = :city_id AND device_id = named.device_id)
""")

# Of each thing said, the last word counts.
_PROFILES = text("""
INSERT INTO profile (city_id, device_id, gender, age_band, disability)
SELECT CAST(:city_id AS integer), device_id,
    (array_agg(gender ORDER BY row_number DESC) FILTER (WHERE gender IS NOT NULL))[1],
    (array_agg(age_band ORDER BY row_number DESC) FILTER (WHERE age_band IS NOT NULL))[1],
    (array_agg(disability ORDER BY row_number DESC) FILTER (WHERE disability IS NOT NULL))[1]
FROM incoming
WHERE (gender IS NOT NULL OR age_band IS NOT NULL OR disability IS NOT NULL)
  AND EXISTS (SELECT FROM audit WHERE city_id = :city_id AND device_id = incoming.device_id)
GROUP BY device_id
ON CONFLICT (city_id, device_id) DO UPDATE SET
    gender = COALESCE(EXCLUDED.gender, profile.gender),
    age_band = COALESCE(EXCLUDED.age_band, profile.age_band),
    disability = COALESCE(EXCLUDED.disability, profile.disability)
""")

_COLUMNS = """city_id, audit_id, version, device_id, content_hash, instrument_id, instrument_version,
    location, accuracy_m, cell, observed_at, answered_at, daypart, ratings, answers, comment, mode,
    used, flags"""
_FIELDS = """i.device_id, i.content_hash, :instrument_id, CAST(:instrument_version AS smallint), i.location,
    i.accuracy_m, i.cell, i.observed_at, i.answered_at, i.daypart, i.ratings, i.answers, i.comment, i.mode,
    true, i.flags"""
# LATERAL with LIMIT and a scalar subquery: two look-ups by primary key per staged row.
_NEWEST = """incoming AS i CROSS JOIN LATERAL (
    SELECT version, state, device_id, content_hash,
        (SELECT origin FROM device WHERE city_id = :city_id AND device_id = audit.device_id) AS origin
    FROM audit WHERE city_id = :city_id AND audit_id = i.audit_id ORDER BY version DESC LIMIT 1
) AS newest"""

_INSERT = text(f"""
INSERT INTO audit ({_COLUMNS})
SELECT CAST(:city_id AS integer), i.audit_id, 1, {_FIELDS} FROM incoming AS i ORDER BY i.audit_id
ON CONFLICT DO NOTHING
""")  # noqa: S608 - constant text

_CORRECT = text(f"""
INSERT INTO audit ({_COLUMNS})
SELECT CAST(:city_id AS integer), i.audit_id, newest.version + 1, {_FIELDS} FROM {_NEWEST}
WHERE newest.state = 'kept' AND newest.origin = 'import'
  AND (newest.content_hash, newest.device_id) IS DISTINCT FROM (i.content_hash, i.device_id)
ORDER BY i.audit_id
ON CONFLICT DO NOTHING
""")  # noqa: S608 - constant text

_TAKEN = text(f"""
SELECT i.row_number FROM {_NEWEST}
WHERE newest.state = 'kept' AND newest.origin <> 'import' AND newest.content_hash <> i.content_hash
""")  # noqa: S608 - constant text


def refresh_statistics(connection: Connection) -> None:
    """Tell the planner how large the tables are: of a city that came a moment ago it would guess one row."""
    connection.execute(text("ANALYZE device, audit"))


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What became of the staged rows; all others were kept before, as they are, or are ended."""

    accepted: int
    updated: int
    taken: tuple[int, ...]
    """Rows whose id belongs to an audit that a phone sent."""


def stage_audits(connection: Connection, lines: Iterable[str]) -> None:
    """Lay rows, as lines of PostgreSQL's COPY text format in the order of STAGED_COLUMNS, beside the table.

    They are gone at the end of the transaction.
    """
    connection.execute(_STAGE)
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY incoming ({', '.join(STAGED_COLUMNS)}) FROM STDIN") as copy:
        copy.write("".join(lines).encode())


def store_staged(
    connection: Connection, *, city_id: int, instrument_id: str, instrument_version: int, rows: int
) -> Stored:
    """Keep the staged audits: new ones as version 1, changed ones as a further version.

    Ended audits are not revived. `rows` is how many were staged.
    """
    of_city = {"city_id": city_id}
    values = {**of_city, "instrument_id": instrument_id, "instrument_version": instrument_version}
    connection.execute(_DEVICES, of_city)
    updated = 0
    taken: tuple[int, ...] = ()
    accepted = connection.execute(_INSERT, values).rowcount
    if accepted < rows:
        updated = connection.execute(_CORRECT, values).rowcount
        taken = tuple(row.row_number for row in connection.execute(_TAKEN, of_city))
        connection.execute(_UNUSED_DEVICES, of_city)
    connection.execute(_PROFILES, of_city)
    return Stored(accepted=accepted, updated=updated, taken=taken)
