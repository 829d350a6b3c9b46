"""What every command that touches the store begins with."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from server.cities import CityDirectory
from server.cluster import ClusterError
from server.database import Database, connect
from server.secret_key import secret_key
from server.services.migrate import migrate
from server.settings import Settings, SettingsError

SERVED_HERE = "http://127.0.0.1:8080"
"""Where links lead while PUBLIC_URL is not set."""


@dataclass(frozen=True)
class Store:
    """The open store of a command."""

    settings: Settings
    database: Database
    cities: CityDirectory
    secret: bytes
    url: str


def read_settings() -> Settings:
    """Return the settings of the environment; every fault is printed and ends the command with 2."""
    try:
        return Settings.from_environment(os.environ)
    except SettingsError as error:
        raise _UsageFault(str(error)) from None


@contextmanager
def open_store(*, pool_size: int = 4) -> Iterator[Store]:
    """Yield the migrated store: the one at DATABASE_URL, else the embedded cluster, held meanwhile."""
    settings = read_settings()
    with store_url(settings) as url:
        database = connect(url, pool_size=pool_size)
        try:
            migrate(database)
            yield Store(settings, database, CityDirectory(database), secret_key(settings).encode(), url)
        finally:
            database.dispose()


@contextmanager
def store_url(settings: Settings) -> Iterator[str]:
    """Yield the address of the store; with none in the settings the embedded cluster runs meanwhile."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    from server.cluster import ensure  # noqa: PLC0415 - POSIX only

    try:
        cluster = ensure(settings.home, pg_bin=settings.pg_bin)
    except ClusterError as error:
        raise _UsageFault(str(error)) from None
    try:
        yield cluster.url
    finally:
        cluster.stop()


class _UsageFault(click.ClickException):
    """Printed as it is; exit code 2."""

    exit_code = 2


def public_address(store: Store) -> str:
    """Return where phones reach the server; where nobody has said, this machine's own, and a warning."""
    if store.settings.public_url is None:
        click.echo(
            f"SAFEAUDIT_PUBLIC_URL is not set, so what follows leads to {SERVED_HERE}, which phones cannot "
            "reach: set it to the server's address first.",
            err=True,
        )
    return store.settings.public_url or SERVED_HERE
