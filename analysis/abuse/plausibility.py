"""Audits that can hardly be what they say: measured too coarsely, made too fast, or copied."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.groups import labels_of
from analysis.observations import MISSING
from geo.areas import EARTH_RADIUS_M

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

COARSEST_M = 200.0
"""The edge of a cell of resolution 9: measured less exactly, an audit's cell is rather not the right one."""
FASTEST_KMH = 200.0
_SLACK_S = 60.0
"""Times are often told to the minute."""
MOST_ALIKE = 5
"""So many audits of one person and day may answer alike."""
_FEWEST_ANSWERS = 5
"""Fewer answers are alike by chance."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Traces:
    """Audits of phones, one row each, in any order: who, where, when, how answered."""

    device: NDArray[np.int64]
    lat: Floats
    lng: Floats
    """NaN where the place is not known exactly."""
    accuracy_m: Floats
    """NaN where it is not known."""
    observed_s: Floats
    """Unix seconds, NaN where unknown."""
    day: NDArray[np.int32]
    """Of the observation, in the city's time zone; the same for all that are unknown."""
    instrument: NDArray[np.int64]
    """Any label of form and version."""
    ratings: NDArray[np.int8]
    """n x p, -1 missing or beyond what the instrument asks."""

    def __len__(self) -> int:
        return len(self.device)


def coarse(traces: Traces) -> Mask:
    """Return which audits were measured less exactly than COARSEST_M."""
    return np.asarray(np.nan_to_num(traces.accuracy_m) > COARSEST_M)


def speed_kmh(traces: Traces) -> Floats:
    """Return how fast each auditor must have moved since their audit before this one, float[n].

    What both measurements may err is taken from the way, and a minute is added to the time. 0 for the first
    audit of each, and where time or place are unknown.
    """
    order = np.lexsort([traces.observed_s, traces.device])
    order = order[~np.isnan(traces.observed_s + traces.lat)[order]]
    before, after = order[:-1], order[1:]
    same = traces.device[before] == traces.device[after]
    before, after = before[same], after[same]
    err_m = np.nan_to_num(traces.accuracy_m)
    way_m = np.maximum(_distance_m(traces, before, after) - err_m[before] - err_m[after], 0)
    took_s = traces.observed_s[after] - traces.observed_s[before] + _SLACK_S
    speed = np.zeros(len(traces))
    speed[after] = 3.6 * way_m / took_s
    return speed


def alike(traces: Traces) -> NDArray[np.int64]:
    """Return how many audits of the same person and day answer just as each does, int[n].

    0 for those that answer fewer than five ratings.
    """
    told = np.flatnonzero((traces.ratings != MISSING).sum(axis=1) >= _FEWEST_ANSWERS)
    columns = [traces.device, traces.day, traces.instrument, *traces.ratings.T]
    label, size = labels_of([column[told] for column in columns])
    count = np.zeros(len(traces), dtype=np.int64)
    count[told] = np.bincount(label, minlength=size)[label]
    return count


def _distance_m(traces: Traces, one: NDArray[np.intp], other: NDArray[np.intp]) -> Floats:
    """Return great-circle distances (haversine)."""
    lat, lng = np.deg2rad(traces.lat), np.deg2rad(traces.lng)
    north, east = lat[other] - lat[one], lng[other] - lng[one]
    half = np.sin(north / 2) ** 2 + np.cos(lat[one]) * np.cos(lat[other]) * np.sin(east / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1))))
