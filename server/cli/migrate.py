"""`safeaudit migrate`."""

import click

from server.cli.context import read_settings, store_url
from server.database import connect
from server.services.migrate import migrate


@click.command()
def command() -> None:
    """Bring the store to this program's schema; all or nothing, and again is no error."""
    with store_url(read_settings()) as url:
        database = connect(url, pool_size=1)
        try:
            before, after = migrate(database)
        finally:
            database.dispose()
    click.echo(f"schema {after}" if before == after else f"schema {before or 'none'} -> {after}")
