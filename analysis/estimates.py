"""What an analysis says of each cell: the one result that every detector gives, whichever ran."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from analysis.field.joint import Joint
from analysis.groups import distinct_members, ratio
from analysis.instrument import Instrument, Role
from analysis.observations import NO_DAY, Observations
from analysis.score import Weights, to_five, top_of

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

CLASSES = ("severe", "hot", "watch", "none", "cold")
WOMAN = 1
Z95 = 1.959963984540054


@dataclass(frozen=True, kw_only=True, eq=False)
class CellEstimates:
    """One row per occupied cell, sorted; `mean`, `sd`, `raw`, `women_mean`, `deficit` in rating steps.

    Rating steps run on 0..top. Audits of uncounted auditors are seen in `auditors` and `audits` alone; they
    carry no weight in any other number.
    """

    instrument: Instrument
    weights: Weights
    top: int
    city_mean: float
    parameter_city: Floats
    """The city's mean of each rating, float[p] in its own levels."""
    leverage: Floats
    """By how much the composite rises per level of each rating, float[p]."""
    variances: Mapping[str, float]
    """Variance components of the composite, in squared rating steps."""
    joint: Joint
    """The posterior of the composite in all audited cells at once."""

    cell: NDArray[np.int64]
    mean: Floats
    sd: Floats
    """Posterior of the cell's composite, never NaN."""
    raw: Floats
    """Plain mean of the composite over audits, NaN where none bears on it."""
    women_mean: Floats
    """Posterior mean from women's audits alone, NaN where there are none."""
    parameter_mean: Floats
    parameter_sd: Floats
    """Posterior of each rating, float[m, p] in its own levels, NaN where nobody answered."""
    parameter_auditors: Counts
    """Different counted auditors who gave each rating, int[m, p]."""
    deficit: Floats
    """How far the cell's disc lies below the city."""
    probability: Floats
    """Posterior probability that this deficit is at least 0.2."""
    klass: NDArray[np.object_]
    """One of CLASSES."""
    gi_z: Floats
    gi_p: Floats
    gi_q: Floats
    gi_bin: NDArray[np.int8]
    auditors: Counts
    audits: Counts
    counted_auditors: Counts
    """Different counted auditors with an audit that bears on the score."""
    women: Counts
    """Those of them who are women."""
    last_day: NDArray[np.int32]
    """Day of the latest counted audit, days since 1970-01-01; NO_DAY without one."""
    n_eff: Floats
    """How many independent audits the evidence is worth."""
    needs: NDArray[np.object_]
    """tuple[str, ...] per cell: fixable ratings credibly below the city, the lowest first."""
    causes: NDArray[np.object_]
    """tuple[(name, share), ...] per cell: place ratings credibly below the city, with shares of the gap."""
    adjusted: NDArray[np.bool_]
    """Whether auditors' own severity was told apart from the place."""
    trend: NDArray[np.object_]
    """new, worse, same, better or too_short."""

    def __len__(self) -> int:
        return len(self.cell)

    @property
    def score(self) -> Floats:
        """0 (worst) to 5 (best)."""
        return to_five(np.clip(self.mean, 0, self.top), top=self.top)

    @property
    def score_low(self) -> Floats:
        """Lower end of the 95 % interval, 0..5."""
        return to_five(np.clip(self.mean - Z95 * self.sd, 0, self.top), top=self.top)

    @property
    def score_high(self) -> Floats:
        """Upper end of the 95 % interval, 0..5."""
        return to_five(np.clip(self.mean + Z95 * self.sd, 0, self.top), top=self.top)

    @property
    def score_raw(self) -> Floats:
        """The score from plain means, 0..5; NaN where no audit bears on it."""
        return to_five(self.raw, top=self.top)

    @property
    def score_common(self) -> Floats:
        """The score as if all ratings weighed alike, to compare cities by, 0..5; NaN where none is known."""
        place = [rating.role is Role.PLACE for rating in self.instrument.ratings]
        share = self.parameter_mean[:, place] / _tops(self.instrument)[place]
        known = ~np.isnan(share)
        return to_five(ratio(np.where(known, share, 0).sum(axis=1), known.sum(axis=1)), top=1)

    @property
    def score_women(self) -> Floats:
        """The score from women's audits alone, 0..5; NaN where there are none."""
        return to_five(np.clip(self.women_mean, 0, self.top), top=self.top)

    @property
    def parameter_low(self) -> Floats:
        """Lower end of each rating's 95 % interval, float[m, p] in its levels."""
        return np.clip(self.parameter_mean - Z95 * self.parameter_sd, 0, _tops(self.instrument))

    @property
    def parameter_high(self) -> Floats:
        """Upper end of each rating's 95 % interval, float[m, p] in its levels."""
        return np.clip(self.parameter_mean + Z95 * self.parameter_sd, 0, _tops(self.instrument))

    def where(self, mask: NDArray[np.bool_]) -> Self:
        """Return the cells that a mask picks; the city stays what it was."""
        per_cell = [field.name for field in fields(self) if field.name not in _OF_THE_CITY]
        return replace(self, **{name: getattr(self, name)[mask] for name in per_cell})


