"""Where and when an audit lies, and whether it can be used: cell, daypart, flags."""

from collections.abc import Sequence
from datetime import datetime
from math import inf

import msgspec
import numpy as np
from numpy.typing import NDArray

from geo.areas import Boundary
from geo.cells import cell_of
from geo.sun import Daypart, daypart, daypart_of, shared_daypart
from server.intake.content import AuditContent

STORED_RESOLUTION = 11
_WIDENED_AT_LEAST_M, _WIDENED_AT_MOST_M = 50.0, 200.0
_NULL_ISLAND_DEG = 1e-4  # about ten metres around (0, 0), where unset coordinates land
_DAYPARTS = tuple(Daypart)  # looked up: calling an enumeration costs a microsecond
_FEW = 25  # below, numpy's overhead costs more than its speed saves
_AHEAD_S, _BEHIND_S = 24 * 3600, 365 * 24 * 3600


class Placing(msgspec.Struct, frozen=True, gc=False):
    """What the place and the clock make of an audit."""

    cell: int
    daypart: Daypart
    flags: tuple[str, ...]

    @property
    def used(self) -> bool:
        """Whether the audit can enter the analysis: no flag keeps it out."""
        return not self.flags


def place(
    contents: Sequence[AuditContent],
    *,
    boundary: Boundary,
    now: datetime,
    practice_before: datetime | None = None,
) -> list[Placing]:
    """Return the placing of each audit, in order.

    Flags: `null_island` at (0, 0); `outside` beyond the boundary widened by min(max(accuracy, 50),
    200) metres; `clock` where observed more than 24 h after `now` or a year before; `practice`
    where observed before a campaign's start.
    """
    if not contents:
        return []
    lats, lngs = [content.lat for content in contents], [content.lng for content in contents]
    times = [_unix_seconds(content.observed_at) for content in contents]
    # One by one: a fifth of what an array takes for one audit, and as much for fifty (measured).
    cells = [cell_of(lat, lng, resolution=STORED_RESOLUTION) for lat, lng in zip(lats, lngs, strict=True)]
    away_m = boundary.distance_m(np.array(lats), np.array(lngs)).tolist()
    clock = _Clock(
        now.timestamp() - _BEHIND_S,
        now.timestamp() + _AHEAD_S,
        -inf if practice_before is None else practice_before.timestamp(),
    )
    return [
        Placing(cell, part, _flags(content, away, seconds, clock))
        for content, cell, part, away, seconds in zip(
            contents, cells, _dayparts(lats, lngs, times), away_m, times, strict=True
        )
    ]


class _Clock(msgspec.Struct, frozen=True):
    """Between which times an audit is believed, and before which it was practice, in Unix seconds."""

    earliest: float
    latest: float
    practice_before: float


def _dayparts(
    lats: Sequence[float], lngs: Sequence[float], times: Sequence[float | None]
) -> Sequence[Daypart]:
    shared = shared_daypart(lats, lngs, times)
    if shared is not None:
        return [shared] * len(times)
    if len(times) < _FEW:
        return [daypart_of(lat, lng, seconds) for lat, lng, seconds in zip(lats, lngs, times, strict=True)]
    codes = daypart(lats, lngs, np.array(times, dtype=np.float64))  # None becomes NaN
    return [_DAYPARTS[code] for code in codes.tolist()]


def _flags(content: AuditContent, away_m: float, observed: float | None, clock: _Clock) -> tuple[str, ...]:
    flags: tuple[str, ...] = ()
    if -_NULL_ISLAND_DEG < content.lat < _NULL_ISLAND_DEG and abs(content.lng) < _NULL_ISLAND_DEG:
        flags = ("null_island",)
    elif away_m > _WIDENED_AT_LEAST_M and away_m > tolerance_m(content.accuracy_m):
        flags = ("outside",)
    if observed is None:
        return flags
    if not clock.earliest <= observed <= clock.latest:
        return (*flags, "clock")
    return (*flags, "practice") if observed < clock.practice_before else flags


def tolerance_m(accuracy_m: float | None) -> float:
    """Return how far outside the boundary an audit may lie, in metres."""
    return min(max(accuracy_m or 0.0, _WIDENED_AT_LEAST_M), _WIDENED_AT_MOST_M)


def tolerances_m(accuracy_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `tolerance_m` of each, float[n]; NaN where the accuracy is not known."""
    return np.nan_to_num(accuracy_m).clip(_WIDENED_AT_LEAST_M, _WIDENED_AT_MOST_M)


def _unix_seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
