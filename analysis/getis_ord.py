"""Getis-Ord Gi*: is the sum of values around a place far from what the whole would give?"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.groups import ratio

Floats = NDArray[np.float64]

BIN_LEVELS = (0.10, 0.05, 0.01)
"""ArcGIS Gi_Bin: 90, 95 and 99 % confidence are bins 1, 2 and 3."""


def gi_star(values: Floats, neighbours: Any) -> Floats:
    """Return the z-score of each value's neighbourhood, float[n]; negative where values are low.

    `neighbours` is a scipy sparse array or matrix n x n whose pattern (non-zero entries, self included) says
    who is a neighbour; the weights are binary whatever the entries, so z cannot depend on their scaling.

    z_i = (sum_j w_ij x_j - W_i mean) / (S sqrt((n W_i - W_i^2) / (n - 1))), S^2 = mean of squared deviations,
    from Ord and Getis 1995, formula 14b. Deviations are summed, not values: the sign survives any mean,
    negative ones included. z = 0 where the values are all equal or a neighbourhood is empty or everything.
    NaN is refused with ValueError.
    """
    if not np.isfinite(values).all():
        raise ValueError("values: every one must be finite; leave out places without one")
    n = len(values)
    pattern = neighbours.astype(bool).astype(np.float64)
    count = np.asarray(pattern.sum(axis=1)).ravel()
    deviation = values - values.mean() if n else values
    spread = np.sqrt((deviation**2).mean()) if n else 0.0
    if n < 2 or spread <= np.finfo(np.float64).eps * np.abs(values).max() * n:
        return np.zeros(n)
    scale = spread * np.sqrt(np.maximum(n * count - count**2, 0) / (n - 1))
    return np.where(scale > 0, ratio(pattern @ deviation, scale), 0.0)


def two_sided_p(z: Floats) -> Floats:
    """Return P(|Z| >= |z|) for a standard normal Z, float[n]."""
    return np.asarray(2 * ndtr(-np.abs(z)), dtype=np.float64)


def gi_bin(z: Floats, q: Floats) -> NDArray[np.int8]:
    """Return -3..3 as ArcGIS' Gi_Bin with FDR correction: sign of z, 1, 2, 3 at q <= 0.10, 0.05, 0.01."""
    strength = sum((q <= level).astype(np.int8) for level in BIN_LEVELS)
    return (np.sign(z) * strength).astype(np.int8)
