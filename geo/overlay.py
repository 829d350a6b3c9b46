"""Shapes laid over cells: which share of each street, area or point lies in which cell."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.areas import great_circle_m
from geo.cells import Cells, cells_of, polygons, resolution_of
from geo.lattice import Lattice
from geo.plane import Plane

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Shares:
    """One row for each shape and cell that meet: their indices, and the share of the shape there, 0..1."""

    shape: Indices
    cell: Indices
    share: Floats


def shares(shapes: Shapes, cells: Cells) -> Shares:
    """Return which share of each lng/lat shape lies in each of some cells, sorted and of one resolution.

    Of lines the share is of their length, of areas of their area, of points of their number. The shares of a
    shape sum to 1 where the cells cover it.
    """
    if not len(cells) or not len(shapes):
        return Shares(shape=np.zeros(0, np.int64), cell=np.zeros(0, np.int64), share=np.zeros(0))
    solid = shapely.get_dimensions(shapes) > 0
    found = (
        _of_solids(shapes, np.flatnonzero(solid), cells),
        _of_points(shapes, np.flatnonzero(~solid), cells),
    )
    return Shares(
        shape=np.concatenate([one.shape for one in found]),
        cell=np.concatenate([one.cell for one in found]),
        share=np.concatenate([one.share for one in found]),
    )


def length_m(lines: Shapes) -> Floats:
    """Return the great-circle length of each lng/lat line in metres, float[n]; 0 for what is no line."""
    parts, owner = shapely.get_parts(lines, return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    joined = (part[1:] == part[:-1]) & (shapely.get_dimensions(parts)[part[1:]] == 1)
    steps = great_circle_m(points[:-1][joined], points[1:][joined])
    return np.bincount(owner[part[1:][joined]], steps, minlength=len(lines)).astype(np.float64)


def within(lines: Shapes, area: shapely.geometry.base.BaseGeometry) -> Shapes:
    """Return the part of each line that lies in an area, all in lng/lat."""
    shapely.prepare(area)
    inside = shapely.covers(area, lines)
    cut = lines.copy()
    cut[~inside] = shapely.intersection(lines[~inside], area)
    return cut


def _of_solids(shapes: Shapes, rows: Indices, cells: Cells) -> Shares:
    plane = Plane.around(shapes)
    flat = plane.flat_shapes(shapes[rows])
    hexagons = plane.flat_shapes(polygons(cells))
    shapely.prepare(hexagons)
    row, cell = shapely.STRtree(hexagons).query(flat, predicate="intersects")
    whole = shapely.covers(hexagons[cell], flat[row])
    share = np.ones(len(row))
    pieces = shapely.intersection(flat[row[~whole]], hexagons[cell[~whole]])
    area = shapely.get_dimensions(flat) == 2
    size = np.where(area, shapely.area(flat), shapely.length(flat)).clip(min=np.finfo(float).tiny)
    part = np.where(area[row[~whole]], shapely.area(pieces), shapely.length(pieces))
    share[~whole] = part / size[row[~whole]]
    return Shares(shape=rows[row], cell=cell.astype(np.int64), share=share)


def _of_points(shapes: Shapes, rows: Indices, cells: Cells) -> Shares:
    points, owner = shapely.get_parts(shapes[rows], return_index=True)
    resolution = int(resolution_of(cells[:1])[0])
    found = cells_of(shapely.get_y(points), shapely.get_x(points), resolution=resolution)
    cell = Lattice(cells).index_of(found)
    here = cell >= 0
    share = 1.0 / np.bincount(owner, minlength=len(rows)).clip(min=1)
    return Shares(shape=rows[owner[here]], cell=cell[here], share=share[owner[here]])
