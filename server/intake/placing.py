"""Where and when an audit lies, and whether it can be used: cell, daypart, flags."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import nan

import numpy as np

from geo.areas import Boundary
from geo.cells import cells_of
from geo.sun import Daypart, daypart
from server.intake.content import AuditContent

STORED_RESOLUTION = 11
_WIDENED_AT_LEAST_M, _WIDENED_AT_MOST_M = 50.0, 200.0
_NULL_ISLAND_DEG = 1e-4  # about ten metres around (0, 0), where unset coordinates land
_AHEAD, _BEHIND = timedelta(hours=24), timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Placing:
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
    outside = boundary.distance_m(lat, lng) > tolerance_m([content.accuracy_m for content in contents])
    cells = cells_of(lat, lng, resolution=STORED_RESOLUTION)
    dayparts = daypart(lat, lng, [_unix_seconds(content.observed_at) for content in contents])
    return [
        Placing(
            cell=cell,
            daypart=Daypart(part),
            flags=(
                *_place_flags(content, far),
                *_clock_flags(content.observed_at, now, practice_before),
            ),
        )
        for content, cell, far, part in zip(
            contents, cells.tolist(), outside.tolist(), dayparts.tolist(), strict=True
        )
    ]


def tolerance_m(accuracy_m: Sequence[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return how far outside the boundary each audit may lie, float[n] metres."""
    known = np.array([0.0 if one is None else one for one in accuracy_m])
    return known.clip(_WIDENED_AT_LEAST_M, _WIDENED_AT_MOST_M)


def _unix_seconds(moment: datetime | None) -> float:
    return nan if moment is None else moment.timestamp()


def _place_flags(content: AuditContent, far: bool) -> tuple[str, ...]:
    if abs(content.lat) < _NULL_ISLAND_DEG and abs(content.lng) < _NULL_ISLAND_DEG:
        return ("null_island",)
    return ("outside",) if far else ()


def _clock_flags(
    observed_at: datetime | None, now: datetime, practice_before: datetime | None
) -> tuple[str, ...]:
    if observed_at is None:
        return ()
    if not now - _BEHIND <= observed_at <= now + _AHEAD:
        return ("clock",)
    return ("practice",) if practice_before is not None and observed_at < practice_before else ()
