"""Means of values whose number and total both carry Laplace noise, with intervals that know of both."""

import numpy as np
from numpy.typing import NDArray

from analysis.groups import Floats

_POINTS = 201
"""At which a mean is held against the noise, from one end of the scale to the other."""
_ALIKE = 1e-3


def noisy_means(
    count: NDArray[np.int64],
    total: NDArray[np.int64],
    *,
    count_scale: float,
    total_scale: float,
    end: float,
    alpha: float,
) -> tuple[Floats, Floats, Floats]:
    """Return total / count within -end..end, and the ends of its interval, float[n] each.

    If v is the mean, total - v * count is the noise of the total less v times that of the count, whoever is
    there. The interval holds each v for which noise so far from 0 has a probability of alpha or more (Fieller
    1954, with Laplace's distribution for the normal); it is the whole scale where nothing can be told.
    """
    mean = np.clip(total / np.where(count > 0, count, 1), -end, end)
    v = np.linspace(-end, end, _POINTS)
    beyond = _tail(np.abs(total[:, None] - v * count[:, None]), total_scale, np.abs(v) * count_scale)
    possible = (beyond >= alpha) | (beyond == beyond.max(axis=1, keepdims=True))
    step = v[1] - v[0]
    low = v[possible.argmax(axis=1)] - step / 2
    high = v[_POINTS - 1 - possible[:, ::-1].argmax(axis=1)] + step / 2
    return mean, np.clip(np.minimum(low, mean), -end, end), np.clip(np.maximum(high, mean), -end, end)


def _tail(distance: Floats, one: float, others: Floats) -> Floats:
    """Return P(|X + Y| > distance) of independent Laplace X and Y with scale `one` and, by column, `others`.

    (a^2 exp(-t / a) - b^2 exp(-t / b)) / (a^2 - b^2); where a and b are all but equal, b is moved a little.
    """
    b = np.where(np.abs(others / one - 1) < _ALIKE, one * (1 - _ALIKE), np.maximum(others, one * 1e-9))
    first, second = one**2 * np.exp(-distance / one), b**2 * np.exp(-distance / b)
    tail: Floats = (first - second) / (one**2 - b**2)
    return tail
