"""SQL of the job queue: procrastinate's own tables, in a schema of their own, on local tables alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from server.errors import Unavailable

SCHEMA = "jobs"
_ATTEMPTS = 5  # between finding that a job waits and looking which, a worker may have taken it

_DEFER = text("""
SELECT jobs.procrastinate_defer_jobs_v1(ARRAY[
    ROW('default', :task, 0, :lock, :lock, CAST(:args AS jsonb), CAST(:at AS timestamptz)
    )::jobs.procrastinate_job_to_defer_v1])
""")
_WAITING = text("""
SELECT id FROM jobs.procrastinate_jobs WHERE queueing_lock = :lock AND status = 'todo'
""")
_ANALYSIS = text("""
SELECT job.id AS job_id,
       CASE status WHEN 'todo' THEN 'waiting' WHEN 'doing' THEN 'running' WHEN 'succeeded' THEN 'done'
                   ELSE 'failed' END AS status,
       min(at) AS asked_at,
       max(at) FILTER (WHERE type::text = status::text) AS finished_at,
       CAST(args ->> 'run_id' AS bigint) AS run_id,
       CAST(args ->> 'share' AS float8) AS share
FROM jobs.procrastinate_jobs AS job JOIN jobs.procrastinate_events ON job_id = job.id
WHERE job.id = :job_id AND task_name = :task AND args @> jsonb_build_object('city_id', CAST(:city_id AS int))
GROUP BY job.id
""")
_NOTE_RUN = text("""
UPDATE jobs.procrastinate_jobs
SET args = args || jsonb_build_object('run_id', CAST(:run_id AS bigint), 'share', 1)
WHERE id = :job_id
""")
_NOTE_SHARE = text("""
UPDATE jobs.procrastinate_jobs SET args = args || jsonb_build_object('share', CAST(:share AS float8))
WHERE id = :job_id
""")
_ANALYSE, _SCRUB, _RELEASE = "safeaudit:analyse", "safeaudit:scrub", "safeaudit:release"
_AGGREGATE = "safeaudit:aggregate"
_NEXT_NIGHT = text("SELECT date_trunc('day', now(), 'UTC') + interval '1 day 3 hours'")


@dataclass(frozen=True)
class Job:
    """A job as far as who asked for it needs to know: `waiting`, `running`, `done` or `failed`."""

    job_id: int
    status: str
    asked_at: datetime
    finished_at: datetime | None
    run_id: int | None
    share: float | None
    """Of the work that is done, 0..1; None until it begins."""


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


def enqueue_analysis(connection: Connection, *, city_id: int) -> int:
    """Ask for a run of a city, within the caller's transaction, and return its job.

    One that waits already serves both.
    """
    return _enqueue(connection, _ANALYSE, lock=f"analyse:{city_id}", args={"city_id": city_id})


def find_analysis(connection: Connection, *, city_id: int, job_id: int) -> Job | None:
    """Return what became of a run of this city that was asked for; None once it is forgotten."""
    values = {"job_id": job_id, "task": _ANALYSE, "city_id": city_id}
    row = connection.execute(_ANALYSIS, values).one_or_none()
    return None if row is None else Job(*row)


def note_run(connection: Connection, *, job_id: int, run_id: int) -> None:
    """Remember which run a job published: a further try of the job is told it too."""
    connection.execute(_NOTE_RUN, {"job_id": job_id, "run_id": run_id})


def note_share(connection: Connection, *, job_id: int, share: float) -> None:
    """Remember how much of its work a job has done, 0..1; a further try begins anew."""
    connection.execute(_NOTE_SHARE, {"job_id": job_id, "share": share})


def enqueue_scrub(connection: Connection) -> None:
    """Ask, within the caller's transaction, that the next night clears from the files what was taken back."""
    night = connection.scalar(_NEXT_NIGHT)
    _enqueue(connection, _SCRUB, lock="scrub", args={}, at=night)


def enqueue_release(connection: Connection, *, city_id: int, release_id: str) -> None:
    """Ask, within the caller's transaction, that a release is made; one that waits already serves both."""
    args = {"city_id": city_id, "release_id": release_id}
    _enqueue(connection, _RELEASE, lock=f"release:{city_id}:{release_id}", args=args)


def enqueue_aggregate(connection: Connection, *, city_id: int, aggregate_id: str) -> None:
    """Ask, within the caller's transaction, that a question is answered; one that waits serves both."""
    args = {"city_id": city_id, "aggregate_id": aggregate_id}
    _enqueue(connection, _AGGREGATE, lock=f"aggregate:{city_id}:{aggregate_id}", args=args)


def _enqueue(
    connection: Connection, task: str, *, lock: str, args: Mapping[str, Any], at: datetime | None = None
) -> int:
    """Return the job: a new one, or the one that waits under the same lock."""
    values = {"task": task, "lock": lock, "args": json.dumps(args), "at": at}
    for _ in range(_ATTEMPTS):
        try:
            with connection.begin_nested():
                connection.execute(text("SET LOCAL search_path TO jobs"))
                [job_id] = connection.execute(_DEFER, values).scalar_one()
                connection.execute(text("SET LOCAL search_path TO DEFAULT"))
                return int(job_id)
        except IntegrityError as error:
            if "queueing_lock" not in str(error.orig):
                raise
        waiting = connection.scalar(_WAITING, {"lock": lock})
        if waiting is not None:
            return int(waiting)
    raise Unavailable("the job queue is changing too fast; ask again")


def _later_scripts(made_by: str) -> list[str]:
    """Return the library's migrations after a version; their names begin with it as 03.04.00."""
    padded = ".".join(part.zfill(2) for part in made_by.split("."))
    folder = Path(SchemaManager.get_migrations_path())
    names = sorted(path for path in folder.glob("*.sql") if path.name[:8] > padded)
    return [path.read_text(encoding="utf-8") for path in names]
