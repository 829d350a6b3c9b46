"""Background jobs: nightly runs, runs asked for, and the sweep that picks up what a crash left behind."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import procrastinate
from procrastinate import JobContext, RetryStrategy
from sqlalchemy.engine import make_url

from server.cities import City, CityDirectory
from server.database import TENANT_ROLE, Database
from server.handoff.following import follow_requests
from server.handoff.requesting import endpoint_of
from server.photos.album import open_album
from server.queries.jobs import SCHEMA, enqueue_analysis, note_run, note_share
from server.queries.limits import forget_idle
from server.services.forget_exact_places import forget_exact_places
from server.services.remove_loose_photos import remove_loose_photos
from server.services.scrub import scrub
from server.settings import Settings

NIGHT_HOUR = 2  # local time of each city
TOLD_HOURS = 24  # who asked for a run may ask so long what became of it

tasks = procrastinate.Blueprint()


def job_app(url: str) -> procrastinate.App:
    """Return the queue's application on the store behind `url`."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    options = f"-c search_path={SCHEMA} -c role={TENANT_ROLE}"
    connector = procrastinate.PsycopgConnector(
        conninfo=address, kwargs={"options": options}, min_size=1, max_size=4
    )
    app = procrastinate.App(connector=connector)
    # A copy, as the library puts the namespace into the tasks themselves: a second app would find it there.
    app.add_tasks_from(deepcopy(tasks), namespace="safeaudit")
    return app


def run_worker(
    url: str,
    *,
    database: Database,
    owner: Database,
    cities: CityDirectory,
    settings: Settings,
    secret: bytes,
    seed: int = 0,
) -> None:
    """Work until SIGTERM or SIGINT; a job under way is finished first, up to half a minute.

    `owner` is the store as its tables' owner, for what nobody else may do: backups, and writing files anew.
    """
    job_app(url).run_worker(
        concurrency=1,
        shutdown_graceful_timeout=30,
        additional_context={
            "database": database,
            "owner": owner,
            "cities": cities,
            "album": open_album(settings),
            "open311_keys": settings.open311_keys,
            "home": settings.home,
            "settings": settings,
            "url": url,
            "secret": secret,
            "seed": seed,
        },
    )


@tasks.task(name="analyse", pass_context=True, retry=3)
def analyse(
    context: JobContext,
    city_id: int,
    run_id: int | None = None,
    share: float | None = None,  # noqa: ARG001 - as an earlier try noted it
) -> None:
    """Publish a run of one city; none where an earlier try of the job got so far, which `run_id` tells."""
    if run_id is not None:
        return
    from server.publishing.analyse_city import analyse_city  # noqa: PLC0415 - loads scipy

    database, city = _at(context.additional_context, city_id)
    job_id = context.job.id

    def note(done: float, _next: str) -> None:
        if job_id is not None:
            with database.transaction() as connection:
                note_share(connection, job_id=job_id, share=done)

    made = analyse_city(database, city, seed=context.additional_context["seed"], progress=note)
    if job_id is not None:
        with database.transaction() as connection:
            note_run(connection, job_id=job_id, run_id=made)


@tasks.task(name="release", pass_context=True, retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def release(context: JobContext, city_id: int, release_id: str) -> None:
    """Make a release that was asked for."""
    from server.releasing.ask import do_what_was_asked  # noqa: PLC0415 - loads the gate

    given = context.additional_context
    database, city = _at(given, city_id)
    do_what_was_asked(
        database,
        city,
        release_id=release_id,
        home=given["home"],
        secret=given["secret"],
        now=lambda: datetime.now(UTC),
    )


@tasks.task(name="aggregate", pass_context=True, retry=RetryStrategy(max_attempts=5, exponential_wait=5))
def aggregate(context: JobContext, city_id: int, aggregate_id: str) -> None:
    """Answer a question that is paid for."""
    from server.aggregating.answer import answer  # noqa: PLC0415 - loads the gate

    database, city = _at(context.additional_context, city_id)
    answer(database, city, aggregate_id=aggregate_id, now=datetime.now(UTC))


@tasks.task(name="scrub", pass_context=True, retry=RetryStrategy(max_attempts=20, exponential_wait=5))
def scrub_files(context: JobContext) -> None:
    """Clear from the files what people took back."""
    scrub(context.additional_context["owner"])


@tasks.periodic(cron="7 * * * *")
@tasks.task(name="nightly", pass_context=True)
def nightly(context: JobContext, timestamp: int) -> None:
    """Where it is night: ask for a run and a due release, forget old exact places, follow requests.

    Every hour the idle buckets of rate limits go.
    """
    from server.releasing.ask import ask_for_what_is_due  # noqa: PLC0415 - as above

    now = datetime.fromtimestamp(timestamp, UTC)
    database: Database = context.additional_context["database"]
    with database.transaction() as connection:
        forget_idle(connection)
    for city in context.additional_context["cities"].all():
        if now.astimezone(ZoneInfo(city.time_zone)).hour == NIGHT_HOUR:
            there = database.of(city.city_id)
            with there.transaction() as connection:
                enqueue_analysis(connection, city_id=city.city_id)
            ask_for_what_is_due(there, city, now=now)
            forget_exact_places(there, city, now=now)
            endpoint = endpoint_of(city, context.additional_context["open311_keys"])
            if endpoint is not None:
                follow_requests(there, city, endpoint)


@tasks.periodic(cron="37 * * * *")
@tasks.task(name="backup", pass_context=True, queueing_lock="backup")
def back_up(context: JobContext, timestamp: int) -> None:
    """Make the day's backup, and try again each hour while that fails."""
    from server.backup.nightly import back_up_nightly  # noqa: PLC0415 - loads the commands of PostgreSQL

    given = context.additional_context
    back_up_nightly(
        given["owner"],
        url=given["url"],
        settings=given["settings"],
        secret=given["secret"],
        now=datetime.fromtimestamp(timestamp, UTC),
    )


@tasks.periodic(cron="* * * * *")
@tasks.task(name="loose-photos", pass_context=True, queueing_lock="loose-photos")
def loose_photos(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - the library passes it
    """Remove photo files that a crash left behind, or that could not be removed at once."""
    remove_loose_photos(context.additional_context["database"], context.additional_context["album"])


@tasks.periodic(cron="* * * * *")
@tasks.task(name="sweep", pass_context=True, queueing_lock="sweep")
async def sweep(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - the library passes it
    """Queue again what a killed worker was doing, as every job may run twice; forget those long done."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)
    await context.app.job_manager.delete_old_jobs(nb_hours=TOLD_HOURS)


def _at(given: dict[str, Any], city_id: int) -> tuple[Database, City]:
    """Return the store at a city, and the city as it is now."""
    known = given["cities"].read_again().values()
    return given["database"].of(city_id), next(city for city in known if city.city_id == city_id)
