"""One run of one city: read, admit, analyse, disclose, publish."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from analysis.each import Each, here
from server.cities import City
from server.database import Database
from server.errors import Fault, Invalid
from server.publishing.admitting import decide
from server.publishing.finding import find
from server.publishing.knowledge import Knowledge, read_all
from server.publishing.progress import Progress, unheard, within
from server.publishing.publication import publish_run
from server.publishing.screening import screen
from server.queries.admission import delete_of_other_resolutions
from server.queries.runs import take_snapshot, wait_for_runs


def analyse_city(
    database: Database,
    city: City,
    *,
    as_of: datetime | None = None,
    seed: int = 0,
    progress: Progress = unheard,
    each: Each = here,
) -> int:
    """Return the id of a new run, published whole in one transaction; runs of one city wait for each other.

    Without `as_of` the run is of this moment, admits audits and is public. As of a moment in the past it
    knows the audits observed before it, admits nothing, and has the planner's layers alone; Invalid where
    `as_of` is yet to come. The same audits and seed give the same rows, wherever `each` has parts of the
    work done.
    """
    if as_of is not None:
        _check_past(as_of)
    with _alone(database, city):
        started_at = datetime.now(UTC)
        moment, public = as_of or started_at, as_of is None
        progress(0.0, "reading audits")
        known = _read(database, city, as_of=moment, public=public)
        findings = []
        for place, one in enumerate(known):
            admission = decide(one.used, one.stale, k=city.k) if public else None
            part = within(progress, 0.1 + 0.8 * place / len(known), 0.1 + 0.8 * (place + 1) / len(known))
            findings.append(find(one, admission, city=city, seed=seed, progress=part, each=each))
        progress(0.9, "publishing")
        record = {
            "as_of": moment,
            "started_at": started_at,
            "finished_at": datetime.now(UTC),
            "seed": seed,
            "public": public,
        }
        with database.transaction() as connection:
            return publish_run(connection, city, findings, record=record)


def _check_past(as_of: datetime) -> None:
    if as_of > datetime.now(UTC):
        fault = Fault("as_of", f"{as_of.isoformat()} is later than now; leave it out or name a past day")
        raise Invalid("a run cannot be of a time to come", faults=[fault])


@contextmanager
def _alone(database: Database, city: City) -> Iterator[None]:
    """Hold the city's lock on a transaction of its own: reading and publishing are two others."""
    with database.transaction() as connection:
        wait_for_runs(connection, city_id=city.city_id)
        yield


def _read(database: Database, city: City, *, as_of: datetime, public: bool) -> list[Knowledge]:
    """Return what is known at one moment; an audit that changes meanwhile is the next run's matter."""
    if public:
        with database.transaction() as connection:
            delete_of_other_resolutions(connection, city_id=city.city_id, resolution=city.resolution)
            screen(connection, city, as_of=as_of)
    with database.transaction() as connection:
        take_snapshot(connection)
        return list(read_all(connection, city, as_of=as_of))
