"""`safeaudit check`."""

import shutil
import sys
import time
from collections.abc import Iterator

import click
from sqlalchemy import Connection

from server.backup.nightly import folder_of, nightly_backups
from server.cli.context import read_settings, store_url
from server.database import connect
from server.durability import DurabilityOff, check
from server.photos.extra import missing_extra
from server.queries.state import has_been_here, last_runs, postgis_version, stalled_jobs, takes_photos
from server.services.migrate import head, revision
from server.settings import Settings

POSTGIS_FLOOR = (3, 3)
LATEST_RUN_H = 48
LATEST_BACKUP_H = 48
FULLEST_DISK = 0.85


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
                faults += _backup_faults(connection, settings)
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
        yield f"{stalled} jobs are not being done for over an hour: is `safeaudit worker` running?"


def _photo_faults(connection: Connection) -> Iterator[str]:
    if revision(connection) == head() and (missing := missing_extra()) and takes_photos(connection):
        yield missing


def _backup_faults(connection: Connection, settings: Settings) -> Iterator[str]:
    """Yield what is wrong with nightly backups, once there has been a night, and with the room they need."""
    folders = (settings.home, folder_of(settings))
    if (
        settings.backups_kept
        and revision(connection) == head()
        and has_been_here(connection, LATEST_BACKUP_H)
    ):
        made = max((file.stat().st_mtime for file in nightly_backups(settings)), default=None)
        if made is None:
            yield f"there is no backup in {folders[1]}: is `safeaudit worker` running?"
        elif time.time() - made > LATEST_BACKUP_H * 3600:
            age_h = (time.time() - made) / 3600
            yield f"the last backup is {age_h:.0f} h old: what does `safeaudit backup` say?"
    for folder in folders:
        if folder.exists():
            usage = shutil.disk_usage(folder)
            if usage.used > FULLEST_DISK * usage.total:
                yield f"the disk of {folder} is {usage.used / usage.total:.0%} full: make room"


def _setting_faults(settings: Settings) -> Iterator[str]:
    address = settings.public_url or ""
    if address.startswith("http://") and "127.0.0.1" not in address and "localhost" not in address:
        yield "SAFEAUDIT_PUBLIC_URL is plain http: without https phones give no position and work only online"
