"""Months of honest new devices in a city, and brigades: who begins to count where, and how many days ago."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.abuse.bursts import PAST_DAYS, WEEK_DAYS, Arrivals

_POPULARITY_SD = 1.2
"""Of the logarithm of how many people a cell draws: the busiest of 400 draws 30 times what most do."""
_AT_ONCE = 0.6
"""The share of its cells that a new device knows when it begins to count; to others it comes later."""
_LATER_DAYS = 21.0


def newcomers(
    rng: np.random.Generator,
    *,
    cells: int = 400,
    weekly: float = 30,
    days: float = PAST_DAYS,
    mean_cells: float = 7,
) -> Arrivals:
    """Return the arrivals of `weekly` new devices a week, Poisson, each in 2 cells or more, geometric."""
    popularity = rng.lognormal(0, _POPULARITY_SD, cells)
    share = popularity / popularity.sum()
    places, ago = [np.empty(0, dtype=np.int64)], [np.empty(0)]
    for day in rng.uniform(0, days, rng.poisson(weekly * days / WEEK_DAYS)):
        size = min(1 + rng.geometric(1 / (mean_cells - 1)), cells)
        places.append(rng.choice(cells, size=size, replace=False, p=share))
        later = np.where(rng.random(size) < _AT_ONCE, 0.0, rng.uniform(0, _LATER_DAYS, size))
        ago.append(day - later)
    cell, days_ago = np.concatenate(places), np.concatenate(ago)
    return arrivals(cell[days_ago >= 0], days_ago[days_ago >= 0])


def brigade(
    rng: np.random.Generator, *, cell: int, devices: int, suspected: bool = False, vouched: bool = False
) -> Arrivals:
    """Return the arrivals of so many devices in one cell within the last week."""
    ago = rng.uniform(0, WEEK_DAYS, devices)
    return arrivals(np.full(devices, cell), ago, suspected=suspected, vouched=vouched)


def arrivals(
    cell: ArrayLike, days_ago: ArrayLike, *, suspected: bool = False, vouched: bool = False
) -> Arrivals:
    """Return arrivals; a mark holds for all of them."""
    cells = np.asarray(cell, dtype=np.int64)
    return Arrivals(
        cell=cells,
        days_ago=np.asarray(days_ago, dtype=np.float64),
        suspected=np.full(len(cells), suspected),
        vouched=np.full(len(cells), vouched),
    )


def together(*parts: Arrivals) -> Arrivals:
    """Return all arrivals of some."""
    return Arrivals(**{name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])})
