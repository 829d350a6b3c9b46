"""`safeaudit zones`."""

from pathlib import Path

import click

from server.cli.context import open_store
from server.errors import NotThere
from server.importing.zones import read_zones
from server.queries.zones import ZoneSet, delete_zones, list_sets, replace_zones


@click.group()
def command() -> None:
    """Load, list and remove administrative areas."""


@command.command()
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name-field", required=True, help="Field that holds each zone's name.")
@click.option(
    "--set", "set_name", help="Name of the set; one of the same name is replaced. [the file's name]"
)
@click.option("--licence")
@click.option("--attribution")
def load(
    slug: str,
    file: Path,
    *,
    name_field: str,
    set_name: str | None,
    licence: str | None,
    attribution: str | None,
) -> None:
    """Load FILE (GeoJSON or GeoPackage) into the city SLUG as a set of zones; runs from now on know it."""
    named = set_name or file.name.split(".")[0]
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        read = read_zones(file, name_field=name_field, city=city)
        described = ZoneSet(name=named, licence=licence, attribution=attribution)
        with store.database.transaction() as connection:
            replace_zones(connection, city_id=city.city_id, described=described, shapes=read.zones)
    for note in read.notes:
        click.echo(note)
    click.echo(f"{len(read.zones)} zones in {named!r}; the next run shows them")


@command.command(name="list")
@click.argument("slug")
def list_(slug: str) -> None:
    """List the sets of the city SLUG: name, number of zones, licence, attribution."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            sets = list_sets(connection, city_id=city.city_id)
    for one in sets:
        click.echo(f"{one.name}\t{one.zones} zones\t{one.licence or '-'}\t{one.attribution or '-'}")


@command.command()
@click.argument("slug")
@click.argument("set_name", metavar="SET")
def remove(slug: str, set_name: str) -> None:
    """Take the zones of a SET out of the city SLUG; runs from now on do not know it."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            if not delete_zones(connection, city_id=city.city_id, name=set_name):
                there = ", ".join(one.name for one in list_sets(connection, city_id=city.city_id)) or "none"
                raise NotThere(f"no set {set_name!r} of zones in {slug}; there are: {there}")
    click.echo(f"removed {set_name!r}; the next run does not show it")
