"""No one person may be most of a class: at most so many rows of an auditor in each."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.groups import Labels


def within_cap(
    labels: Labels, auditor: NDArray[Any], priority: NDArray[np.int64], *, most: int
) -> NDArray[np.bool_]:
    """Return bool[n]: the `most` rows of lowest priority of each auditor under each label.

    With priorities drawn at random, a random choice; the same for the same rows whatever else is there.
    """
    order = np.lexsort((priority, auditor, labels))
    group, who = labels[order], auditor[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (group[1:] != group[:-1]) | (who[1:] != who[:-1])
    place = np.arange(len(order))
    kept = np.empty(len(order), dtype=np.bool_)
    kept[order] = place - np.maximum.accumulate(np.where(first, place, 0)) < most
    return kept
