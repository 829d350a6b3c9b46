"""`safeaudit reference`."""

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from server.cli.context import open_store
from server.errors import Invalid, NotThere
from server.importing.reference import KINDS, ReferenceReader
from server.queries.reference import (
    ReferenceSet,
    delete_reference,
    list_reference,
    replace_reference,
)


@click.group()
def command() -> None:
    """Load, list and remove streets, population and incidents."""


@command.command()
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kind", required=True, type=click.Choice(KINDS))
@click.option("--name", help="Name of the set; one of the same name is replaced. [the file's name]")
@click.option("--licence")
@click.option("--attribution")
@click.option("--name-field", help="Streets: column of their names. [one that is called so]")
@click.option("--owner-field", help="Streets: column that says whose they are. [one that is called so]")
@click.option("--number-field", help="Population: column of how many live there. [one that is called so]")
@click.option("--time-field", help="Incidents: column that says when. [one that is called so]")
def load(
    slug: str,
    file: Path,
    *,
    kind: str,
    name: str | None,
    licence: str | None,
    attribution: str | None,
    **fields: str | None,
) -> None:
    """Load FILE (GeoJSON, GeoPackage, or CSV with lat and lng) into the city SLUG as a set of a KIND."""
    named = name or file.name.split(".")[0]
    described = ReferenceSet(kind=kind, name=named, licence=licence, attribution=attribution)
    columns = {option.replace("_", "-"): column for option, column in fields.items()}
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        reader = ReferenceReader(file, kind=kind, city=city, columns=columns)
        with store.database.transaction() as connection:
            count = replace_reference(
                connection, city_id=city.city_id, described=described, features=reader.features()
            )
            if not count:
                raise Invalid(
                    f"{file.name} holds nothing for {kind}: {'; '.join(reader.notes) or 'no feature'}"
                )
    for note in reader.notes:
        click.echo(note)
    click.echo(f"{count} features in {kind} {named!r}")


@command.command("list")
@click.argument("slug")
def list_(slug: str) -> None:
    """List the sets of the city SLUG: kind, name, features, when loaded, licence."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            found = list_reference(connection, city_id=city.city_id)
    for one in found:
        loaded = f"{one.loaded_at.astimezone(ZoneInfo(city.time_zone)):%Y-%m-%d %H:%M}"
        click.echo("\t".join([one.kind, one.name, str(one.features), loaded, one.licence or ""]))


@command.command()
@click.argument("slug")
@click.argument("name")
@click.option("--kind", required=True, type=click.Choice(KINDS))
def remove(slug: str, name: str, *, kind: str) -> None:
    """Remove the set NAME of a KIND from the city SLUG; runs made with it stay as they are."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            known = [one.name for one in list_reference(connection, city_id=city.city_id) if one.kind == kind]
            if name not in known:
                raise NotThere(f"no {kind} {name!r} here; there are: {', '.join(known) or 'none'}")
            delete_reference(connection, city_id=city.city_id, kind=kind, name=name)
    click.echo(f"{kind} {name!r} removed")
