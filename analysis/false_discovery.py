"""Many tests at once: which of them to believe, with a bounded share of false ones."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RATE = 0.05
"""The share of false discoveries that every published claim is held to."""


def benjamini_hochberg(p: Floats) -> Floats:
    """Return the adjusted q of each p, same shape: reject q <= rate to hold that rate of false ones.

    q_(i) = min over j >= i of p_(j) n / j, at most 1 (Benjamini and Hochberg 1995). NaN stays NaN and is no
    test.
    """
    q = np.full(p.shape, np.nan)
    tested = ~np.isnan(p)
    order = np.argsort(p[tested], kind="stable")
    ranked = p[tested][order] * len(order) / np.arange(1, len(order) + 1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum.accumulate(ranked[::-1])[::-1]
    q[tested] = np.minimum(adjusted, 1)
    return q


def credible(probability: Floats, *, rate: float = RATE) -> NDArray[np.bool_]:
    """Return which claims to believe: the most, the surest first, of which at most `rate` are expected false.

    The expected share of false ones among the claims believed is the mean of 1 - probability over them
    (Newton, Noueiry, Sarkar and Ahlquist 2004, Biostatistics 5).
    """
    order = np.argsort(-probability, kind="stable")
    false = np.cumsum(1 - probability[order]) / np.arange(1, len(order) + 1)
    believed = np.zeros(len(probability), dtype=np.bool_)
    believed[order[: np.searchsorted(false, rate, side="right")]] = True
    return believed
