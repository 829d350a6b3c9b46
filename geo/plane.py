"""A city laid flat: longitude and latitude as metres east and north of its middle."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.areas import EARTH_RADIUS_M

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Plane:
    """The equirectangular plane around a point, in degrees; a city across the antimeridian is whole in it.

    Distances within 25 km of the point are right to 0.5 % below 50 degrees of latitude.
    """

    lng: float
    lat: float

    @classmethod
    def around(cls, shapes: NDArray[np.object_]) -> Self:
        """Return the plane around the middle of lng/lat shapes; around (0, 0) where there is nothing."""
        points = shapely.get_coordinates(shapes)
        if not len(points):
            return cls(lng=0.0, lat=0.0)
        turned = np.exp(1j * np.deg2rad(points[:, 0])).mean()
        return cls(lng=float(np.rad2deg(np.angle(turned))), lat=float(points[:, 1].mean()))

    def flat(self, points: Floats) -> Floats:
        """Return lng/lat points, float[n, 2], as metres east and north of the middle."""
        east = (points[:, 0] - self.lng + 180) % 360 - 180
        scale = np.array([np.cos(np.deg2rad(self.lat)), 1.0])
        radians = np.deg2rad(np.column_stack([east, points[:, 1] - self.lat]))
        return np.asarray(radians * scale * EARTH_RADIUS_M)

    def on_earth(self, shape: BaseGeometry) -> MultiPolygon:
        """Return polygons of this plane in lng/lat, split at the antimeridian (RFC 7946, 3.1.9)."""
        turned = shapely.transform(shape, self.degrees)
        world = shapely.box(-180, -90, 180, 90)
        pieces = [affinity.translate(turned, turn).intersection(world) for turn in (-360, 0, 360)]
        return MultiPolygon(
            [part for part in shapely.get_parts(shapely.get_parts(pieces)) if isinstance(part, Polygon)]
        )

    def degrees(self, points: Floats) -> Floats:
        """Return points of this plane as lng/lat; beyond the antimeridian longitudes go on counting."""
        scale = np.array([np.cos(np.deg2rad(self.lat)), 1.0])
        middle = np.array([self.lng, self.lat])
        return np.asarray(np.rad2deg(points / EARTH_RADIUS_M / scale) + middle)

    def flat_shapes(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return lng/lat shapes in metres."""
        return np.asarray(shapely.transform(shapes, self.flat), dtype=object)
