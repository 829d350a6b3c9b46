"""What is known of each rating: what it shares with the composite, and what it has to itself."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from analysis.dayparts import levelled
from analysis.each import Each, here
from analysis.field.city import PARAMETER_DRAWS, City, Posterior
from analysis.instrument import Role
from analysis.observations import Observations
from analysis.score import Weights, composite, counting_levels, scale_top, top_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Ratings:
    """Posterior of each rating in its own levels, a row per audited cell and a column per rating."""

    mean: Floats
    """float[m, p], as `sd`: NaN where nobody answered."""
    sd: Floats
    auditors: NDArray[np.int64]
    """Different counted auditors who gave it, int[m, p]."""
    city: Floats
    """The mean of the audited cells, float[p]."""

    @classmethod
    def of(
        cls,
        observations: Observations,
        city: City,
        *,
        weights: Weights,
        whole: Posterior,
        rng: np.random.Generator,
        each: Each = here,
    ) -> Self:
        """Return the ratings; `whole` is the posterior of the composites.

        A place rating is s = slope * (y - Y) + d, with y the audit's composite of what counts at any hour, Y
        the mean of the cells, and the slope that of a regression of s on y over the audits, so that y and d
        vary apart. d gets a field of its own; mean and variance of s in a cell are the sums of those of its
        two parts. What all ratings share, a mild auditor, a bad evening, a place bad in every respect, is in
        y, which several answers know better than one; d varies less than s. Other ratings have a field by
        themselves.
        """
        cells = np.unique(observations.cell, return_inverse=True)[1]
        shared = _Shared.of(observations, city, cells, weights=weights, whole=whole)
        levels = np.where(observations.counted[:, None], counting_levels(observations), np.nan)
        asked = observations.instrument.ratings
        own = [levelled(level, daypart=observations.daypart, place=cells) for level in levels.T]
        share = [
            slope(shared.level, values) if rating.role is Role.PLACE else 0.0
            for rating, values in zip(asked, own, strict=True)
        ]
        beside = (values - part * shared.level for part, values in zip(share, own, strict=True))
        shape = len(city.audited), len(asked)
        mean, sd = np.empty((2, *shape))
        auditors, of_city = np.empty(shape, dtype=np.int64), np.empty(shape[1])
        told = each(_posterior, city, beside, map(top_of, asked), rng.spawn(len(asked)))
        for column, (d_mean, d_sd, d_auditors, d_city) in enumerate(told):
            mean[:, column] = d_mean + share[column] * shared.mean
            sd[:, column] = np.hypot(d_sd, share[column] * whole.sd)
            auditors[:, column], of_city[column] = d_auditors, d_city
        return cls(mean=mean, sd=sd, auditors=auditors, city=of_city)


def _posterior(
    city: City, values: Floats, top: float, rng: np.random.Generator
) -> tuple[Floats, Floats, NDArray[np.int64], float]:
    """Return one rating's mean and sd, NaN unanswered, how many auditors gave it, and the city's mean."""
    one = city.posterior(values, top=top, rng=rng, draws=PARAMETER_DRAWS)
    mean, sd = (np.where(one.heard, of_cells, np.nan) for of_cells in (one.mean, one.sd))
    return mean, sd, one.auditors, one.city


@dataclass(frozen=True, kw_only=True, eq=False)
class _Shared:
    """y - Y of each audit and of each audited cell; 0 where nothing is known of it."""

    level: Floats
    mean: Floats

    @classmethod
    def of(
        cls,
        observations: Observations,
        city: City,
        cells: NDArray[np.int64],
        *,
        weights: Weights,
        whole: Posterior,
    ) -> Self:
        """Return it, under the variances of all composites.

        What counts at some hours alone is left out: with it y would not be the same place's by day and night.
        """
        y = np.where(observations.counted, composite(observations, weights, at_any_hour=True), np.nan)
        level = levelled(y, daypart=observations.daypart, place=cells)
        mean = city.mean_of(level, whole, top=scale_top(observations.instrument))
        heard = ~np.isnan(mean)
        centre = float(mean[heard].mean()) if heard.any() else 0.0
        return cls(level=np.nan_to_num(level - centre), mean=np.nan_to_num(mean - centre))


def slope(x: Floats, y: Floats) -> float:
    """Return by how much y rises with x, by least squares over rows with both; 0 where x is constant."""
    both = ~(np.isnan(x) | np.isnan(y))
    if not both.any():
        return 0.0
    off = x[both] - x[both].mean()
    square = float(off @ off)
    return float(off @ y[both]) / square if square > 0 else 0.0
