"""Where the sun stands, and so whether an audit was made by day or by night.

NOAA Global Monitoring Laboratory, "Solar Calculation Details" (after Meeus, Astronomical Algorithms):
https://gml.noaa.gov/grad/solcalc/calcdetails.html. Geometric centre of the sun, no refraction; right to about
0.02 degrees between 1800 and 2100.
"""

import math
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

_UNIX_EPOCH_JULIAN_DAY = 2440587.5
_J2000_JULIAN_DAY = 2451545.0
# What the point below the sun moves by, at most: the Earth's turn against it, and the seasons.
_SUN_DEG_PER_S = 15.1 / 3600


class Daypart(IntEnum):
    """Light by the sun there and then; twilight counts as night; unknown where no time is known."""

    DAY = 0
    NIGHT = 1
    UNKNOWN = 2


# For arrays: an enumeration's members take numpy some microseconds each.
_DAY, _NIGHT, _UNKNOWN = (np.int8(part) for part in Daypart)


def elevation_deg(lat: ArrayLike, lng: ArrayLike, unix_seconds: ArrayLike) -> NDArray[np.float64]:
    """Return the sun's elevation above the horizon in degrees, -90..90, float[n]; NaN where one is NaN."""
    declination, hour_angle, phi = _angles(np, *_floats(lat, lng, unix_seconds))
    # Horizontal coordinates: south, west, up. arctan2 stays exact at the zenith, where arcsin would not.
    south = np.cos(declination) * np.cos(hour_angle) * np.sin(phi) - np.sin(declination) * np.cos(phi)
    west = np.cos(declination) * np.sin(hour_angle)
    up = _up(np, declination, hour_angle, phi)
    return np.asarray(np.degrees(np.arctan2(up, np.hypot(south, west))), dtype=np.float64)


def daypart(lat: ArrayLike, lng: ArrayLike, unix_seconds: ArrayLike) -> NDArray[np.int8]:
    """Return a `Daypart` code per point and time, int8[n]: DAY at 0 degrees or above, UNKNOWN where NaN."""
    up = _up(np, *_angles(np, *_floats(lat, lng, unix_seconds)))
    found = np.where(up >= 0, _DAY, _NIGHT)
    found[np.isnan(up)] = _UNKNOWN
    return found


def daypart_of(lat: float, lng: float, unix_seconds: float | None) -> Daypart:
    """Return the daypart of one point and time without numpy's overhead; UNKNOWN where the time is None."""
    if unix_seconds is None:
        return Daypart.UNKNOWN
    return Daypart.DAY if _up(math, *_angles(math, lat, lng, unix_seconds)) >= 0 else Daypart.NIGHT


def shared_daypart(
    lat: Sequence[float], lng: Sequence[float], unix_seconds: Sequence[float | None]
) -> Daypart | None:
    """Return the daypart of all of at least one point and time; None where they may differ, or one is None.

    The sun's elevation is 90 degrees less the way from a point to the one below the sun. From one to the next
    it changes by no more than either of these two moves (triangle inequality), so that the first tells of
    all, unless the sun is then nearer to the horizon.
    """
    if None in unix_seconds:
        return None
    times = cast("Sequence[float]", unix_seconds)
    moved_deg = max(lat) - min(lat) + max(lng) - min(lng) + _SUN_DEG_PER_S * (max(times) - min(times))
    up = _up(math, *_angles(math, lat[0], lng[0], times[0]))
    if abs(math.degrees(math.asin(max(-1.0, min(1.0, up))))) <= moved_deg:
        return None
    return Daypart.DAY if up >= 0 else Daypart.NIGHT


def _floats(*values: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    return tuple(np.atleast_1d(np.asarray(one, dtype=np.float64)) for one in values)


def _up(m: Any, declination: Any, hour_angle: Any, phi: Any) -> Any:
    """Return the sine of the elevation; `m` is `numpy` for arrays, `math` for one point."""
    return m.sin(declination) * m.sin(phi) + m.cos(declination) * m.cos(hour_angle) * m.cos(phi)


def _angles(m: Any, lat: Any, lng: Any, unix_seconds: Any) -> tuple[Any, Any, Any]:
    """Return declination, hour angle and latitude in radians."""
    declination, equation_of_time = _sun(m, unix_seconds)
    minutes_utc = unix_seconds / 60 % 1440
    return declination, m.radians((minutes_utc + equation_of_time + 4 * lng) / 4 - 180), m.radians(lat)


def _sun(m: Any, unix_seconds: Any) -> tuple[Any, Any]:
    """Return the declination in radians and the equation of time in minutes."""
    t = (unix_seconds / 86400 + (_UNIX_EPOCH_JULIAN_DAY - _J2000_JULIAN_DAY)) / 36525  # Julian centuries
    mean_longitude = m.radians((280.46646 + t * (36000.76983 + t * 0.0003032)) % 360)
    anomaly = m.radians(357.52911 + t * (35999.05029 - 0.0001537 * t))
    eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t)
    centre = (
        m.sin(anomaly) * (1.914602 - t * (0.004817 + 0.000014 * t))
        + m.sin(2 * anomaly) * (0.019993 - 0.000101 * t)
        + m.sin(3 * anomaly) * 0.000289
    )
    node = m.radians(125.04 - 1934.136 * t)
    longitude = mean_longitude + m.radians(centre - 0.00569 - 0.00478 * m.sin(node))
    mean_obliquity = 23 + (26 + (21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))) / 60) / 60
    obliquity = m.radians(mean_obliquity + 0.00256 * m.cos(node))
    y = m.tan(obliquity / 2) ** 2
    equation_of_time = 4 * m.degrees(
        y * m.sin(2 * mean_longitude)
        - 2 * eccentricity * m.sin(anomaly)
        + 4 * eccentricity * y * m.sin(anomaly) * m.cos(2 * mean_longitude)
        - 0.5 * y**2 * m.sin(4 * mean_longitude)
        - 1.25 * eccentricity**2 * m.sin(2 * anomaly)
    )
    return m.asin(m.sin(obliquity) * m.sin(longitude)), equation_of_time
