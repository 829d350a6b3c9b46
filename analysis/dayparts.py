"""What the hour does to a rating, told apart from the place: nothing is worse for being audited at night."""

import numpy as np
from numpy.typing import NDArray

from analysis.groups import ratio, sums
from geo.sun import Daypart

Floats = NDArray[np.float64]

_HELD_TO_NONE = 4.0
"""So many audits' worth of evidence says that the hour does nothing."""


def levelled(values: Floats, *, daypart: NDArray[np.int8], place: NDArray[np.int64]) -> Floats:
    """Return the values, NaN = missing, as if the hours of the audits were everywhere those of the city.

    The effect of each daypart is a ridge regression within places 0, 1, ... (their own means taken off), so
    that places audited at one hour alone say nothing of it. Its mean over the values is 0.
    """
    given = ~np.isnan(values)
    columns = np.equal.outer(daypart, list(Daypart)).astype(np.float64)
    within = np.column_stack([_within(column[given], place[given]) for column in (*columns.T, values)])
    hours, y = within[:, :-1], within[:, -1]
    gram = hours.T @ hours + _HELD_TO_NONE * np.eye(len(Daypart))
    effect = columns @ np.linalg.solve(gram, hours.T @ y)
    return np.asarray(values - effect + (effect[given].mean() if given.any() else 0.0))


def _within(values: Floats, place: NDArray[np.int64]) -> Floats:
    """Return how far each value lies above the mean of its place."""
    size = int(place.max(initial=-1)) + 1
    mean = ratio(sums(place, values, size=size), np.bincount(place, minlength=size))
    return np.asarray(values - mean[place])
