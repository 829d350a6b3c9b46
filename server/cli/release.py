"""`safeaudit release`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from server.cli.context import open_store
from server.cli.progress import ProgressDisplay
from server.period import Period
from server.queries.events import OPERATOR
from server.queries.releases import list_releases
from server.releasing.folder import SUMS
from server.releasing.verify import verify as verify_folder


@click.group()
def command() -> None:
    """Make, list and verify anonymised releases: single audits of a closed quarter, for everybody."""


@command.command()
@click.argument("slug")
@click.option("--period", required=True, help="Quarter of observation, such as 2026Q3, over for 14 days.")
@click.option("--purpose", help="What it is made for; the card tells it.")
@click.option("--instrument", help="Else the city's first.")
def create(slug: str, period: str, purpose: str | None, instrument: str | None) -> None:
    """Make the release of a quarter of the city SLUG; made once, it is the same for ever."""
    from server.releasing.create_release import Order, create_release  # noqa: PLC0415 - loads shapely

    with open_store(pool_size=3) as store, ProgressDisplay(f"releasing {slug}") as display:
        city = store.cities.get(slug)
        order = Order(
            city=city,
            period=Period.of(period),
            instrument_id=instrument or city.default_instrument,
            purpose=purpose,
            actor=OPERATOR,
        )
        made = create_release(
            store.database,
            order,
            home=store.settings.home,
            secret=store.secret,
            now=datetime.now(UTC),
            progress=display.show,
        )
        folder = order.folder(store.settings.home)
    click.echo(f"{made.release_id}: {made.rows_out:,} rows; {SUMS} {made.sha256.hex()}")
    click.echo(f"{folder}")


@command.command("list")
@click.argument("slug")
def list_all(slug: str) -> None:
    """List the releases of the city SLUG: id, quarter, instrument, rows, day it was made."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            for made in list_releases(connection, city_id=city.city_id):
                day = f"{made.made_at:%Y-%m-%d}"
                line = (made.release_id, made.period, made.instrument_id, str(made.rows_out), day)
                click.echo("\t".join(line))


@command.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def verify(folder: Path) -> None:
    """Check a FOLDER with the files of a release: each by its hash, each row by the descriptor."""
    rows, digest = verify_folder(folder)
    click.echo(f"whole: {rows:,} rows; {SUMS} {digest}")
