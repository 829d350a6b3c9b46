"""`safeaudit analyze`."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from server.cities import City
from server.cli.context import Store, open_store
from server.cli.progress import ProgressDisplay
from server.publishing.analyse_city import analyse_city
from server.queries.layers import list_of_run
from server.queries.runs import read_parameters
from server.spreading import spread


@click.command()
@click.argument("slug")
@click.option(
    "--as-of",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="As if made when this day began in the city: knows audits observed before it; never public.",
)
@click.option("--seed", default=0, show_default=True, help="Of all random draws.")
@click.option(
    "--cluster",
    "address",
    metavar="ADDRESS",
    help="A dask scheduler, such as tcp://10.0.0.5:8786: its workers estimate the parameters; same rows.",
)
def command(slug: str, day: datetime | None, seed: int, address: str | None) -> None:
    """Compute and publish a run of the city SLUG; the same audits and seed give the same rows."""
    with open_store() as store:
        city = store.cities.get(slug)
        as_of = None if day is None else day.replace(tzinfo=ZoneInfo(city.time_zone))
        with spread(address) as each, ProgressDisplay(f"analysing {slug}") as progress:
            run_id = analyse_city(
                store.database, city, as_of=as_of, seed=seed, progress=progress.show, each=each
            )
        _tell(store, city, run_id)


def _tell(store: Store, city: City, run_id: int) -> None:
    with store.database.layer_reading() as connection:
        layers = list_of_run(connection, city_id=city.city_id, run_id=run_id)
    with store.database.transaction() as connection:
        made = read_parameters(connection, city_id=city.city_id, run_id=run_id)["instruments"]
    for layer in layers:
        click.echo(f"{layer.instrument_id}\t{layer.name}\t{layer.audience}\t{layer.features}")
    for instrument_id, parameters in made.items():
        _tell_coverage(instrument_id, parameters["street_km"])
    click.echo(f"run {run_id} of {city.slug} is published")


def _tell_coverage(instrument_id: str, km: Mapping[str, float]) -> None:
    """Print how much of the streets the layers of cells cover; nothing where no streets are loaded."""
    for layer in (name for name in km if name != "city"):
        share = km[layer] / km["city"] if km["city"] else 0.0
        click.echo(f"{instrument_id}\t{layer}\t{km[layer]:.1f} of {km['city']:.1f} km of street, {share:.0%}")
