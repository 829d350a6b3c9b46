"""What a class tells of its people's disability: no more than the city's shares do."""

import numpy as np
from numpy.typing import NDArray

from analysis.groups import Labels

FARTHEST = 0.2
"""Total variation distance, 0..1, between a class's shares and all rows' (t-closeness, Li, Li and
Venkatasubramanian 2007, with the equal distance)."""
LIKELIEST = 0.5
"""Largest share of a class that may say yes."""


def shares(labels: Labels, size: int, codes: NDArray[np.int8], *, words: int) -> NDArray[np.float64]:
    """Return the share of each code 0..words-1 under each label, float[size, words]; 0 under empty labels."""
    counts = np.bincount(labels * words + codes, minlength=size * words).reshape(size, words)
    share: NDArray[np.float64] = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return share


def close(share: NDArray[np.float64], overall: NDArray[np.float64], *, sensitive: int) -> NDArray[np.bool_]:
    """Return which rows of shares lie near the overall ones, the sensitive code at most half of each."""
    distance = np.abs(share - overall).sum(axis=1) / 2
    near: NDArray[np.bool_] = (distance <= FARTHEST) & (share[:, sensitive] <= LIKELIEST)
    return near
