"""Traces of functions of a graph's Laplacian, for all functions at once."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_PROBES, _STEPS = 8, 60
_TINY = 1e-10


@dataclass(frozen=True, kw_only=True, eq=False)
class Spectrum:
    """Eigenvalues, as many as are needed, and how many of the matrix each stands for."""

    value: Floats
    count: Floats


def spectrum(apply: Callable[[Floats], Floats], size: int) -> Spectrum:
    """Return the spectrum of a symmetric matrix on vectors of mean 0, apply(x[n, k]) being its product.

    Stochastic Lanczos quadrature (Ubaru, Chen and Saad 2017, SIAM J. Matrix Anal. 38): sum(count f(value)) is
    the trace of f, of 1 / (kappa + x) to some per cent. The probes are signs that never change.
    """
    probes = np.random.default_rng(0).integers(0, 2, (size, _PROBES)) * 2.0 - 1.0
    vector = probes - probes.mean(axis=0)
    length = np.linalg.norm(vector, axis=0)
    along, beside = _tridiagonal(apply, vector / np.maximum(length, _TINY))
    off = np.zeros((_PROBES, _STEPS, _STEPS))
    steps = np.arange(_STEPS)
    off[:, steps, steps] = along.T
    off[:, steps[1:], steps[:-1]] = beside[:-1].T  # the lower half alone is read
    value, vectors = np.linalg.eigh(off)
    count = vectors[:, 0, :] ** 2 * (length**2)[:, None] / _PROBES
    return Spectrum(value=np.maximum(value, 0).ravel(), count=count.ravel())


def _tridiagonal(apply: Callable[[Floats], Floats], vector: Floats) -> tuple[Floats, Floats]:
    """Return diagonal and subdiagonal of each column's Lanczos matrix, float[steps, probes]."""
    along, beside = np.zeros((2, _STEPS, vector.shape[1]))
    before = np.zeros_like(vector)
    for step in range(_STEPS):
        ahead = apply(vector) - (beside[step - 1] if step else 0.0) * before
        along[step] = (ahead * vector).sum(axis=0)
        ahead -= along[step] * vector
        ahead -= ahead.mean(axis=0)
        beside[step] = np.linalg.norm(ahead, axis=0)
        before, vector = vector, ahead / np.where(beside[step] > _TINY, beside[step], np.inf)
    return along, beside
