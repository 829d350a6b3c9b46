"""Why a place is less safe: the ratings credibly below the city, and how much of the gap each explains."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.instrument import Instrument, Role
from analysis.score import top_of

Floats = NDArray[np.float64]
Cause = tuple[str, float]

_CREDIBLE_TAIL = 0.025
"""The upper end of a 95 % interval lies below the city's mean."""


def reasons(
    *, mean: Floats, sd: Floats, city: Floats, leverage: Floats, instrument: Instrument
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return needs, tuple[str, ...] per place, and causes, tuple[(name, share), ...], both lowest first.

    `mean`, `sd` float[m, p]: posterior of each rating in its levels, NaN = nobody answered; `city` and
    `leverage` (`analysis.score.leverage`) float[p].
    A place rating is a cause where its 95 % interval lies below the city: each claim is false with a
    posterior probability below 2.5 %, and so, however many places are looked at, is the expected share of
    false ones. First comes what lies farthest below the city, as a share of its scale: dark streets come
    first though they count only at night, and the order does not hang on weights that are themselves
    estimates. The share, 0..1, tells how much of the deficit it explains: its gap times leverage over the sum
    of these for all place ratings below the city. Needs are the causes that can be fixed.
    """
    place = np.array([rating.role is Role.PLACE for rating in instrument.ratings], dtype=bool)
    error = np.where(place, ndtr((mean - city) / sd), np.nan)
    credible = error < _CREDIBLE_TAIL
    gap = np.maximum(np.where(np.isnan(mean), 0, city - mean), 0)
    below = gap * leverage
    total = below.sum(axis=1, keepdims=True)
    share = np.divide(below, total, out=np.zeros_like(below), where=total > 0)
    low = gap / [top_of(rating) for rating in instrument.ratings]
    names = [rating.name for rating in instrument.ratings]
    fixable = {rating.name for rating in instrument.ratings if rating.fixable}
    causes = [_ordered(names, low[row], share[row], credible[row]) for row in range(len(mean))]
    needs = [tuple(name for name, _ in found if name in fixable) for found in causes]
    return objects(needs), objects(causes)


def objects(values: list[Any]) -> NDArray[np.object_]:
    """Return an object array of the values, without taking tuples of equal length for rows."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _ordered(names: list[str], low: Floats, share: Floats, credible: NDArray[np.bool_]) -> tuple[Cause, ...]:
    found = sorted(np.flatnonzero(credible).tolist(), key=lambda column: (-low[column], column))
    return tuple((names[column], float(share[column])) for column in found)
