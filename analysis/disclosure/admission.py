"""The admission rule: new audits of a cell enter the public layers together, k people at a time.

They enter in waves of cells, so that the night on which a cell enters does not tell where its last auditor
was; and in the layers of a daypart, k people of that daypart at a time.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.groups import distinct_members, labels_of

LOWEST_K = 5
FEWEST_CELLS, MOST_CELLS = 5, 15
"""Of a wave; simulated by `python -m bench.waves`."""
ALONE = 0
"""The label of an audit that did not come together with others."""


def check_k(k: int) -> None:
    """Raise ValueError for a privacy threshold below 5."""
    if k < LOWEST_K:
        raise ValueError(f"k={k}: the privacy threshold must be at least {LOWEST_K} people")


def wave_size(shown: int) -> int:
    """Return how many cells must be ready before they enter: half as many as are `shown`, 5 to 15."""
    return min(MOST_CELLS, max(FEWEST_CELLS, -(-shown // 2)))


def admit(
    *,
    cell: NDArray[np.int64],
    auditor: NDArray[np.int32],
    counted: NDArray[np.bool_],
    together: NDArray[np.int64],
    wave: int,
    k: int,
) -> NDArray[np.bool_]:
    """Return bool[n]: which of the waiting audits enter the public layers now.

    Pass waiting audits alone. A cell is ready where at least k different counted auditors wait; all their
    audits enter once `wave` cells are ready (see `wave_size`), so that whoever knows who audited today does
    not know in which of the cells. At once enter those of a cell where k counted auditors came `together`
    (equal labels other than ALONE: on one walk, in one import): there the moment too is the work of k people.
    All others keep waiting. A cell never helps its neighbours or its parent: admitting by parents too would
    make most changes of shown cells the work of one person. Who waits and does not enter has no influence at
    all. Raises ValueError for k below 5.
    """
    check_k(k)
    labels, size = labels_of([cell])
    ready = distinct_members(labels[counted], auditor[counted], size=size) >= k
    if ready.sum() < wave:
        walking = counted & (together != ALONE)
        walks, count = labels_of([labels[walking], together[walking]])
        whole = distinct_members(walks, auditor[walking], size=count)[walks] >= k
        ready = np.isin(np.arange(size), labels[walking][whole])
    admitted: NDArray[np.bool_] = counted & ready[labels]
    return admitted


def splittable(
    *, batch: NDArray[np.int64], part: NDArray[Any], auditor: NDArray[np.int32], k: int
) -> NDArray[np.bool_]:
    """Return bool[n]: which of the audits that enter now may be known by part, such as by day and by night.

    A batch, any label, are the audits that enter one cell together. Its audits may be told apart where at
    least k different auditors stand in each of its parts (any label: a `geo.sun.Daypart`, unknown included)
    that is not empty: so the layers of a part gain and lose whole parts, each of k people, and what is left
    of the layers of all audits when they are subtracted is made of whole parts too. Two ways to part the same
    batch, by hour and by gender, must be given as one, each pair of them a part: else what is left of one
    when the other is subtracted could be a person. Pass audits of counted auditors that bear on the score
    alone. Raises ValueError for k below 5.
    """
    check_k(k)
    parts, size = labels_of([batch, part])
    thin = distinct_members(parts, auditor, size=size)[parts] < k
    whole: NDArray[np.bool_] = ~np.isin(batch, batch[thin])
    return whole
