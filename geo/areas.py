"""Areas on the ground: boundaries as given, their size, and how far a point lies outside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry, BaseMultipartGeometry

from geo import geojson
from geo.errors import BoundaryError

EARTH_RADIUS_M = 6_371_007.180918475  # authalic radius of WGS 84, as H3

_LONGEST_EDGE_DEG = 0.05  # an edge straight in lng/lat bends in Mercator: below 1 m at this length
_HIGHEST_MERCATOR_LAT = 89.9


@dataclass(frozen=True, kw_only=True)
class Repaired:
    """A valid area and what had to be mended for it, in plain words (empty: nothing)."""

    area: MultiPolygon
    notes: tuple[str, ...]


def read_boundary(source: Mapping[str, Any] | str) -> Repaired:
    """Return the area of a GeoJSON geometry, Feature or FeatureCollection, or of "west,south,east,north".

    West may exceed east: the box then crosses the antimeridian. Shapes that overlap are merged, invalid ones
    repaired, both said in `notes`. Raises GeoJSONError, or BoundaryError where no area is left.
    """
    shape = _box(source) if isinstance(source, str) else geojson.read(source)
    parts = [part for part in _leaves(shape) if not part.is_empty]
    polygons = [polygon for part in parts for polygon in _polygons(shapely.make_valid(part))]
    if not polygons:
        raise BoundaryError(
            "the boundary encloses no area; give polygons, or west,south,east,north in degrees"
        )
    area = MultiPolygon(_polygons(shapely.union_all(polygons)))
    return Repaired(area=area, notes=tuple(_notes(parts, polygons, area)))


def mended(shape: BaseGeometry) -> MultiPolygon:
    """Return the area that a shape encloses, valid; empty for points and lines."""
    return MultiPolygon(_polygons(shapely.make_valid(shape)))


def common(one: MultiPolygon, other: MultiPolygon) -> MultiPolygon:
    """Return the area that two valid ones share; empty where they share none, or an edge alone."""
    return MultiPolygon(_polygons(one.intersection(other)))


def area_km2(geometry: BaseGeometry) -> float:
    """Return the area of all polygons in a lng/lat geometry, in square kilometres on the authalic sphere.

    Exact for edges straight in lng/lat: each adds R^2 times the integral of sin(lat) over lng. Against the
    ellipsoid right to 0.7 %. Points and lines count 0.
    """
    total = sum(
        abs(_ring_steradians(part.exterior)) - sum(abs(_ring_steradians(hole)) for hole in part.interiors)
        for part in _polygons(geometry)
    )
    return float(total) * (EARTH_RADIUS_M / 1000) ** 2


class Boundary:
    """An area prepared for asking many points how far outside they lie."""

    def __init__(self, area: MultiPolygon) -> None:
        self.area = area
        shapely.prepare(area)
        self._edges = shapely.STRtree(_mercator_edges(area))

    def distance_m(self, lat: ArrayLike, lng: ArrayLike) -> NDArray[np.float64]:
        """Return how many metres outside each point lies, float[n]: 0 inside or on the edge, NaN where NaN.

        Great-circle distance to the nearest edge in Mercator: right to 0.1 % up to 1 km, never too short.
        """
        lats, lngs = np.asarray(lat, dtype=np.float64), np.asarray(lng, dtype=np.float64)
        distances = np.where(np.isnan(lats + lngs), np.nan, 0.0)
        outside = np.flatnonzero(~shapely.intersects_xy(self.area, lngs, lats) & ~np.isnan(distances))
        if not outside.size:
            return distances
        here = np.column_stack([lngs[outside], lats[outside]])
        distances[outside] = great_circle_m(here, self._nearest(here))
        return distances

    def _nearest(self, here: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the point of the edges nearest to each point, lng/lat."""
        points = np.asarray(shapely.points(_mercator(here)))
        _, found = self._edges.query_nearest(points, all_matches=False)
        edges = self._edges.geometries.take(found)
        return _from_mercator(
            shapely.get_coordinates(
                shapely.line_interpolate_point(edges, shapely.line_locate_point(edges, points))
            )
        )


