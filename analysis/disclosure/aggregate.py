"""Aggregates with differential privacy: people at places, and what they say on average, with noise.

Dwork, McSherry, Nissim, Smith (2006), Calibrating noise to sensitivity in private data analysis; Ghosh,
Roughgarden, Sundararajan (2009) for the discrete form. Two data sets are neighbours where one has all audits
of one person more than the other, so epsilon bounds what anybody learns of whether she took part at all.
"""

from dataclasses import InitVar, dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.contributions import HALF_SCALE, Contributions, bounded
from analysis.disclosure.noise import half_width, laplace, scale_of
from analysis.disclosure.noisy_means import noisy_means
from analysis.groups import Floats

_SEAL = object()
"""Held by this module alone: what it makes has noise."""

SMALLEST_EPSILON, LARGEST_EPSILON = 0.01, 1.0
MOST_PLACES = 20
_COUNTS_SHARE = 1 / 3
"""Of epsilon, for counts: near the least error of means that lie a sixth of the scale from its middle."""
_ALPHA, _SELDOM = 0.05, 0.01
"""Chances with which noise is beyond what is told of it, and with which a mean may be told by chance."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """The noise of one vector of an aggregate."""

    of: str
    """`auditors`, or `total`: the sum of values, from the middle of the scale."""
    epsilon: float
    sensitivity: int
    """By which one person changes the whole vector at most."""
    unit: float
    """What 1 is worth: a person, or rating steps."""

    @property
    def scale(self) -> float:
        """The scale of its discrete Laplace noise."""
        return scale_of(sensitivity=self.sensitivity, epsilon=self.epsilon)

    @property
    def within(self) -> int:
        """What the noise stays within, with 95 %."""
        return half_width(self.scale, alpha=_ALPHA)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is asked of people, and at which cost; ValueError naming what is out of range."""

    epsilon: float
    """0.01 to 1, for the whole aggregate."""
    most: int
    """Places to which one person contributes, 1 to 20."""
    top: int | None
    """Of the rating whose mean is asked for; None: people alone are counted."""

    def __post_init__(self) -> None:
        if not SMALLEST_EPSILON <= self.epsilon <= LARGEST_EPSILON:
            raise ValueError(f"epsilon: must be {SMALLEST_EPSILON:g} to {LARGEST_EPSILON:g}")
        if not 1 <= self.most <= MOST_PLACES:
            raise ValueError(f"places per auditor: must be 1 to {MOST_PLACES}")

    @cached_property
    def auditors(self) -> Part:
        """The noise of counts."""
        share = 1.0 if self.top is None else _COUNTS_SHARE
        return Part(of="auditors", epsilon=self.epsilon * share, sensitivity=self.most, unit=1.0)

    @cached_property
    def total(self) -> Part | None:
        """The noise of totals; None where people alone are counted."""
        if self.top is None:
            return None
        left = self.epsilon - self.auditors.epsilon
        unit = self.top / 2 / HALF_SCALE
        return Part(of="total", epsilon=left, sensitivity=self.most * HALF_SCALE, unit=unit)

    @property
    def parts(self) -> tuple[Part, ...]:
        """All noise of the aggregate; the epsilons add up to its own."""
        return (self.auditors,) if self.total is None else (self.auditors, self.total)

    def mean_within(self, auditors: int) -> float | None:
        """Return half the width, in rating steps, of the interval of a mean of so many people's values.

        For a mean in the middle of the scale; None where it would not be told.
        """
        if self.total is None:
            return None
        _, low, high = _means(np.array([auditors]), np.array([0]), self.auditors, self.total)
        return None if np.isnan(low[0]) else float(high[0] - low[0]) / 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Aggregate:
    """An aggregate that anybody may have; constructing one outside this module raises TypeError."""

    terms: Terms
    auditors: NDArray[np.int64]
    """By place: people who contributed, with noise; may be below 0."""
    mean: Floats | None
    """By place: mean of their mean levels, 0..top; NaN where its interval leaves in half the scale."""
    mean_low: Floats | None
    mean_high: Floats | None
    """Of 100 such intervals 95 or more hold the mean of those who contributed."""
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("an aggregate without noise: only analysis.disclosure.aggregate makes them")


def aggregate(told: Contributions, terms: Terms, *, rng: np.random.Generator) -> Aggregate:
    """Return the noisy aggregate of what people contributed; it tells of every place, audited or not.

    `rng` draws the places to which busy people contribute; the noise is OpenDP's own. Each call draws anew:
    whoever sees two answers to one question has spent twice.
    """
    count, total = bounded(told, most=terms.most, rng=rng)
    auditors = _noisy(count, terms.auditors)
    means: tuple[Floats | None, ...] = (None, None, None)
    if terms.total is not None:
        means = _means(auditors, _noisy(total, terms.total), terms.auditors, terms.total)
    mean, low, high = means
    return Aggregate(terms=terms, auditors=auditors, mean=mean, mean_low=low, mean_high=high, seal=_SEAL)


def _noisy(exact: NDArray[np.int64], part: Part) -> NDArray[np.int64]:
    return laplace(exact, sensitivity=part.sensitivity, epsilon=part.epsilon)


def _means(
    auditors: NDArray[np.int64], total: NDArray[np.int64], of_auditors: Part, of_total: Part
) -> tuple[Floats, Floats, Floats]:
    """Return means and the ends of their intervals in levels; NaN where little is known of them.

    That is where the interval of 99 % leaves in half the scale: else most means of places where hardly
    anybody is would be told by a chance of the noise, and their intervals would be wrong.
    """
    scales = {"count_scale": of_auditors.scale, "total_scale": of_total.scale}
    _, lowest, highest = noisy_means(auditors, total, **scales, end=HALF_SCALE, alpha=_SELDOM)
    told = highest - lowest < HALF_SCALE
    found = noisy_means(auditors, total, **scales, end=HALF_SCALE, alpha=_ALPHA)
    mean, low, high = (np.where(told, of_total.unit * (HALF_SCALE + value), np.nan) for value in found)
    return mean, low, high
