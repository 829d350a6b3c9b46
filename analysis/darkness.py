"""Where it is dark at night: the lighting, credibly below the middle of its own scale."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.estimates import CellEstimates
from analysis.false_discovery import credible
from analysis.score import top_of

Floats = NDArray[np.float64]

LIGHTING = "lighting"
"""The rating that every instrument calls so; one without it finds no dark place."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Lighting:
    """The lighting of each cell at night in its own levels, NaN where nobody rated it."""

    top: int
    mean: Floats
    low: Floats
    high: Floats
    """Posterior mean and 95 % interval."""
    shortfall: Floats
    """Levels below the middle of the scale."""
    probability: Floats
    """Posterior probability that it is below the middle of the scale."""

    @property
    def dark(self) -> NDArray[np.bool_]:
        """Which cells are dark: the most, the surest first, of which 5 % are expected not to be."""
        return credible(np.nan_to_num(self.probability, nan=0.0))


def lighting(night: CellEstimates) -> Lighting:
    """Return the lighting from estimates of the night's audits; NaN where the instrument asks for none."""
    names = [rating.name for rating in night.instrument.ratings]
    if LIGHTING not in names:
        unknown = np.full(len(night), np.nan)
        return Lighting(top=0, **dict.fromkeys(("mean", "low", "high", "shortfall", "probability"), unknown))
    column = names.index(LIGHTING)
    top = top_of(night.instrument.ratings[column])
    below = top / 2 - night.parameter_mean[:, column]
    return Lighting(
        top=top,
        mean=night.parameter_mean[:, column],
        low=night.parameter_low[:, column],
        high=night.parameter_high[:, column],
        shortfall=below,
        probability=ndtr(below / night.parameter_sd[:, column]),
    )
