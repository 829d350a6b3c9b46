"""Months of honest new devices in a city: who begins to count where, and how many days ago."""

import numpy as np

from analysis.abuse.bursts import PAST_DAYS, Arrivals


def newcomers(
    rng: np.random.Generator,
    *,
    cells: int = 400,
    weekly: float = 30,
    days: int = PAST_DAYS,
    mean_cells: int = 6,
) -> Arrivals:
    """Return the arrivals of so many new devices a week; each goes to some cells, popular ones more often.

    A new device begins to count in the cells it knows at one moment, and comes to others within three weeks.
    """
    popularity = rng.lognormal(0, 1.2, cells)
    count = rng.poisson(weekly * days / 7)
    began = rng.uniform(0, days, count)
    places, ago = [], []
    for day in began:
        size = min(1 + rng.geometric(1 / mean_cells), cells)
        where = rng.choice(cells, size=size, replace=False, p=popularity / popularity.sum())
        later = np.where(rng.random(size) < 0.6, 0.0, rng.uniform(0, 21, size))
        places.append(where)
        ago.append(day - later)
    cell, days_ago = np.concatenate(places), np.concatenate(ago)
    return arrivals(cell[days_ago >= 0], days_ago[days_ago >= 0])


def arrivals(cell, days_ago, *, suspected=False, vouched=False) -> Arrivals:
    """Return arrivals; what is given once holds for all."""
    n = len(cell)
    return Arrivals(
        cell=np.asarray(cell, dtype=np.int64),
        days_ago=np.broadcast_to(np.asarray(days_ago, dtype=np.float64), n),
        suspected=np.full(n, suspected),
        vouched=np.full(n, vouched),
    )


def together(*parts: Arrivals) -> Arrivals:
    """Return all arrivals of some."""
    return Arrivals(**{name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])})
