"""The cells a way leads through, and how many metres lie in each."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString

from geo.cells import Cells, cells_of

Floats = NDArray[np.float64]

_EARTH_RADIUS_M = 6_371_007.2  # of the sphere with the ellipsoid's area, as H3 has it
_STEPS_PER_EDGE = 8
_EDGE_M_AT_9 = 200.8  # average hexagon edge, https://h3geo.org/docs/core-library/restable
_FINER = 7**0.5  # a resolution finer, edges are shorter by this


@dataclass(frozen=True, kw_only=True, eq=False)
class Passage:
    """A way cut where it enters another cell: one row per stay, in the order of walking."""

    cell: Cells
    from_m: Floats
    """Metres from the start of the way to where the stay begins."""
    to_m: Floats

    @property
    def length_m(self) -> float:
        """How long the whole way is."""
        return float(self.to_m[-1]) if len(self.to_m) else 0.0

    @property
    def stay_m(self) -> Floats:
        """How long each stay is."""
        return self.to_m - self.from_m


def length_of_m(way: LineString) -> float:
    """Return the great-circle length of a way in longitude and latitude."""
    return float(_legs_m(*_points(way)).sum())


def passage(way: LineString, *, resolution: int) -> Passage:
    """Return the cells of a way in longitude and latitude, walked in straight lines between its points.

    Lengths are great-circle, on a sphere. The way is taken in steps of at most an eighth of a cell's edge,
    each belonging to the cell of its middle: a stay is known to a step, shorter ones may be passed over.
    A leg from 179 to -179 degrees crosses the antimeridian.
    """
    lng, lat = _points(way)
    legs_m = _legs_m(lng, lat)
    step_m = _EDGE_M_AT_9 * _FINER ** (9 - resolution) / _STEPS_PER_EDGE
    steps = np.maximum(np.ceil(legs_m / step_m), 1).astype(np.int64)
    leg = np.repeat(np.arange(len(legs_m)), steps)
    first = np.repeat(np.cumsum(steps) - steps, steps)
    share = (np.arange(len(leg)) - first + 0.5) / steps[leg]
    middle_lat, middle_lng = (at[leg] + share * (at[leg + 1] - at[leg]) for at in (lat, lng))
    cell = cells_of(middle_lat, (middle_lng + 180) % 360 - 180, resolution=resolution)
    end_m = np.cumsum((legs_m / steps)[leg])
    last = np.append(np.flatnonzero(np.diff(cell)), len(cell) - 1)
    to_m = end_m[last]
    return Passage(cell=cell[last], from_m=np.append(0.0, to_m[:-1]), to_m=to_m)


def _points(way: LineString) -> tuple[Floats, Floats]:
    lng, lat = shapely.get_coordinates(way).T
    return np.unwrap(lng, period=360), lat


def _legs_m(lng: Floats, lat: Floats) -> Floats:
    """Return great-circle distances by the haversine formula (Sinnott 1984)."""
    up, across = np.radians(np.diff(lat)), np.radians(np.diff(lng))
    narrow = np.cos(np.radians(lat[:-1])) * np.cos(np.radians(lat[1:]))
    return np.asarray(
        2 * _EARTH_RADIUS_M * np.arcsin(np.sqrt(np.sin(up / 2) ** 2 + narrow * np.sin(across / 2) ** 2))
    )
