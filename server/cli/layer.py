"""`safeaudit layer`."""

from pathlib import Path

import click

from server.cities import City
from server.cli.context import Store, open_store
from server.cli.writing import write_whole
from server.exporting.files import format_of
from server.layer_table import LayerTable
from server.publishing.unsuppressed import unsuppressed_layer
from server.queries.layers import list_latest
from server.services.read_layer import find_layer, read_layer


@click.group()
def command() -> None:
    """List and export what the last run published."""


@command.command("list")
@click.argument("slug")
def list_layers(slug: str) -> None:
    """List the layers of the city SLUG: instrument, layer, audience, features, as of."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.layer_reading() as connection:
            layers = list_latest(connection, city_id=city.city_id)
    if not layers:
        click.echo(f"no run yet; `safeaudit analyze {slug}` makes one", err=True)
    for layer in layers:
        told = (layer.instrument_id, layer.name, layer.audience, layer.features, f"{layer.as_of:%Y-%m-%d}")
        click.echo("\t".join(map(str, told)))


@command.command()
@click.argument("slug")
@click.argument("layer")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--instrument", help="Else the city's first that has this layer.")
@click.option("--unsuppressed", is_flag=True, help="All cells, all used audits, computed now; logged.")
def export(slug: str, layer: str, file: Path, instrument: str | None, unsuppressed: bool) -> None:
    """Write LAYER of the city SLUG to FILE: .geojson .gpkg .fgb .parquet or .csv."""
    format_ = format_of(file.suffix.removeprefix("."))
    with open_store(pool_size=2) as store:
        city = store.cities.get(slug)
        if unsuppressed:
            table = unsuppressed_layer(store.database, city, name=layer, instrument_id=instrument)
        else:
            table = _published(store, city, layer, instrument)
    write_whole(file, format_.encode(table))
    click.echo(f"{file}: {len(table)} features")


def _published(store: Store, city: City, layer: str, instrument: str | None) -> LayerTable:
    with store.database.layer_reading() as connection:
        found = find_layer(
            connection,
            city_id=city.city_id,
            name=layer,
            instruments=tuple(city.documents),
            instrument_id=instrument,
        )
        return read_layer(connection, found)
