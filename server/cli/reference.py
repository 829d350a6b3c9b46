"""`safeaudit reference`."""

from pathlib import Path

import click

from server.cli.context import open_store
from server.errors import Invalid
from server.importing.reference import KINDS, ReferenceReader
from server.queries.reference import ReferenceSet, replace_reference


@click.group()
def command() -> None:
    """Load streets, population or incidents."""


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
