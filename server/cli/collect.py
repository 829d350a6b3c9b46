"""`safeaudit collect`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from server.cities import City
from server.cli import qr
from server.cli.context import Store, open_store, public_address
from server.errors import NotThere
from server.services.collect_settings import collect_address, collect_settings
from server.services.enrol_device import enrol_device
from server.services.find_campaign import find_open_campaign


@click.command()
@click.argument("slug")
@click.option(
    "--campaign", metavar="TOKEN", help="For all phones of this walk; else for one phone of its own."
)
@click.option("--out", type=qr.PICTURE, help="Write it as .svg or .png too.")
def command(slug: str, campaign: str | None, out: Path | None) -> None:
    """Print the QR code that sets up ODK Collect or KoboCollect for the city SLUG, and its address."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        token = _enrolled(store, city) if campaign is None else _known(store, city, campaign)
        address = collect_address(public_address(store), slug=slug, token=token)
    code = collect_settings(address, project=city.name)
    if out is not None:
        qr.save(code, out)
    click.echo(qr.drawn(code))
    click.echo("Scan it in Collect under 'Add project'. Keep the address secret; it is not shown again.")
    click.echo(address)


def _enrolled(store: Store, city: City) -> str:
    with store.database.transaction() as connection:
        return enrol_device(connection, city_id=city.city_id, values={}, profile={}).token


def _known(store: Store, city: City, token: str) -> str:
    now = datetime.now(UTC)
    with store.database.transaction() as connection:
        if find_open_campaign(connection, city_id=city.city_id, token=token, now=now) is None:
            raise NotThere("no open campaign of this token; `safeaudit campaign create` prints it")
    return token
