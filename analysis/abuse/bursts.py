"""Bursts: more new devices that begin to count in a cell within a week than its past and the city explain."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.disclosure.admission import check_k
from analysis.groups import labels_of

WEEK_DAYS, PAST_WEEKS = 7, 13
PAST_DAYS = WEEK_DAYS * (PAST_WEEKS + 1)
"""Arrivals before are not needed."""
_SURE = 0.95
"""The cell's own rate is at most its upper limit of this confidence: a short past proves little."""
_BUSIEST = 0.9
"""Where people come to the whole city at once, its busiest tenth of cells is the measure."""
_CHANCE = 1e-4
"""That a Poisson of that rate exceeds the bound."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Arrivals:
    """New devices that begin to count in a cell: one row per device and cell, none of campaigns or imports.

    A device arrives when it counts and has an audit there, whichever comes last.
    """

    cell: NDArray[np.int64]
    days_ago: NDArray[np.float64]
    """0 .. PAST_DAYS."""
    suspected: NDArray[np.bool_]
    """Whether the device's audits there wait for a moderator, as part of an earlier burst: no honest past."""
    vouched: NDArray[np.bool_]
    """Whether a moderator accepted them: they belong to the past at once."""

    def __len__(self) -> int:
        return len(self.cell)


def bursts(arrivals: Arrivals, *, k: int) -> NDArray[np.bool_]:
    """Return bool[n]: which arrivals are part of a burst.

    A cell has a burst where the arrivals of the last seven days are at least 2 k, and more than the bound
    that a Poisson exceeds with probability 1e-4 whose rate is the larger of the cell's own a week (the upper
    95 % limit from the 13 weeks before, Garwood 1936, Biometrika 28) and the 0.9 quantile of this week's
    arrivals in the city's other cells that have had any. Raises ValueError for k below 5.
    """
    check_k(k)
    label, size = labels_of([arrivals.cell])
    fresh = (arrivals.days_ago < WEEK_DAYS) & ~arrivals.vouched
    now = np.bincount(label[fresh], minlength=size)
    past = np.bincount(label[~fresh & ~arrivals.suspected], minlength=size)
    own = np.asarray(stats.gamma.ppf(_SURE, past + 1)) / PAST_WEEKS
    many = np.flatnonzero(now >= 2 * k)
    city = np.array([_busiest(np.delete(now, cell)) for cell in many])
    bound = np.asarray(stats.poisson.isf(_CHANCE, np.maximum(own[many], city)))
    bursting = many[now[many] > bound]
    return np.asarray(fresh & np.isin(label, bursting))


def _busiest(others: NDArray[np.int64]) -> float:
    return float(np.quantile(others, _BUSIEST)) if len(others) else 0.0
