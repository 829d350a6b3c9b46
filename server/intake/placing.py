"""Where and when an audit lies, and whether it can be used: cell, daypart, flags."""

from collections.abc import Sequence
from datetime import datetime
from math import inf, nan

import msgspec
import numpy as np
from numpy.typing import NDArray

from geo.areas import Boundary
from geo.cells import cells_of
from geo.sun import Daypart, daypart
from server.intake.content import AuditContent

STORED_RESOLUTION = 11
_WIDENED_AT_LEAST_M, _WIDENED_AT_MOST_M = 50.0, 200.0
_NULL_ISLAND_DEG = 1e-4  # about ten metres around (0, 0), where unset coordinates land
_DAYPARTS = tuple(Daypart)  # looked up: calling an enumeration costs a microsecond
_AHEAD_S, _BEHIND_S = 24 * 3600, 365 * 24 * 3600


class Placing(msgspec.Struct, frozen=True):
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
    lat = np.array([content.lat for content in contents])
    lng = np.array([content.lng for content in contents])
    observed = np.array([_unix_seconds(content.observed_at) for content in contents])
    flagged = {
        "null_island": (np.abs(lat) < _NULL_ISLAND_DEG) & (np.abs(lng) < _NULL_ISLAND_DEG),
        "outside": boundary.distance_m(lat, lng) > tolerance_m([content.accuracy_m for content in contents]),
        "clock": (observed > now.timestamp() + _AHEAD_S) | (observed < now.timestamp() - _BEHIND_S),
        "practice": observed < (-inf if practice_before is None else practice_before.timestamp()),
    }
    flags = _flags(flagged)
    cells = cells_of(lat, lng, resolution=STORED_RESOLUTION).tolist()
    dayparts = daypart(lat, lng, observed).tolist()
    return [
        Placing(cell, _DAYPARTS[part], flags.get(row, ()))
        for row, (cell, part) in enumerate(zip(cells, dayparts, strict=True))
    ]


def _flags(flagged: dict[str, NDArray[np.bool_]]) -> dict[int, tuple[str, ...]]:
    """Return the flags of the rows that have any: one of place and one of time at most, the first to hold."""
    found: dict[int, tuple[str, ...]] = {}
    for first, second in (("null_island", "outside"), ("clock", "practice")):
        for row in np.flatnonzero(flagged[first] | flagged[second]).tolist():
            found[row] = (*found.get(row, ()), first if flagged[first][row] else second)
    return found


def tolerance_m(accuracy_m: Sequence[float | None]) -> NDArray[np.float64]:
    """Return how far outside the boundary each audit may lie, float[n] metres."""
    known = np.array([0.0 if one is None else one for one in accuracy_m])
    return known.clip(_WIDENED_AT_LEAST_M, _WIDENED_AT_MOST_M)


def _unix_seconds(moment: datetime | None) -> float:
    return nan if moment is None else moment.timestamp()
