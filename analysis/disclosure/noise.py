"""Noise for differential privacy: the one door to OpenDP, whose samplers work in exact arithmetic."""

import math

import numpy as np
from numpy.typing import NDArray

_SHAVED = 1 - 1e-9
"""Of an epsilon, left after what rounding may add: so that what parts of an answer cost never exceeds it."""


def scale_of(*, sensitivity: int, epsilon: float) -> float:
    """Return the scale b of discrete Laplace noise, P(x) ~ exp(-|x| / b), that keeps to epsilon."""
    return sensitivity / (epsilon * _SHAVED)


def half_width(scale: float, *, alpha: float) -> int:
    """Return the least t so that discrete Laplace noise is beyond -t..t with probability alpha at most.

    P(|X| > t) = 2 p^(t + 1) / (1 + p) with p = exp(-1 / scale).
    """
    p = math.exp(-1 / scale)
    return max(math.ceil(math.log(alpha * (1 + p) / 2) / math.log(p) - 1), 0)


def laplace(exact: NDArray[np.int64], *, sensitivity: int, epsilon: float) -> NDArray[np.int64]:
    """Return whole numbers with discrete Laplace noise, which OpenDP draws from the system's randomness.

    Epsilon-differentially private wherever one person changes all numbers together by `sensitivity` at most.
    AssertionError where OpenDP's own account of that says otherwise; ModuleNotFoundError without OpenDP.
    """
    import opendp.prelude as dp  # noqa: PLC0415 - an extra, and heavy

    dp.enable_features("contrib")  # what OpenDP calls all that has a proof but awaits a second review
    numbers, distance = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    scale = scale_of(sensitivity=sensitivity, epsilon=epsilon)
    mechanism = dp.m.make_laplace(numbers, distance, scale=scale)
    cost: float = mechanism.map(sensitivity)  # type: ignore[no-untyped-call]
    if cost > epsilon:
        raise AssertionError(f"the noise of scale {scale} costs {cost}, not {epsilon}")
    return np.array(mechanism(exact.tolist()), dtype=np.int64)
