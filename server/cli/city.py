"""`safeaudit city`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import yaml

from geo.areas import Repaired, area_km2, read_boundary
from geo.errors import PlaceError
from server.cities import City
from server.city_form import ENTRIES, read_entries
from server.cli.context import open_store
from server.errors import Fault, Invalid
from server.instruments import strict_yaml
from server.services.change_city import CHANGEABLE, change_city
from server.services.create_city import create_city

_OPTIONS = ("name", "time_zone", "resolution", "k")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Make, show and change cities."""


@command.command()
@click.argument("slug")
@click.option("--name")
@click.option("--timezone", "time_zone", help="IANA name, such as Asia/Kolkata.")
@click.option("--boundary", help="A GeoJSON file, or west,south,east,north in degrees.")
@click.option("--resolution", help="H3 resolution of the analysis, 6 to 11. [9]")
@click.option("--k", help="Fewest counted auditors behind what is public. [5]")
@click.option(
    "--file", "city_file", type=_FILE, help="city.yml with any of these and more (docs/importing.md)."
)
def create(slug: str, boundary: str | None, city_file: Path | None, **options: str | None) -> None:
    """Make the city SLUG with all built-in instruments; options stand over the file."""
    form = {} if city_file is None else _read_form(city_file)
    folder = Path() if city_file is None else city_file.parent
    given = {name: value for name, value in options.items() if value is not None}
    place: Any = boundary if boundary is not None else form.pop("boundary", None)
    form.pop("boundary", None)
    said = read_entries({**form, **given}.items())
    repaired = _boundary(place, Path() if boundary is not None else folder)
    for note in repaired.notes:
        click.echo(f"boundary: {note}")
    with open_store(pool_size=1) as store, store.database.transaction() as connection:
        create_city(connection, slug=slug, area=repaired.area, said=said)
    click.echo(f"{slug}: {area_km2(repaired.area):.1f} km2")


@command.command("list")
def list_all() -> None:
    """List the cities: slug, name, time zone, k."""
    with open_store(pool_size=1) as store:
        for city in store.cities.all():
            click.echo(f"{city.slug}\t{city.name}\t{city.time_zone}\tk={city.k}")


@command.command()
@click.argument("slug")
def show(slug: str) -> None:
    """Show everything set for the city SLUG, as city.yml would say it."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
    click.echo(yaml.safe_dump(_described(city), sort_keys=False, allow_unicode=True), nl=False)


@command.command("set")
@click.argument("slug")
@click.argument("pairs", nargs=-1, required=True, metavar="KEY=VALUE...")
def set_(slug: str, pairs: tuple[str, ...]) -> None:
    """Change settings of the city SLUG, such as photos=on k=7."""
    without = [pair for pair in pairs if "=" not in pair]
    if without:
        raise Invalid("write KEY=VALUE", faults=[Fault(f"/{pair}", "has no =") for pair in without])
    said = read_entries([pair.split("=", 1) for pair in pairs], allowed=CHANGEABLE)  # type: ignore[misc]
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            change_city(connection, city=city, said=said)
    for name, value in said.items():
        click.echo(f"{name}={value}")


def _described(city: City) -> Mapping[str, Any]:
    columns = {"name": city.name, "time_zone": city.time_zone, "languages": list(city.languages)}
    box = ",".join(f"{degrees:.6g}" for degrees in city.area.bounds)
    settings = {name: city.settings[name] for name in ENTRIES if name in city.settings}
    extent = {"area_km2": round(area_km2(city.area), 1), "bounds": box, "instruments": list(city.documents)}
    return {"slug": city.slug, **columns, "resolution": city.resolution, "k": city.k, **settings, **extent}


def _read_form(path: Path) -> dict[str, Any]:
    try:
        form = strict_yaml.read(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Invalid(f"{path.name} cannot be read: {error}") from error
    if not isinstance(form, dict):
        raise Invalid(f"{path.name} must hold lines `key: value`; keys are boundary, {', '.join(ENTRIES)}")
    return form


def _boundary(said: Any, folder: Path) -> Repaired:
    """Return the area of GeoJSON as it stands, of a file of it, or of a box."""
    if said is None:
        raise Invalid(
            "a city needs a boundary", faults=[Fault("/boundary", "give a GeoJSON file or w,s,e,n")]
        )
    try:
        if isinstance(said, str) and (folder / said).is_file():
            said = json.loads((folder / said).read_text(encoding="utf-8-sig"))
        return read_boundary(said)
    except (PlaceError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Invalid("the boundary cannot be used", faults=[Fault("/boundary", str(error))]) from error
