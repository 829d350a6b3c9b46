"""`safeaudit worker`."""

import click

from server.cli.context import open_store


@click.command()
def command() -> None:
    """Run background jobs until SIGTERM or Ctrl-C: nightly runs, and runs asked for."""
    from server import durability, log  # noqa: PLC0415 - see below
    from server.database import TENANT_ROLE, connect  # noqa: PLC0415 - see below
    from server.jobs import run_worker  # noqa: PLC0415 - procrastinate is slow to load

    with open_store() as store:
        log.configure(store.settings.log_level)
        with store.database.transaction() as connection:
            durability.check(connection)
        run_worker(
            store.url,
            database=connect(store.url, role=TENANT_ROLE),
            owner=store.database,
            cities=store.cities,
            settings=store.settings,
            secret=store.secret,
        )
