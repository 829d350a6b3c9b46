"""The coordinate reference systems that are served and understood, and the ways between them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from server.errors import BadParameter

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]

_RADIUS_M = 6378137.0  # of the sphere of EPSG:3857
_TOP_DEGREES = 85.0511287798066  # where Web Mercator's square ends
_DECIMALS_M = 2


@dataclass(frozen=True)
class Crs:
    """A system by its URI; both ways take and give float[n, 2], lng/lat on the one side."""

    uri: str
    of_lnglat: Callable[[Floats], Floats]
    to_lnglat: Callable[[Floats], Floats]

    def shapes(self, lnglat: Shapes) -> Shapes:
        """Return shapes given in lng/lat in this system."""
        turned: Shapes = shapely.transform(lnglat, self.of_lnglat)
        return turned


def _same(points: Floats) -> Floats:
    return points


def _swapped(points: Floats) -> Floats:
    return points[:, ::-1]


def _to_mercator(points: Floats) -> Floats:
    lng, lat = np.radians(points[:, 0]), np.radians(points[:, 1].clip(-_TOP_DEGREES, _TOP_DEGREES))
    metres: Floats = _RADIUS_M * np.column_stack([lng, np.arctanh(np.sin(lat))])
    return metres.round(_DECIMALS_M)


def _from_mercator(points: Floats) -> Floats:
    x, y = points[:, 0] / _RADIUS_M, points[:, 1] / _RADIUS_M
    degrees: Floats = np.degrees(np.column_stack([x, np.arctan(np.sinh(y))]))
    return degrees


CRS84 = Crs("http://www.opengis.net/def/crs/OGC/1.3/CRS84", _same, _same)
EPSG4326 = Crs("http://www.opengis.net/def/crs/EPSG/0/4326", _swapped, _swapped)  # latitude first
EPSG3857 = Crs("http://www.opengis.net/def/crs/EPSG/0/3857", _to_mercator, _from_mercator)
SYSTEMS: Mapping[str, Crs] = {one.uri: one for one in (CRS84, EPSG4326, EPSG3857)}


def crs_named(uri: str) -> Crs:
    """Return the system of a URI; BadParameter names those there are."""
    if uri not in SYSTEMS:
        raise BadParameter(f"there is no CRS {uri[:100]!r} here; there are: {', '.join(SYSTEMS)}")
    return SYSTEMS[uri]
