"""`safeaudit migrate`."""

import click

from server.cli.context import read_settings, store_url
from server.database import connect
from server.queries.spreading import spread
from server.services.migrate import migrate


@click.command()
@click.option("--spread", "by_city", is_flag=True, help="On a Citus cluster, also spread the tables by city.")
def command(*, by_city: bool) -> None:
    """Bring the store to this program's schema; all or nothing, and again is no error."""
    with store_url(read_settings()) as url:
        database = connect(url, pool_size=1)
        try:
            before, after = migrate(database)
            click.echo(f"schema {after}" if before == after else f"schema {before or 'none'} -> {after}")
            if by_city:
                with database.transaction() as connection:
                    click.echo(f"spread by city: {', '.join(spread(connection)) or 'all were already'}")
        finally:
            database.dispose()
