"""The admission rule: new audits of a cell enter the public layers together, k people at a time."""

import numpy as np
from numpy.typing import NDArray

from analysis.groups import distinct_members, labels_of

LOWEST_K = 5


def check_k(k: int) -> None:
    """Raise ValueError for a privacy threshold below 5."""
    if k < LOWEST_K:
        raise ValueError(f"k={k}: the privacy threshold must be at least {LOWEST_K} people")


def admit(
    *, cell: NDArray[np.int64], auditor: NDArray[np.int32], counted: NDArray[np.bool_], k: int
) -> NDArray[np.bool_]:
    """Return bool[n]: which of the waiting audits enter the public layers now.

    Pass waiting audits alone. Those of counted auditors enter where at least k different counted auditors
    wait in the same cell; all others keep waiting. A cell never helps its neighbours or its parent: admitting
    by parents too would make most changes of shown cells the work of one person. Raises ValueError for k
    below 5.
    """
    check_k(k)
    labels, size = labels_of([cell])
    people = distinct_members(labels[counted], auditor[counted], size=size)
    admitted: NDArray[np.bool_] = counted & (people[labels] >= k)
    return admitted
