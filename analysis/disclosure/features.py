"""Columns as the features of a layer: of cells, of hotspots, of shapes, of zones."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon

from analysis.disclosure.columns import Column
from analysis.disclosure.layer import Feature, Value
from analysis.disclosure.zone_columns import ZoneTable
from analysis.hotspots import Hotspot
from geo.cells import outline


def of_cells(cells: NDArray[np.int64], columns: Sequence[Column]) -> list[Feature]:
    """Return a feature for each cell, whose shape is the store's."""
    return [
        Feature(id=str(row["cell"]), cell=cell, geometry=None, properties=row)
        for cell, row in zip(cells.tolist(), _rows(columns), strict=True)
    ]


def of_hotspots(found: Sequence[Hotspot], columns: Sequence[Column]) -> list[Feature]:
    """Return a feature for each hotspot, with its outline."""
    return [
        Feature(
            id=str(row["id"]),
            cell=None,
            geometry=outline(np.array(spot.cells, dtype=np.int64)),
            properties=row,
            cells=spot.cells,
        )
        for spot, row in zip(found, _rows(columns), strict=True)
    ]


def of_shapes(shapes: Sequence[MultiPolygon], columns: Sequence[Column]) -> list[Feature]:
    """Return a feature for each shape, by the column `id`."""
    return [
        Feature(id=str(row["id"]), cell=None, geometry=shape, properties=row)
        for shape, row in zip(shapes, _rows(columns), strict=True)
    ]


def of_zones(table: ZoneTable) -> list[Feature]:
    """Return a feature for each zone, with its area."""
    return [
        Feature(id=row.id, cell=None, geometry=row.figures.zone.area, properties=properties)
        for row, properties in zip(table.rows, _rows(table.columns), strict=True)
    ]


def _rows(columns: Sequence[Column]) -> list[dict[str, Value]]:
    names = [column.field.name for column in columns]
    values = zip(*(column.values for column in columns), strict=True)
    return [dict(zip(names, row, strict=True)) for row in values]
