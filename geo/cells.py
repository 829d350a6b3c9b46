"""The only door to H3: cells of points, their parents, neighbours, shapes and sizes.

Inside, a cell is its H3 index as a signed 64-bit integer (the high bit is never set); outside, 15 hex digits.
"""

import re
from collections.abc import Iterable, Sequence
from typing import overload

import h3.api.basic_int as h3
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo import areas
from geo.errors import CellError, CoordinateError

Cells = NDArray[np.int64]

FINEST = 15
_CELL_TEXT = re.compile("[0-9a-fA-F]{15}")
_MOST_CELLS_OF_AN_AREA = 20_000_000  # a country at resolution 9; beyond it, somebody mistook a unit

# H3 index: 1 bit reserved, 4 mode, 3 reserved, 4 resolution, 7 base cell, 15 digits of 3 bits; unused
# digits are 7. https://h3geo.org/docs/core-library/h3Indexing
_RESOLUTION_SHIFT = 52
_RESOLUTION_MASK = 15 << _RESOLUTION_SHIFT
_DIGIT_BITS = 3
_OF_ANCESTORS = [
    resolution << _RESOLUTION_SHIFT | (1 << _DIGIT_BITS * (FINEST - resolution)) - 1
    for resolution in range(FINEST + 1)
]
"""By resolution: its own bits, and all digits beyond it."""


def cells_of(lat: ArrayLike, lng: ArrayLike, *, resolution: int) -> Cells:
    """Return the cell of each point, int64[n], in order.

    Raises CoordinateError naming the first row not on Earth, CellError for a resolution outside 0..15.
    """
    _check_resolution(resolution)
    lats, lngs = np.asarray(lat, dtype=np.float64), np.asarray(lng, dtype=np.float64)
    _check_degrees(lats, lngs)
    cell = h3.latlng_to_cell
    found = (cell(a, b, resolution) for a, b in zip(lats.tolist(), lngs.tolist(), strict=True))
    return np.fromiter(found, dtype=np.int64, count=len(lats))


def cell_of(lat: float, lng: float, *, resolution: int) -> int:
    """Return the cell of one point; errors as `cells_of`."""
    _check_resolution(resolution)
    if not (abs(lat) <= 90 and abs(lng) <= 180):
        raise CoordinateError(f"lat {lat}, lng {lng}: not on Earth; lat must be -90..90, lng -180..180")
    return int(h3.latlng_to_cell(lat, lng, resolution))


def to_text(cell: int) -> str:
    """Return the 15 hex digits by which the outside knows a cell."""
    return f"{int(cell):x}"


def to_texts(cells: Iterable[int] | Cells) -> list[str]:
    """Return `to_text` of each cell, in order."""
    integers = cells.tolist() if isinstance(cells, np.ndarray) else cells
    return [f"{cell:x}" for cell in integers]


def from_text(text: str) -> int:
    """Return the cell written as 15 hex digits; raises CellError naming a text that is none."""
    cell = int(text, 16) if _CELL_TEXT.fullmatch(text) else 0
    if not h3.is_valid_cell(cell):
        raise CellError(f"{text[:40]!r} is no H3 cell; write one as 15 hex digits, such as 8928308280fffff")
    return cell


@overload
def resolution_of(cells: int) -> int: ...
@overload
def resolution_of(cells: Cells) -> Cells: ...
def resolution_of(cells: int | Cells) -> int | Cells:
    """Return the H3 resolution, 0..15, of a cell or of each of an array."""
    return (cells >> _RESOLUTION_SHIFT) & 15


def numbers_within(cells: Cells, *, resolution: int) -> Cells:
    """Return what tells cells of one resolution apart: base cell and digits, below 2^52.

    It is `(cell >> s) & (2^(7 + 3 r) - 1)` with `s = 3 (15 - r)` at resolution r; the rest of an index is
    the same for all of them.
    """
    _check_resolution(resolution)
    digits: Cells = np.asarray(cells, dtype=np.int64) >> (_DIGIT_BITS * (FINEST - resolution))
    return digits & ((1 << (7 + _DIGIT_BITS * resolution)) - 1)


@overload
def parent(cells: int, *, resolution: int) -> int: ...
@overload
def parent(cells: Cells, *, resolution: int) -> Cells: ...
def parent(cells: int | Cells, *, resolution: int) -> int | Cells:
    """Return the ancestor at `resolution` (itself at its own), by bit operations alone.

    Raises CellError where a cell is coarser than `resolution`.
    """
    _check_resolution(resolution)
    coarser = resolution_of(cells) < resolution
    if coarser if isinstance(coarser, bool) else coarser.any():
        raise CellError(f"a cell is coarser than resolution {resolution}; it has no parent there")
    return cells & ~_RESOLUTION_MASK | _OF_ANCESTORS[resolution]


def ancestor_text(cell: int, *, resolution: int) -> str:
    """Return `to_text` of the ancestor of one cell at `resolution`, which is not checked to be coarser."""
    return f"{cell & ~_RESOLUTION_MASK | _OF_ANCESTORS[resolution]:x}"


