"""Where to audit next: where a few more people would decide most, and whose voice is missing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, owens_t

from analysis.dayparts import levelled
from analysis.field.city import PARAMETER_DRAWS, City, Posterior
from analysis.groups import distinct_members
from analysis.observations import Observations
from analysis.reasons import objects
from analysis.recency import Recency
from analysis.score import Weights, composite, scale_top
from geo.areas import Boundary
from geo.cells import centre
from geo.sun import Daypart

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

UNDECIDED = 0.1
"""So probable is it at least that the side of the threshold on which a cell is held to lie is wrong."""
_GAIN_STEP = 0.01
"""Gains that differ by less are alike; there missing voices decide."""
_WOMAN, _MAN = 1, 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Gaps:
    """Cells that call for audits, the first to go to first; one row each."""

    cell: NDArray[np.int64]
    known: Mask
    """Whether as many people as asked for audited it; what is not known is told alike, audited or not."""
    doubt: Floats
    """Probability that the cell's disc lies on the other side of the hot threshold than is held."""
    gain: Floats
    """How much of that so many people more, one audit each, are expected to take away."""
    missing: NDArray[np.object_]
    """tuple[str, ...]: of day, night, women, men, those of whom fewer people than asked for audited it."""
    why: NDArray[np.object_]
    """tuple[str, ...]: unknown, undecided, voices."""

    def where(self, rows: NDArray[np.int64] | Mask) -> "Gaps":
        """Return the rows that a mask or row numbers pick, in that order."""
        return Gaps(**{name: column[rows] for name, column in vars(self).items()})


def find_gaps(
    observations: Observations,
    weights: Weights,
    *,
    people: int,
    threshold: float,
    boundary: Boundary | None,
    recency: Recency,
    rng: np.random.Generator,
) -> Gaps:
    """Return the gaps among the cells of the observations and their neighbours within the boundary.

    Give the audits of cells that `people` counted auditors stand behind, and of no other: then a neighbour
    whom fewer audited is told apart from one that nobody audited by nothing at all. Defined for any
    observations; without any there are no cells.
    """
    cells, index = np.unique(observations.cell, return_inverse=True)
    city = City.of(observations, cells, recency)
    y = np.where(observations.counted, composite(observations, weights), np.nan)
    level = levelled(y, daypart=observations.daypart, place=index)
    top = scale_top(observations.instrument)
    found = city.posterior(level, top=top, rng=rng, draws=PARAMETER_DRAWS)
    doubt, gain = _doubt_and_gain(city, found, people=people, threshold=threshold, rng=rng)
    known = np.isin(np.arange(len(city.land)), city.audited)
    missing = objects([tuple(_voices(observations))] * len(known))
    missing[city.audited] = _missing(observations, ~np.isnan(y), index, people=people, cells=len(cells))
    listed = known | _inside(city.cells, boundary)
    return _ranked(
        Gaps(
            cell=city.cells,
            known=known,
            doubt=doubt,
            gain=gain,
            missing=missing,
            why=_why(known, doubt, missing),
        ).where(listed)
    )


def expected_gain(excess: Floats, *, sd: Floats, sd_after: Floats) -> Floats:
    """Return by how much the probability of a wrong side of 0 is expected to fall when sd falls to sd_after.

    `excess` is the posterior mean. Now it is Phi(-|h|), h = excess / sd; the expectation over what may be
    found is 2 T(h, sd_after / sqrt(sd^2 - sd_after^2)), T being Owen's function (Owen 1956, Annals of
    Mathematical Statistics 27): the value of sample information under 0-1 loss (Raiffa and Schlaifer 1961).
    """
    h, known = excess / sd, np.sqrt(np.maximum(sd**2 - sd_after**2, np.finfo(float).tiny))
    return np.asarray(np.maximum(ndtr(-np.abs(h)) - 2 * owens_t(np.abs(h), sd_after / known), 0))


def _doubt_and_gain(
    city: City, found: Posterior, *, people: int, threshold: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return doubt and gain of all the land's cells.

    So many people, each with an own severity and one audit, have the precision w = people / (auditor + pair +
    audit) together; the variance of the disc falls by cov(disc, cell)^2 w / (1 + w var(cell)).
    """
    parts = found.system.variances
    weight = people / (parts.auditor + parts.pair + parts.audit)
    disc, cell, both = np.zeros((3, len(city.land)))
    for x in found.draws(PARAMETER_DRAWS, rng):
        below = city.below(x)
        disc += (below**2).sum(axis=1) / PARAMETER_DRAWS
        cell += (x**2).sum(axis=1) / PARAMETER_DRAWS
        both += (below * x).sum(axis=1) / PARAMETER_DRAWS
    after = np.maximum(disc - both**2 * weight / (1 + weight * cell), 0)
    excess = city.below(found.place[:, None])[:, 0] - threshold
    sd = np.sqrt(disc)
    return np.asarray(ndtr(-np.abs(excess / sd))), expected_gain(excess, sd=sd, sd_after=np.sqrt(after))


def _voices(observations: Observations) -> dict[str, Mask]:
    """Return which audits are of each voice that a place should be heard from."""
    return {
        "day": observations.daypart == Daypart.DAY,
        "night": observations.daypart == Daypart.NIGHT,
        "women": observations.gender == _WOMAN,
        "men": observations.gender == _MAN,
    }


def _missing(
    observations: Observations, bears: Mask, index: NDArray[np.int64], *, people: int, cells: int
) -> NDArray[np.object_]:
    few = {
        name: distinct_members(index[mask & bears], observations.auditor[mask & bears], size=cells) < people
        for name, mask in _voices(observations).items()
    }
    return objects([tuple(name for name, here in few.items() if here[row]) for row in range(cells)])


def _inside(cells: NDArray[np.int64], boundary: Boundary | None) -> Mask:
    if boundary is None or not len(cells):
        return np.ones(len(cells), dtype=np.bool_)
    return np.asarray(boundary.distance_m(*centre(cells)) == 0)


def _why(known: Mask, doubt: Floats, missing: NDArray[np.object_]) -> NDArray[np.object_]:
    reasons = {"unknown": ~known, "undecided": doubt >= UNDECIDED, "voices": missing.astype(bool) & known}
    return objects([tuple(name for name, here in reasons.items() if here[row]) for row in range(len(known))])


def _ranked(gaps: Gaps) -> Gaps:
    called = gaps.where(gaps.why.astype(bool))
    voices = np.array([len(names) for names in called.missing], dtype=np.int64)
    steps = np.floor(called.gain / _GAIN_STEP)
    return called.where(np.lexsort([called.cell, -voices, -steps]))
