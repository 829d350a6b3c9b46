"""Zone files: administrative areas with a name each, mended where they are broken and kept to the city."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.areas import common, mended
from geo.cells import covering
from server.cities import City
from server.errors import Fault, Invalid
from server.importing.features import open_features, read_batches
from server.queries.zones import ZoneShape

MOST_ZONES = 2_000
"""In one set: ranks compare each with each."""
_LONGEST_NAME = 200
_MOST_FAULTS = 20
_OVERLAP = 0.001
"""Shared by two zones, of the smaller one's area: less is the width of a drawn line."""


@dataclass(frozen=True, kw_only=True)
class ZoneFile:
    """The zones of a file that touch the city, and what was mended or left out, in plain words."""

    zones: tuple[ZoneShape, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Named:
    row: int
    name: str
    shape: ZoneShape


def read_zones(path: Path, *, name_field: str, city: City) -> ZoneFile:
    """Return the zones of a GeoJSON or GeoPackage file, each called by its value of `name_field`.

    Raises Unparsable as `features.open_features`; Invalid where there is no such field (it lists those there
    are), a name is missing or given twice, no zone touches the city, or zones are too many.
    """
    _check_field(path, name_field)
    counts: Counter[str] = Counter()
    found = _inside(path, name_field, city, counts)
    _check_names(path, found)
    if not found:
        told = "; ".join(_told(counts)) or "it has no feature"
        raise Invalid(f"{path.name} holds no zone of {city.name}: {told}")
    zones = tuple(one.shape for one in found)
    return ZoneFile(zones=zones, notes=(*_told(counts), *_overlaps(zones), *_too_small(zones, city)))


def _check_field(path: Path, name_field: str) -> None:
    fields = open_features(path).names[:-2]  # the last two are the point's
    if name_field not in fields:
        there = f"they are {', '.join(fields)}" if fields else "there is none"
        fault = Fault("/name-field", f"no field {name_field!r}; {there}")
        raise Invalid(f"{path.name} cannot be loaded", faults=[fault])


def _inside(path: Path, name_field: str, city: City, counts: Counter[str]) -> list[_Named]:
    shapely.prepare(city.area)
    found: list[_Named] = []
    row = 0
    for properties, shapes in read_batches(path):
        _check_degrees(path, shapes)
        for name, shape in zip(properties[name_field], shapes, strict=True):
            row += 1
            area = mended(shape) if shape is not None else shapely.MultiPolygon()
            counts["are no areas, left out"] += area.is_empty
            if area.is_empty:
                continue
            counts["invalid shapes repaired"] += not shape.is_valid
            within = bool(shapely.intersects(city.area, area))
            counts["outside the city, left out"] += not within
            if within:
                said = _name(name)
                found.append(_Named(row=row, name=said, shape=ZoneShape(name=said, area=area)))
        if len(found) > MOST_ZONES:
            raise Invalid(f"{path.name} holds more than {MOST_ZONES} zones; split it into several sets")
    return found


def _check_degrees(path: Path, shapes: NDArray[np.object_]) -> None:
    west, south, east, north = shapely.total_bounds(shapes)
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise Invalid(
            f"{path.name}: coordinates reach from ({west:g}, {south:g}) to ({east:g}, {north:g}); "
            "they must be longitude and latitude: reproject the file to EPSG:4326"
        )


def _name(value: Any) -> str:
    """Return a name as people write it: one line, a whole number without a point."""
    plain = int(value) if isinstance(value, float) and value.is_integer() else value
    return " ".join(str(plain).split()) if plain is not None else ""


def _check_names(path: Path, found: Sequence[_Named]) -> None:
    rows: dict[str, list[int]] = {}
    for one in found:
        rows.setdefault(one.name, []).append(one.row)
    faults = [
        Fault(f"/features/{row}", f"a name must have 1 to {_LONGEST_NAME} characters, this has {len(name)}")
        for name, at in rows.items()
        for row in at
        if not 0 < len(name) <= _LONGEST_NAME
    ]
    faults += [
        Fault("/name-field", f"{name!r} names features {', '.join(map(str, at))}; names must differ")
        for name, at in rows.items()
        if name and len(at) > 1
    ]
    if faults:
        raise Invalid(
            f"{path.name}: choose another name field, or merge what is one zone", faults=faults[:_MOST_FAULTS]
        )


def _told(counts: Counter[str]) -> list[str]:
    return [f"{count} {what}" for what, count in counts.items() if count]


def _overlaps(zones: Sequence[ZoneShape]) -> list[str]:
    areas = np.array([one.area for one in zones], dtype=object)
    first, second = shapely.STRtree(areas).query(areas, predicate="intersects")
    one, other = first[first < second], second[first < second]
    shared = shapely.area(shapely.intersection(areas[one], areas[other]))
    smaller = np.minimum(shapely.area(areas[one]), shapely.area(areas[other]))
    overlapping = np.flatnonzero(shared > _OVERLAP * smaller)
    if not len(overlapping):
        return []
    a, b = zones[one[overlapping[0]]].name, zones[other[overlapping[0]]].name
    return [
        f"{len(overlapping)} pairs of zones overlap, such as {a!r} and {b!r}; a cell in both counts in both"
    ]


def _too_small(zones: Sequence[ZoneShape], city: City) -> list[str]:
    names = [
        one.name
        for one in zones
        if not len(covering(common(one.area, city.area), resolution=city.resolution))
    ]
    return [f"{len(names)} hold no centre of a cell, so no figures, such as {names[0]!r}"] if names else []
