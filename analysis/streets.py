"""Streets: how many kilometres of them lie in a place, whose they are, and which names say where it is."""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from math import nan
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from analysis.groups import sums
from geo.cells import Cells, polygons
from geo.overlay import length_m, shares, within
from geo.plane import Plane

Floats = NDArray[np.float64]

NEAR_M = 250.0
"""So far outside a place a street may run and still say where it is."""
_LOOKED_AT = 40
"""Named pieces around the middle of a place: enough for its next crossing, however dense the map."""


@dataclass(frozen=True, kw_only=True)
class StreetsThere:
    """The streets of one cell: kilometres (NaN where none are loaded), names and owners, most of it first."""

    km: float
    names: tuple[str, ...]
    owners: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Streets:
    """Pieces of street as lng/lat lines; `name` and `owner` are texts, empty where unknown."""

    lines: NDArray[np.object_]
    name: NDArray[np.object_]
    owner: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.lines)

    @classmethod
    def none(cls) -> Self:
        """Return no streets."""
        empty = np.empty(0, dtype=object)
        return cls(lines=empty, name=empty, owner=empty)

    @property
    def km(self) -> float:
        """Kilometres of street in all."""
        return float(self._length_km.sum())

    def within(self, area: BaseGeometry) -> Self:
        """Return the streets cut at the edge of a lng/lat area."""
        return replace(self, lines=within(self.lines, area))

    def km_within(self, cells: Cells) -> Floats:
        """Return the street kilometres in each of some cells, float[m]."""
        found = shares(self.lines, cells)
        return sums(found.cell, found.share * self._length_km[found.shape], size=len(cells))

    def there(self, cells: Cells) -> list["StreetsThere"]:
        """Return what runs through each of some cells, names and owners by how much of it is theirs."""
        found = shares(self.lines, cells)
        km = found.share * self._length_km[found.shape]
        names: list[Counter[str]] = [Counter() for _ in cells]
        owners: list[Counter[str]] = [Counter() for _ in cells]
        for row, cell, part in zip(found.shape.tolist(), found.cell.tolist(), km.tolist(), strict=True):
            names[cell][self.name[row]] += part
            owners[cell][self.owner[row]] += part
        return [
            StreetsThere(
                km=sum(name.values()) if len(self) else nan, names=_by_length(name), owners=_by_length(owner)
            )
            for name, owner in zip(names, owners, strict=True)
        ]

    def near_cells(self, cells: Cells) -> str:
        """Return where a connected set of cells is; see `near`."""
        return self.near(shapely.union_all(polygons(cells)))

    def near(self, area: BaseGeometry) -> str:
        """Return where a lng/lat area is: "A and B" or "A", empty without a name within NEAR_M.

        "A and B" is the crossing of two differently named streets that is closest to the middle of the area;
        where none crosses within NEAR_M of it, the named street closest to the middle.
        """
        if not self._named.size:
            return ""
        place = shapely.transform(area, self._plane.flat)
        middle = place.centroid
        rows = self._tree.query(place, predicate="dwithin", distance=NEAR_M)
        apart = shapely.distance(self._flat[rows], middle)
        closest = rows[np.lexsort([self._named[rows], apart])[:_LOOKED_AT]]
        if not closest.size:
            return ""
        return self._crossing(closest, place, middle) or str(self.name[self._named[closest[0]]])

    def _crossing(
        self, rows: NDArray[np.int64], place: shapely.Geometry, middle: shapely.Point
    ) -> str | None:
        """Return the names at the crossing closest to the middle, in the order of the alphabet."""
        names = self.name[self._named[rows]]
        one, other = np.triu_indices(len(rows), k=1)
        differ = names[one] != names[other]
        one, other = one[differ], other[differ]
        crossings = shapely.intersection(self._flat[rows[one]], self._flat[rows[other]])
        there = ~shapely.is_empty(crossings) & shapely.dwithin(crossings, place, NEAR_M)
        if not there.any():
            return None
        apart = np.where(there, shapely.distance(crossings, middle), np.inf)
        best = int(np.argmin(apart))
        return " and ".join(sorted((str(names[one[best]]), str(names[other[best]]))))

    @cached_property
    def _length_km(self) -> Floats:
        return length_m(self.lines) / 1000

    @cached_property
    def _named(self) -> NDArray[np.int64]:
        return np.flatnonzero(self.name != "")

    @cached_property
    def _plane(self) -> Plane:
        return Plane.around(self.lines)

    @cached_property
    def _flat(self) -> NDArray[np.object_]:
        return self._plane.flat_shapes(self.lines[self._named])

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._flat)


def _by_length(km: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted((text for text in km if text), key=lambda text: (-km[text], text)))
