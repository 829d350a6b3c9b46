"""The zones that a run knows: their cells at the city's resolution, within the city."""

import hashlib

from shapely.geometry import MultiPolygon
from sqlalchemy import Connection

from analysis.zones import Zone
from geo.areas import common
from geo.cells import Cells, covering
from geo.errors import CellError
from server.cities import City
from server.queries.zones import LoadedSet, ZoneShape, list_sets, list_zones


def read_zones(connection: Connection, city: City) -> list[Zone]:
    """Return every zone of the city, sets and names in order; without a cell where it lies outside."""
    return [
        _zone(city, of_set, shape)
        for of_set in list_sets(connection, city_id=city.city_id)
        for shape in list_zones(connection, city_id=city.city_id, set_name=of_set.name)
    ]


def city_as_zone(city: City) -> Zone | None:
    """Return the whole city as the one zone of a set of its own; None where its cells are too many."""
    try:
        return Zone(id="city", set="city", name=city.name, area=city.area, cells=_cells(city, city.area))
    except CellError:
        return None


def _zone(city: City, of_set: LoadedSet, shape: ZoneShape) -> Zone:
    named = f"{of_set.name}\n{shape.name}"
    return Zone(
        id=hashlib.sha256(named.encode()).hexdigest()[:12],
        set=of_set.name,
        name=shape.name,
        area=shape.area,
        cells=_cells(city, common(shape.area, city.area)),
        licence=of_set.licence or "",
        attribution=of_set.attribution or "",
    )


def _cells(city: City, area: MultiPolygon) -> Cells:
    return covering(area, resolution=city.resolution)
