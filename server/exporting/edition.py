"""A layer cut into features that are written already, so that any choice of them is only put together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import shapely

from server.exporting.geojson import encode_features
from server.filtering.crs import CRS84, Crs
from server.layer_table import LayerTable

_OVERHEAD_BYTES = 200  # of the objects around one feature


@dataclass(frozen=True, eq=False)
class Edition:
    """Every feature of a layer as GeoJSON, in the order of their ids, which is that of their UTF-8."""

    ids: tuple[str, ...]
    features: tuple[bytes, ...]
    bounds: tuple[float, float, float, float] | None
    """West, south, east, north in lng/lat; None for an empty layer."""

    @classmethod
    def of(cls, table: LayerTable, crs: Crs = CRS84) -> Self:
        """Return the edition of a layer in a reference system."""
        turned = table if crs is CRS84 else replace(table, shapes=crs.shapes(table.shapes))
        return cls(table.ids, tuple(encode_features(turned)), _bounds(table))

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Feature id -> its place in the order."""
        return {id_: place for place, id_ in enumerate(self.ids)}

    @cached_property
    def size_bytes(self) -> int:
        """About how much memory it takes."""
        return sum(map(len, self.features)) + _OVERHEAD_BYTES * len(self.features)


def _bounds(table: LayerTable) -> tuple[float, float, float, float] | None:
    if not len(table):
        return None
    west, south, east, north = shapely.total_bounds(table.shapes).tolist()
    return west, south, east, north
