"""`safeaudit basemap`."""

from pathlib import Path

import click

from server.basemap import Basemap, add_basemap, basemap_file, find_basemap
from server.cli.context import read_settings


@click.group()
def command() -> None:
    """Serve streets and water below the map, from here: one PMTiles file for all cities."""


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def add(file: Path) -> None:
    """Copy FILE (PMTiles, version 3) in the place of the basemap; running servers take it at once."""
    click.echo(_told(add_basemap(file, home=read_settings().home)))


@command.command()
def show() -> None:
    """Tell what the basemap is."""
    found = find_basemap(read_settings().home)
    click.echo("no basemap" if found is None else _told(found))


@command.command()
def remove() -> None:
    """Serve no basemap any more."""
    basemap_file(read_settings().home).unlink(missing_ok=True)


def _told(found: Basemap) -> str:
    box = ", ".join(f"{degrees:.4f}" for degrees in found.bounds)
    source = found.attribution or "it names nobody as its source"
    return f"{found.kind}, to zoom {found.maxzoom}, {box}; {source}"
