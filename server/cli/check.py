"""`safeaudit check`."""

import sys
from collections.abc import Iterator

import click
from sqlalchemy import Connection

from server.cli.context import read_settings, store_url
from server.database import connect
from server.durability import DurabilityOff, check
from server.photos.extra import missing_extra
from server.queries.state import last_runs, postgis_version, stalled_jobs, takes_photos
from server.services.migrate import head, revision
from server.settings import Settings

POSTGIS_FLOOR = (3, 3)
LATEST_RUN_H = 48


@click.command()
def command() -> None:
    """Say in plain words what is wrong with this installation; exit 1 if anything is."""
    settings = read_settings()
    with store_url(settings) as url:
        database = connect(url, pool_size=1)
        try:
            with database.transaction() as connection:
                faults = [*_store_faults(connection), *_setting_faults(settings)]
                faults += _photo_faults(connection)
        finally:
            database.dispose()
    for fault in faults:
        click.echo(f"- {fault}")
    click.echo(f"{len(faults)} to mend" if faults else "all is well")
    sys.exit(1 if faults else 0)


def _store_faults(connection: Connection) -> Iterator[str]:
    try:
        check(connection)
    except DurabilityOff as fault:
        yield str(fault)
    found = postgis_version(connection)
    if found is None or found < POSTGIS_FLOOR:
        yield f"PostGIS is {found or 'missing'}; 3.3 or newer is needed: CREATE EXTENSION postgis"
    current = revision(connection)
    if current != head():
        yield f"the schema is {current or 'empty'}, this program needs {head()}: run `safeaudit migrate`"
        return
    runs = last_runs(connection)
    if not runs:
        yield "there is no city yet: run `safeaudit city create`"
    for slug, age_h in runs:
        if age_h is None:
            yield f"{slug} was never analysed: run `safeaudit analyze {slug}`"
        elif age_h > LATEST_RUN_H:
            yield f"the last run of {slug} is {age_h:.0f} h old: is `safeaudit worker` running?"
    stalled = stalled_jobs(connection)
    if stalled:
        yield f"{stalled} jobs have waited for over an hour: is `safeaudit worker` running?"


def _photo_faults(connection: Connection) -> Iterator[str]:
    if revision(connection) == head() and (missing := missing_extra()) and takes_photos(connection):
        yield missing


def _setting_faults(settings: Settings) -> Iterator[str]:
    address = settings.public_url or ""
    if address.startswith("http://") and "127.0.0.1" not in address and "localhost" not in address:
        yield "SAFEAUDIT_PUBLIC_URL is plain http: without https phones give no position and work only online"
