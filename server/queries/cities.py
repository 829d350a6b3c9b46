"""SQL of cities and their boundaries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from geoalchemy2.shape import from_shape
from shapely.geometry import MultiPolygon
from sqlalchemy import Connection, func, insert, select, update

from server.errors import Conflict
from server.models.city import city, city_boundary


@dataclass(frozen=True)
class CityRow:
    """One city as stored, its boundary included."""

    city_id: int
    slug: str
    name: str
    time_zone: str
    languages: tuple[str, ...]
    resolution: int
    k: int
    settings: dict[str, Any]
    area: MultiPolygon


def _all_cities() -> Any:
    shape = func.ST_AsBinary(city_boundary.c.area).label("area")
    columns = [column for column in city.c if column.name != "created_at"]
    return select(*columns, shape).join(city_boundary, city_boundary.c.city_id == city.c.city_id)


def _row(row: Any) -> CityRow:
    values = dict(row._mapping)
    values["languages"] = tuple(values["languages"])
    values["area"] = shapely.from_wkb(bytes(values["area"]))
    return CityRow(**values)


def list_cities(connection: Connection) -> Sequence[CityRow]:
    """Return every city, in the order of their making."""
    return [_row(row) for row in connection.execute(_all_cities().order_by(city.c.city_id))]


def insert_city(connection: Connection, *, values: dict[str, Any], area: MultiPolygon) -> int:
    """Return the id of a new city; Conflict where its slug is taken."""
    taken = connection.scalar(select(city.c.city_id).where(city.c.slug == values["slug"]))
    if taken is not None:
        raise Conflict(f"a city {values['slug']!r} exists already; choose another slug")
    city_id: int = connection.execute(insert(city).values(values).returning(city.c.city_id)).scalar_one()
    connection.execute(insert(city_boundary).values(city_id=city_id, area=from_shape(area, srid=4326)))
    return city_id


def update_city(connection: Connection, *, city_id: int, values: dict[str, Any]) -> None:
    """Change columns of a city."""
    connection.execute(update(city).where(city.c.city_id == city_id).values(values))