def centre(cells: Cells) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the latitudes and longitudes of the centres, two float[n] in degrees."""
    points = np.array([h3.cell_to_latlng(cell) for cell in cells.tolist()], dtype=np.float64).reshape(-1, 2)
    return points[:, 0], points[:, 1]


def area_km2(cells: Cells) -> NDArray[np.float64]:
    """Return the spherical area of each cell in square kilometres (authalic radius 6371.007 km)."""
    return np.array([h3.cell_area(cell, unit="km^2") for cell in cells.tolist()], dtype=np.float64)


def disc(cell: int, *, k: int) -> Cells:
    """Return the cell and all within k steps: 3k(k+1)+1 cells, fewer near a pentagon."""
    return np.array(h3.grid_disk(cell, k), dtype=np.int64)


def discs(cells: Cells, *, k: int) -> tuple[Cells, NDArray[np.int64]]:
    """Return the discs of all cells laid end to end, and the length of each, int64[n]."""
    found = [h3.grid_disk(cell, k) for cell in cells.tolist()]
    lengths = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
    members = (member for one in found for member in one)
    return np.fromiter(members, dtype=np.int64, count=int(lengths.sum())), lengths


def covering(area: BaseGeometry, *, resolution: int) -> Cells:
    """Return, sorted, the cells whose centre lies inside a Polygon or MultiPolygon in lng/lat.

    Raises CellError where they would be more than 20 million.
    """
    _check_resolution(resolution)
    expected = areas.area_km2(area) / h3.average_hexagon_area(resolution, unit="km^2")
    if expected > _MOST_CELLS_OF_AN_AREA:
        raise CellError(
            f"the area holds about {expected:.0f} cells of resolution {resolution}; choose a coarser one"
        )
    found: set[int] = set()
    for part in _narrow_parts(area):
        found.update(h3.h3shape_to_cells(h3.geo_to_h3shape(part.__geo_interface__), resolution))
    return np.array(sorted(found), dtype=np.int64)


def polygon(cell: int) -> Polygon | MultiPolygon:
    """Return one cell's shape; see `polygons`."""
    return _planar(h3.cell_to_boundary(cell))


def polygons(cells: Cells) -> NDArray[np.object_]:
    """Return each cell's shape in lng/lat (EPSG:4326), an object array of Polygon.

    A cell across the antimeridian is a MultiPolygon split there (RFC 7946, 3.1.9); one around a pole
    reaches it.
    """
    shapes = np.empty(len(cells), dtype=object)
    rings = [h3.cell_to_boundary(cell) for cell in cells.tolist()]
    if not rings:
        return shapes
    owner = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    points = np.array([point for ring in rings for point in ring])[:, ::-1]
    shapes[:] = shapely.polygons(shapely.linearrings(points, indices=owner))
    bounds = shapely.bounds(shapes)
    for index in np.flatnonzero(bounds[:, 2] - bounds[:, 0] >= 180):
        shapes[index] = _planar(rings[index])
    return shapes


def outline(cells: Cells) -> MultiPolygon:
    """Return the outline of a set of cells of one resolution: their union, traced along cell edges."""
    shape = h3.cells_to_h3shape(cells.tolist(), tight=False)
    parts = [
        _planar(loops.outer).difference(shapely.union_all([_planar(hole) for hole in loops.holes]))
        for loops in shape
    ]
    return _multi(shapely.union_all(parts))


def _planar(ring: Sequence[tuple[float, float]]) -> Polygon | MultiPolygon:
    """Return the area inside a lat/lng ring on the sphere as lng/lat shapes within -180..180."""
    points = np.array(ring, dtype=np.float64)
    closed = np.vstack([points, points[:1]])
    lng = np.unwrap(closed[:, 1], period=360)
    lat = closed[:, 0]
    if abs(lng[-1] - lng[0]) > 180:  # the ring goes once around a pole: walk along the pole back to its start
        pole = np.copysign(90.0, lat.mean())
        lng, lat = np.append(lng, [lng[-1], lng[0]]), np.append(lat, [pole, pole])
    world = shapely.box(-180, -90, 180, 90)
    turns = [Polygon(np.column_stack([lng + turn, lat])) for turn in (-360, 0, 360)]
    if world.covers(turns[1]):
        return turns[1]
    merged = shapely.union_all([turned.intersection(world) for turned in turns])
    return merged if isinstance(merged, Polygon) else _multi(merged)


def _multi(shape: BaseGeometry) -> MultiPolygon:
    return MultiPolygon([part for part in shapely.get_parts(shape) if isinstance(part, Polygon)])


def _narrow_parts(area: BaseGeometry) -> Iterable[BaseGeometry]:
    """Yield the polygons of an area, cut so that none spans 180 degrees: H3 would take its complement."""
    for part in shapely.get_parts(area):
        west, _, east, _ = part.bounds
        if east - west < 180:
            yield part
            continue
        for left in (-180, -60, 60):
            piece = part.intersection(shapely.box(left, -90, left + 120, 90))
            yield from (p for p in shapely.get_parts(piece) if isinstance(p, Polygon))


def _check_resolution(resolution: int) -> None:
    if not 0 <= resolution <= FINEST:
        raise CellError(f"resolution {resolution}: H3 has resolutions 0 to {FINEST}")


def _check_degrees(lat: NDArray[np.float64], lng: NDArray[np.float64]) -> None:
    if lat.shape != lng.shape or lat.ndim != 1:
        raise CoordinateError(f"lat {lat.shape} and lng {lng.shape} must be two lists of equal length")
    wrong = ~((np.abs(lat) <= 90) & (np.abs(lng) <= 180))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise CoordinateError(
            f"row {row}: lat {lat[row]}, lng {lng[row]}: not on Earth; lat must be -90..90, lng -180..180"
        )
