"""The database of a backup: its dump, its rows known again by hash, its restoring."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from server.backup.archive import Fingerprint, Manifest
from server.errors import Invalid, Unavailable

# All but PostgreSQL's and PostGIS's own, and but those not on disk: a limit's buckets are worth nothing soon.
_TABLES = text("""
SELECT format('%I.%I', nspname, relname)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND relpersistence = 'p' AND nspname <> 'information_schema' AND nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
ORDER BY 1
""")
_FINGERPRINT = "SELECT count(*), COALESCE(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} AS t"


def fingerprints(connection: Connection) -> dict[str, Fingerprint]:
    """Return the fingerprint of every table, as the connection's transaction sees it."""
    connection.execute(text("SET LOCAL timezone = 'UTC'"))
    found = {}
    for table in connection.scalars(_TABLES).all():
        rows, total = connection.execute(text(_FINGERPRINT.format(table))).one()
        found[table] = Fingerprint(rows, total)
    return found


def require_equal(found: Mapping[str, Fingerprint], manifest: Manifest) -> None:
    """Return where all tables are what was backed up; Invalid naming those that are not."""
    if found != dict(manifest.tables):
        other = sorted(name for name in manifest.tables if found.get(name) != manifest.tables[name])
        raise Invalid(f"restored, but not what was backed up: {', '.join(other) or 'there are more tables'}")


def is_empty(connection: Connection) -> bool:
    """Return whether there is no table of ours yet."""
    return not connection.scalars(_TABLES).all()


def dump(url: str, file: Path, *, program: str, snapshot: str) -> None:
    """Write what the open transaction sees that exported `snapshot`; Unavailable where that fails."""
    # PostGIS brings its table of reference systems, in which only a superuser may write.
    not_ours = ("--no-unlogged-table-data", "--exclude-table-data=spatial_ref_sys")
    # The owner sees all cities by a policy, and is not exempt from it: pg_dump would refuse to go by one.
    how = ("--format=custom", "--no-owner", "--enable-row-security", f"--snapshot={snapshot}")
    _run([program, *how, *not_ours, f"--file={file}"], url)


def undump(url: str, file: Path, *, program: str) -> None:
    """Fill an empty database that has PostGIS from a dump, all or nothing; Unavailable where that fails."""
    entries = subprocess.run(
        [program, "--list", str(file)], capture_output=True, text=True, check=False
    ).stdout
    ours = file.with_suffix(".list")
    # What a superuser alone may do, and has done: CREATE EXTENSION and the comment on it.
    ours.write_text("".join(line for line in entries.splitlines(True) if " EXTENSION " not in line))
    how = ("--no-owner", "--single-transaction", "--exit-on-error")
    _run([program, *how, f"--use-list={ours}", str(file)], url)


def _run(command: list[str], url: str) -> None:
    address = make_url(url)
    plain = address.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    name = Path(command[0]).name
    try:
        done = subprocess.run(
            [*command, f"--dbname={plain}"],
            # Not as an argument, which everybody on the machine can see.
            env=os.environ | _secrets(address.password),
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise Unavailable(f"{command[0]} is missing: install PostgreSQL's client programs") from None
    if done.returncode != 0:
        raise Unavailable(f"{name} failed: {done.stderr.strip().splitlines()[-1:] or [done.returncode]}")


def _secrets(password: object) -> Mapping[str, str]:
    return {} if password is None else {"PGPASSWORD": str(password)}