def _box(text: str) -> BaseGeometry:
    try:
        west, south, east, north = (float(number) for number in text.split(","))
    except ValueError:
        raise BoundaryError(f"{text[:80]!r} is no box; write west,south,east,north in degrees") from None
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south < north <= 90 and west != east):
        raise BoundaryError(f"{text[:80]!r}: needs -180 <= west, east <= 180 and -90 <= south < north <= 90")
    if west < east:
        return shapely.box(west, south, east, north)
    halves = [(west, 180.0), (-180.0, east)]
    return MultiPolygon([shapely.box(left, south, right, north) for left, right in halves if left < right])


def _notes(parts: list[BaseGeometry], polygons: list[Polygon], area: MultiPolygon) -> Iterator[str]:
    invalid = [part for part in parts if not part.is_valid]
    if invalid:
        yield f"{len(invalid)} of {len(parts)} shapes repaired: {shapely.is_valid_reason(invalid[0])}"
    if not all(isinstance(part, Polygon) for part in parts):
        yield "points and lines left out: only polygons enclose an area"
    if area.area < sum(polygon.area for polygon in polygons) * (1 - 1e-9):
        yield "overlapping shapes merged"


def _leaves(shape: BaseGeometry) -> list[BaseGeometry]:
    """Return the single geometries of a collection, however nested."""
    if isinstance(shape, BaseMultipartGeometry):
        return [leaf for part in shape.geoms for leaf in _leaves(part)]
    return [shape]


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    return [leaf for leaf in _leaves(shape) if isinstance(leaf, Polygon) and leaf.area > 0]


def _ring_steradians(ring: BaseGeometry) -> float:
    """Return the signed solid angle between a lng/lat ring and the equator."""
    lng, lat = np.deg2rad(shapely.get_coordinates(ring)).T
    # Mean of sin(lat) along an edge: (cos a - cos b) / (b - a), written so that b = a is no division by zero.
    mean_sine = np.sin((lat[1:] + lat[:-1]) / 2) * np.sinc((lat[1:] - lat[:-1]) / 2 / np.pi)
    return float(np.sum(np.diff(lng) * mean_sine))


def _mercator(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return lng/lat in degrees as Mercator x/y in radians: conformal, near distances scale by cos(lat)."""
    lng, lat = np.deg2rad(points).T
    highest = np.deg2rad(_HIGHEST_MERCATOR_LAT)
    return np.column_stack([lng, np.arctanh(np.sin(lat.clip(-highest, highest)))])


def _from_mercator(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([np.rad2deg(points[:, 0]), np.rad2deg(np.arcsin(np.tanh(points[:, 1])))])


def great_circle_m(here: NDArray[np.float64], there: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the haversine distance between lng/lat points in metres, float[n]."""
    (lng, lat), (to_lng, to_lat) = np.deg2rad(here).T, np.deg2rad(there).T
    apart = np.sin((to_lat - lat) / 2) ** 2 + np.cos(lat) * np.cos(to_lat) * np.sin((to_lng - lng) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(apart.clip(0, 1))))


def _mercator_edges(area: MultiPolygon) -> NDArray[np.object_]:
    """Return every edge of the area as a Mercator segment, near the antimeridian on both sides of it."""
    rings, owner = shapely.get_coordinates(
        shapely.segmentize(shapely.get_rings(shapely.get_parts(area)), _LONGEST_EDGE_DEG), return_index=True
    )
    flat = _mercator(rings)
    joined = owner[1:] == owner[:-1]
    edges = np.stack([flat[:-1][joined], flat[1:][joined]], axis=1)
    turn = np.array([2 * np.pi, 0.0])
    west, _, east, _ = area.bounds
    copies = [edges] + [edges + turn] * (west < -179) + [edges - turn] * (east > 179)
    return np.asarray(shapely.linestrings(np.concatenate(copies)))
