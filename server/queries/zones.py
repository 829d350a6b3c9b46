"""SQL of zones: sets of administrative areas, each set replaced whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import shapely
from geoalchemy2.functions import ST_AsBinary
from geoalchemy2.shape import from_shape
from shapely.geometry import MultiPolygon
from sqlalchemy import Connection, delete, func, insert, select

from server.models.zone import zone, zone_set


@dataclass(frozen=True, kw_only=True)
class ZoneShape:
    """An area and what it is called in its set."""

    name: str
    area: MultiPolygon


@dataclass(frozen=True, kw_only=True)
class ZoneSet:
    """A set of zones of one city, and under which terms it may be used."""

    name: str
    licence: str | None = None
    attribution: str | None = None


@dataclass(frozen=True, kw_only=True)
class LoadedSet(ZoneSet):
    """A set in the store: when it was loaded, and how many zones it has."""

    loaded_at: datetime
    zones: int


def replace_zones(
    connection: Connection, *, city_id: int, described: ZoneSet, shapes: Sequence[ZoneShape]
) -> None:
    """Put a set in the place of the one of the same name."""
    delete_zones(connection, city_id=city_id, name=described.name)
    connection.execute(insert(zone_set).values(city_id=city_id, **vars(described)))
    rows = [{"name": one.name, "area": from_shape(one.area, srid=4326)} for one in shapes]
    connection.execute(insert(zone).values(city_id=city_id, set_name=described.name), rows)


def delete_zones(connection: Connection, *, city_id: int, name: str) -> bool:
    """Take a set out; return whether there was one."""
    named = (zone_set.c.city_id == city_id) & (zone_set.c.name == name)
    return connection.execute(delete(zone_set).where(named)).rowcount > 0


def list_sets(connection: Connection, *, city_id: int) -> list[LoadedSet]:
    """Return every set of a city, by name."""
    of_set = (zone.c.city_id == zone_set.c.city_id) & (zone.c.set_name == zone_set.c.name)
    columns = (zone_set.c.name, zone_set.c.licence, zone_set.c.attribution, zone_set.c.loaded_at)
    query = (
        select(*columns, func.count(zone.c.name).label("zones"))
        .outerjoin(zone, of_set)
        .where(zone_set.c.city_id == city_id)
        .group_by(*columns)
        .order_by(zone_set.c.name.collate("C"))
    )
    return [LoadedSet(**row._mapping) for row in connection.execute(query)]


def list_zones(connection: Connection, *, city_id: int, set_name: str) -> list[ZoneShape]:
    """Return the zones of a set, by name."""
    query = (
        select(zone.c.name, ST_AsBinary(zone.c.area).label("area"))
        .where(zone.c.city_id == city_id, zone.c.set_name == set_name)
        .order_by(zone.c.name.collate("C"))
    )
    rows = connection.execute(query)
    return [ZoneShape(name=row.name, area=_area(bytes(row.area))) for row in rows]


def _area(encoded: bytes) -> MultiPolygon:
    return cast(MultiPolygon, shapely.from_wkb(encoded))
