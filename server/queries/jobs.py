"""SQL of the job queue: procrastinate's own tables, in a schema of their own, on local tables alone."""

import json
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

SCHEMA = "jobs"

_DEFER = text("""
SELECT jobs.procrastinate_defer_jobs_v1(ARRAY[
    ROW('default', :task, 0, :lock, :lock, CAST(:args AS jsonb), CAST(:at AS timestamptz)
    )::jobs.procrastinate_job_to_defer_v1])
""")
_NEXT_NIGHT = text("SELECT date_trunc('day', now(), 'UTC') + interval '1 day 3 hours'")


def prepare_job_tables(connection: Connection) -> None:
    """Make the queue's tables, or bring them to the installed library's version by its own scripts.

    The version they were made by is kept as the comment of the schema.
    """
    installed = version("procrastinate")
    made_by = connection.scalar(
        text("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = :schema"),
        {"schema": SCHEMA},
    )
    if made_by == installed:
        return
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
    for script in [SchemaManager.get_schema()] if made_by is None else _later_scripts(made_by):
        connection.exec_driver_sql(script.replace("%", "%%"))
    connection.execute(text("SET LOCAL search_path TO DEFAULT"))
    connection.execute(text(f"COMMENT ON SCHEMA {SCHEMA} IS '{installed}'"))


def enqueue_analysis(connection: Connection, *, city_id: int) -> None:
    """Ask for a run of a city, within the caller's transaction; one that waits already serves both."""
    _enqueue(connection, "analyse", lock=f"analyse:{city_id}", args={"city_id": city_id})


def enqueue_scrub(connection: Connection) -> None:
    """Ask, within the caller's transaction, that the next night clears from the files what was taken back."""
    night = connection.scalar(_NEXT_NIGHT)
    _enqueue(connection, "scrub", lock="scrub", args={}, at=night)


def _enqueue(
    connection: Connection, task: str, *, lock: str, args: Mapping[str, Any], at: datetime | None = None
) -> None:
    values = {"task": f"safeaudit:{task}", "lock": lock, "args": json.dumps(args), "at": at}
    try:
        with connection.begin_nested():
            connection.execute(text("SET LOCAL search_path TO jobs"))
            connection.execute(_DEFER, values)
            connection.execute(text("SET LOCAL search_path TO DEFAULT"))
    except IntegrityError as error:
        if "queueing_lock" not in str(error.orig):
            raise


def _later_scripts(made_by: str) -> list[str]:
    """Return the library's migrations after a version; their names begin with it as 03.04.00."""
    padded = ".".join(part.zfill(2) for part in made_by.split("."))
    folder = Path(SchemaManager.get_migrations_path())
    names = sorted(path for path in folder.glob("*.sql") if path.name[:8] > padded)
    return [path.read_text(encoding="utf-8") for path in names]
