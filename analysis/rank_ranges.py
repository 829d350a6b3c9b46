"""Which rank each of several uncertain values may have: a range, never a league table."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ranks = NDArray[np.int64]

_LEVEL = 0.95
_DRAWS = 1_000


def rank_ranges(mean: Floats, covariance: Floats, rng: np.random.Generator) -> tuple[Ranks, Ranks]:
    """Return the lowest and highest rank that each of n values may have, int64[n]; 1 = smallest value.

    Values are normal with this mean and covariance. For each, its differences from all others get intervals
    that hold together at 95 % (the largest standardised difference, by draws); as many values as are surely
    smaller stand below it, as many as are surely larger above it. So each range, taken by itself, holds the
    true rank at 95 % or more, ties included (Mogstad, Romano, Shaikh and Wilhelm 2024, Review of Economic
    Studies 91: Inference for ranks).
    """
    n = len(mean)
    low, high = np.ones(n, dtype=np.int64), np.full(n, n, dtype=np.int64)
    draws = _draws(covariance, rng)
    for one in range(n):
        apart = mean[one] - mean
        sd = np.sqrt(np.maximum(covariance[one, one] + covariance.diagonal() - 2 * covariance[one], 0))
        told = sd > 1e-9 * np.sqrt(covariance.diagonal().max())
        if not told.any():
            continue
        largest = np.abs((draws[one] - draws[told]) / sd[told, None]).max(axis=0)
        margin = float(np.quantile(largest, _LEVEL)) * sd
        low[one] += int((told & (apart > margin)).sum())
        high[one] -= int((told & (apart < -margin)).sum())
    return low, high


def _draws(covariance: Floats, rng: np.random.Generator) -> Floats:
    """Draw around zero, float[n, draws]; overlapping groups make the matrix singular, so by eigenvalues."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))
    return np.asarray(root @ rng.standard_normal((len(values), _DRAWS)))
