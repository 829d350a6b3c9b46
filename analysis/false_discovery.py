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


def bayesian(error: Floats, *, rate: float = RATE) -> NDArray[np.bool_]:
    """Return the largest set of claims whose mean posterior probability of being wrong is at most `rate`.

    `error` float of any shape: posterior probability that each claim is false (Müller, Parmigiani, Robert and
    Rousseau 2004). NaN is no claim. Claims of equal error stand or fall together.
    """
    claims = np.sort(error[~np.isnan(error)])
    if not len(claims):
        return np.zeros(error.shape, dtype=bool)
    believed = np.cumsum(claims) <= rate * np.arange(1, len(claims) + 1)
    first_doubted = np.append(claims, np.inf)[int(believed.sum())]
    kept: NDArray[np.bool_] = error < first_doubted
    return kept
