"""SQL that asks how the installation is doing."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

_LAST_RUNS = text("""
SELECT slug, (SELECT EXTRACT(epoch FROM now() - max(finished_at)) / 3600 FROM run
              WHERE run.city_id = city.city_id AND finished_at IS NOT NULL)
FROM city ORDER BY city_id
""")
# Due for an hour and taken by nobody, or taken by a worker that has not been heard of for as long.
_STALLED = text("""
SELECT count(*) FROM jobs.procrastinate_jobs AS job
WHERE status = 'todo' AND COALESCE(scheduled_at, now() - interval '2 hours') < now() - interval '1 hour'
  AND id IN (SELECT job_id FROM jobs.procrastinate_events
             WHERE type = 'deferred' AND at < now() - interval '1 hour')
   OR status = 'doing' AND NOT EXISTS (
       SELECT FROM jobs.procrastinate_workers AS worker
       WHERE worker.id = job.worker_id AND last_heartbeat > now() - interval '1 hour')
""")


def postgis_version(connection: Connection) -> tuple[int, int] | None:
    """Return (major, minor) of the installed PostGIS, None where the extension is missing."""
    version = connection.scalar(text("SELECT extversion FROM pg_extension WHERE extname = 'postgis'"))
    if version is None:
        return None
    major, minor = str(version).split(".")[:2]
    return int(major), int(minor)


def takes_photos(connection: Connection) -> bool:
    """Return whether any city takes photos."""
    return bool(
        connection.scalar(text("SELECT EXISTS (SELECT FROM city WHERE settings -> 'photos' = 'true')"))
    )


def last_runs(connection: Connection) -> Sequence[tuple[str, float | None]]:
    """Return (slug, hours since the last finished run or None) of every city."""
    return [(slug, None if age is None else float(age)) for slug, age in connection.execute(_LAST_RUNS)]


def has_been_here(connection: Connection, hours: float) -> bool:
    """Return whether a run was made so many hours ago or more."""
    old = text("SELECT EXISTS (SELECT FROM run WHERE finished_at < now() - make_interval(secs => :seconds))")
    return bool(connection.scalar(old, {"seconds": hours * 3600}))


def stalled_jobs(connection: Connection) -> int:
    """Return how many jobs were due over an hour ago and are not being done."""
    return int(connection.scalar(_STALLED) or 0)


def has_run(connection: Connection, *, city_id: int) -> bool:
    """Return whether a city was ever analysed."""
    return bool(
        connection.scalar(text("SELECT EXISTS (SELECT FROM run WHERE city_id = :id)"), {"id": city_id})
    )


def has_audits(connection: Connection, *, city_id: int) -> bool:
    """Return whether a city has any audit."""
    return bool(
        connection.scalar(text("SELECT EXISTS (SELECT FROM audit WHERE city_id = :id)"), {"id": city_id})
    )
