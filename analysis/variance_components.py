"""How much places, people and single audits differ: what a design effect is reckoned from."""

import numpy as np
from numpy.typing import NDArray

from analysis.groups import Floats, distinct_pairs

_WORST_CONDITION = 1e8


def components(values: Floats, *, cell: NDArray[np.int64], auditor: NDArray[np.int32]) -> dict[str, float]:
    """Return the variances of `cell`, `auditor` and `audit` behind values, NaN left out; 0 where negative.

    Henderson's method I for two crossed random factors without interaction (Henderson 1953, Biometrics 9;
    Searle, Casella and McCulloch 1992, section 5.3): sums of squares of the groups' totals, set equal to what
    is expected of them. Empty where they cannot be told apart, as where nobody has values in two cells.
    """
    given = ~np.isnan(values)
    y = values[given] - values[given].mean() if given.any() else values[given]
    place = np.unique(cell[given], return_inverse=True)[1]
    who = np.unique(auditor[given], return_inverse=True)[1]
    n, places, people = len(y), int(place.max(initial=-1)) + 1, int(who.max(initial=-1)) + 1
    if min(places, people) < 2 or n <= max(places, people):
        return {}
    by_place, by_who = np.bincount(place).astype(float), np.bincount(who).astype(float)
    crossed = _crossed(place, who)
    pairs = crossed[2] ** 2
    of_place = float((pairs / by_place[crossed[0]]).sum())
    of_who = float((pairs / by_who[crossed[1]]).sum())
    # Rows: all, mean, cells, auditors; columns: cell, auditor, audit. The mean's own square is taken off.
    expected = np.array(
        [
            [n, n, n],
            [(by_place**2).sum() / n, (by_who**2).sum() / n, 1],
            [n, of_place, places],
            [of_who, n, people],
        ]
    )
    squares = np.array(
        [
            (y**2).sum(),
            y.sum() ** 2 / n,
            (np.bincount(place, y) ** 2 / by_place).sum(),
            (np.bincount(who, y) ** 2 / by_who).sum(),
        ]
    )
    system = expected[[0, 2, 3]] - expected[1]
    if np.linalg.cond(system) > _WORST_CONDITION:
        return {}
    found = np.linalg.solve(system, squares[[0, 2, 3]] - squares[1])
    return dict(zip(("cell", "auditor", "audit"), np.maximum(found, 0.0).tolist(), strict=True))


def _crossed(
    place: NDArray[np.int64], who: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return the pairs of cell and auditor that met, and how often each did."""
    first, second = distinct_pairs(place, who)
    width = int(who.max()) + 1
    met = np.unique(place * width + who, return_counts=True)[1]
    return first, second, met.astype(np.float64)
