"""`safeaudit instrument`."""

from pathlib import Path

import click

from server.cli.context import open_store
from server.errors import Fault, Invalid
from server.instruments.catalogue import load
from server.instruments.document import Document
from server.instruments.faults import InstrumentError
from server.services.add_instrument import add_instrument


@click.group()
def command() -> None:
    """Add and list questionnaires of a city."""


@command.command()
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def add(slug: str, file: Path) -> None:
    """Add the instrument in FILE (YAML, or XLSForm .xlsx) to the city SLUG, or a further version of it."""
    try:
        document = _load(file)
        with open_store(pool_size=1) as store:
            city = store.cities.get(slug)
            with store.database.transaction() as connection:
                change = add_instrument(connection, city=city, document=document)
    except InstrumentError as error:
        faults = [Fault(f"/{fault.path}", f"{fault.problem}; {fault.remedy}") for fault in error.faults]
        raise Invalid(f"{error.source}: the instrument cannot be used", faults=faults) from error
    instrument = document.instrument
    click.echo(f"{instrument.id} version {instrument.version}: changed {change}")


@command.command("list")
@click.argument("slug")
def list_all(slug: str) -> None:
    """List the instruments of the city SLUG, its default first: id, version, questions, languages."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        for name in city.documents:
            document = city.current(name)
            instrument = document.instrument
            languages = ",".join(document.languages)
            click.echo(f"{name}\t{instrument.version}\t{len(instrument.questions)} questions\t{languages}")


def _load(file: Path) -> Document:
    if file.suffix.lower() == ".xlsx":
        from server.instruments.xlsform import load_xlsform  # noqa: PLC0415 - openpyxl only where needed

        return load_xlsform(file, say=click.echo)
    return load(file)
