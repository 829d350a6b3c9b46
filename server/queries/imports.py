"""SQL of imported audits: staged, then inserted where all are new, else kept, corrected, known again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

COPIED_COLUMNS = (
    "city_id", "version", "instrument_id", "instrument_version", "used", "audit_id", "device_id",
    "content_hash", "location", "accuracy_m", "cell", "observed_at", "answered_at", "daypart", "ratings",
    "answers", "comment", "mode", "flags",
)  # fmt: skip
"""The columns of `audit` that a line of COPY gives, in order."""

_DEVICES = text("""
INSERT INTO device (city_id, device_id, origin)
SELECT :city_id, id, 'import' FROM unnest(CAST(:ids AS uuid[])) AS id ORDER BY id
ON CONFLICT DO NOTHING
""")

# An erasure leaves no device: where its tombstones are all that a file meets, none is made anew.
_UNUSED_DEVICES = text("""
DELETE FROM device WHERE city_id = :city_id AND device_id = ANY(:ids) AND origin = 'import'
  AND NOT EXISTS (SELECT FROM audit WHERE city_id = :city_id AND device_id = device.device_id)
""")

_PROFILES = text("""
INSERT INTO profile (city_id, device_id, gender, age_band, disability)
SELECT city_id, device_id, gender, age_band, disability
FROM device JOIN unnest(
    CAST(:ids AS uuid[]), CAST(:genders AS text[]), CAST(:age_bands AS text[]), CAST(:disabilities AS text[])
) AS said(id, gender, age_band, disability) ON city_id = :city_id AND device_id = id
ORDER BY device_id
ON CONFLICT (city_id, device_id) DO UPDATE SET
    gender = COALESCE(EXCLUDED.gender, profile.gender),
    age_band = COALESCE(EXCLUDED.age_band, profile.age_band),
    disability = COALESCE(EXCLUDED.disability, profile.disability)
""")

# PostgreSQL takes no COPY into a table with row security (manual, COPY, Notes).
_STAGE = text("CREATE TEMPORARY TABLE incoming (LIKE audit INCLUDING DEFAULTS) ON COMMIT DROP")

_INSERT_NEW = text("INSERT INTO audit SELECT * FROM incoming")
_INSERT = text("INSERT INTO audit SELECT * FROM incoming ORDER BY audit_id ON CONFLICT DO NOTHING")

# LATERAL with LIMIT and a scalar subquery: two look-ups by primary key per staged row.
_NEWEST = """incoming AS i CROSS JOIN LATERAL (
    SELECT version, state, device_id, content_hash,
        (SELECT origin FROM device WHERE city_id = i.city_id AND device_id = audit.device_id) AS origin
    FROM audit WHERE city_id = i.city_id AND audit_id = i.audit_id ORDER BY version DESC LIMIT 1
) AS newest"""

_COLUMNS = ", ".join(COPIED_COLUMNS)
_CORRECTED = ", ".join("newest.version + 1" if name == "version" else f"i.{name}" for name in COPIED_COLUMNS)

_CORRECT = text(f"""
INSERT INTO audit ({_COLUMNS})
SELECT {_CORRECTED} FROM {_NEWEST}
WHERE newest.state = 'kept' AND newest.origin = 'import'
  AND (newest.content_hash, newest.device_id) IS DISTINCT FROM (i.content_hash, i.device_id)
ORDER BY i.audit_id
ON CONFLICT DO NOTHING
""")  # noqa: S608 - constant text

_TAKEN = text(f"""
SELECT i.audit_id FROM {_NEWEST}
WHERE newest.state = 'kept' AND newest.origin <> 'import' AND newest.content_hash <> i.content_hash
""")  # noqa: S608 - constant text


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What became of some audits; all others were kept before, as they are, or are ended."""

    accepted: int
    updated: int
    taken: frozenset[UUID]
    """Ids that belong to audits which phones sent."""


def refresh_statistics(connection: Connection) -> None:
    """Tell the planner how large the tables are: of a city that came a moment ago it would guess one row."""
    connection.execute(text("ANALYZE device, profile, audit"))


def insert_import_devices(connection: Connection, *, city_id: int, ids: Iterable[UUID]) -> None:
    """Make sure that these pseudonyms are there."""
    connection.execute(_DEVICES, {"city_id": city_id, "ids": list(ids)})


def drop_unused_devices(connection: Connection, *, city_id: int, ids: Iterable[UUID]) -> None:
    """Remove those of these pseudonyms that no audit bears."""
    connection.execute(_UNUSED_DEVICES, {"city_id": city_id, "ids": list(ids)})


def put_profiles(
    connection: Connection, *, city_id: int, said: Mapping[UUID, tuple[str | None, str | None, str | None]]
) -> None:
    """Keep gender, age band and disability of auditors that are there; what is None stays as it was."""
    if said:
        genders, age_bands, disabilities = (list(column) for column in zip(*said.values(), strict=True))
        values = {"genders": genders, "age_bands": age_bands, "disabilities": disabilities}
        connection.execute(_PROFILES, {"city_id": city_id, "ids": list(said), **values})


def stage(connection: Connection, lines: str) -> None:
    """Hold lines of COPIED_COLUMNS in PostgreSQL's COPY text ready until the transaction ends."""
    connection.execute(_STAGE)
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY incoming ({_COLUMNS}) FROM STDIN") as copy:
        copy.write(lines.encode())


def insert_new(connection: Connection) -> bool:
    """Insert what is staged; False, and none of it, if one is known."""
    try:
        with connection.begin_nested():
            connection.execute(_INSERT_NEW)
    except IntegrityError:
        return False
    return True


def merge(connection: Connection, *, count: int) -> Stored:
    """Keep staged audits that are new as they are and changed ones as a further version.

    Ended ones are not revived. `count` are staged.
    """
    accepted = connection.execute(_INSERT).rowcount
    if accepted == count:
        return Stored(accepted=accepted, updated=0, taken=frozenset())
    updated = connection.execute(_CORRECT).rowcount
    taken = frozenset(row.audit_id for row in connection.execute(_TAKEN))
    return Stored(accepted=accepted, updated=updated, taken=taken)
