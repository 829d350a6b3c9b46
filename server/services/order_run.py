"""Order a run of a city as a job, and tell what became of it."""

from sqlalchemy import Connection

from server.errors import NotThere
from server.queries.events import insert_event
from server.queries.jobs import Job, enqueue_analysis, find_analysis


def order_run(connection: Connection, *, city_id: int, actor: str) -> int:
    """Return the job that will run; the one that waits already, if there is one. The order is logged."""
    job_id = enqueue_analysis(connection, city_id=city_id)
    insert_event(connection, city_id=city_id, actor=actor, action="run.order", detail={"job": job_id})
    return job_id


def find_run_job(connection: Connection, *, city_id: int, job_id: int) -> Job:
    """Return what became of a run that was asked for; NotThere where this city has no such job any more."""
    job = find_analysis(connection, city_id=city_id, job_id=job_id)
    if job is None:
        raise NotThere("no such job here; a job is told of for a day after its end")
    return job