_OF_THE_CITY = {
    "instrument",
    "weights",
    "top",
    "city_mean",
    "parameter_city",
    "leverage",
    "variances",
    "joint",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Pool:
    """What several cells say together, every cell alike: normal posterior of composite and ratings."""

    top: int
    mean: float
    sd: float
    """Of the composite, rating steps on 0..top."""
    score: float
    score_low: float
    score_high: float
    """0..5 with 95 % interval."""
    parameter_mean: Floats
    parameter_low: Floats
    parameter_high: Floats
    parameter_sd: Floats
    """float[p] in each rating's levels, NaN where no cell has an answer."""


def pooled(estimates: CellEstimates) -> Pool:
    """Return what all the cells (one at least) say together.

    Neighbours borrow from each other and share auditors: the sd of their mean is held to be the mean of their
    sds, its upper bound.
    """
    tops = _tops(estimates.instrument)
    mean, sd = (float(part[0]) for part in _average(estimates.mean[:, None], estimates.sd[:, None]))
    score, low, high = (
        to_five(min(max(mean + steps * sd, 0.0), estimates.top), top=estimates.top)
        for steps in (0, -Z95, Z95)
    )
    parameter_mean, parameter_sd = _average(estimates.parameter_mean, estimates.parameter_sd)
    return Pool(
        top=estimates.top,
        mean=mean,
        sd=sd,
        score=score,
        score_low=low,
        score_high=high,
        parameter_mean=parameter_mean,
        parameter_low=np.clip(parameter_mean - Z95 * parameter_sd, 0, tops),
        parameter_high=np.clip(parameter_mean + Z95 * parameter_sd, 0, tops),
        parameter_sd=parameter_sd,
    )


def tally(
    observations: Observations, *, cell: NDArray[np.int64], bears: NDArray[np.bool_], cells: int
) -> dict[str, NDArray[Any]]:
    """Return the counts of CellEstimates per cell index 0..cells-1; `bears`: counted, and on the score."""
    women = bears & (observations.gender == WOMAN)
    last_day = np.full(cells, NO_DAY, dtype=np.int32)
    np.maximum.at(last_day, cell[observations.counted], observations.observed_day[observations.counted])

    def people(mask: NDArray[np.bool_]) -> Counts:
        return distinct_members(cell[mask], observations.auditor[mask], size=cells)

    return {
        "auditors": distinct_members(cell, observations.auditor, size=cells),
        "audits": np.bincount(cell, minlength=cells),
        "counted_auditors": people(bears),
        "women": people(women),
        "last_day": last_day,
    }


def _average(mean: Floats, sd: Floats) -> tuple[Floats, Floats]:
    """Return the mean over the rows that know, and their mean sd: that of a mean of fully dependent rows."""
    known = ~np.isnan(mean)
    n = known.sum(axis=0)
    totals = np.where(known, mean, 0).sum(axis=0), np.where(known, sd, 0).sum(axis=0)
    centre, spread = (np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0) for total in totals)
    return centre, spread


def _tops(instrument: Instrument) -> Floats:
    return np.array([top_of(rating) for rating in instrument.ratings], dtype=np.float64)
