"""The whole analysis of one city and instrument: the same audits and seed give the same result."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from analysis.calibration import Calibration, calibrate
from analysis.detector import detect
from analysis.each import Each, here
from analysis.estimates import WOMAN, CellEstimates
from analysis.gaps import Gaps, find_gaps
from analysis.groups import distinct_members, distinct_pairs
from analysis.history.history import History, history
from analysis.hotspots import Hotspot, Voices, find
from analysis.observations import Observations
from analysis.recency import Recency
from analysis.score import Weights, bearing
from geo.areas import Boundary
from geo.lattice import Lattice
from geo.sun import Daypart

_OF_HISTORY, _OF_GAPS = 1, 2
"""Streams of draws beside those of the estimates."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Variant:
    """One selection of audits, analysed: all, by day, or by night."""

    estimates: CellEstimates
    voices: Voices

    def where(self, mask: NDArray[np.bool_]) -> Self:
        """Return what the cells of a mask over the estimates say; hotspots then join no other cell."""
        return replace(self, estimates=self.estimates.where(mask))

    def hotspots(self, exposure: NDArray[np.float64] | None = None) -> list[Hotspot]:
        """Return the hotspots among the cells of the estimates, by rank; `exposure` float[m] of the cells."""
        return find(self.estimates, Lattice(self.estimates.cell), self.voices, exposure)


@dataclass(frozen=True, kw_only=True, eq=False)
class Analysis:
    """What one run knows; only the disclosure gate turns it into layers."""

    calibration: Calibration
    """Of the weights of all three variants."""
    seed: int
    observations: Observations
    split: NDArray[np.bool_]
    """bool[n]: which of them day and night know."""
    recency: Recency
    everything: Variant
    day: Variant
    night: Variant
    part_audits: NDArray[np.int64]
    """int[m, 4]: all audits of each cell of `everything` by daypart, and last those that are not split."""
    part_auditors: NDArray[np.int64]
    """int[m, 4]: different counted auditors behind them whose audits bear on the score."""

    def history(self) -> History:
        """Return the past of the cells of `everything`."""
        rng = np.random.default_rng([self.seed, _OF_HISTORY])
        return history(self.observations, self.calibration.weights, recency=self.recency, rng=rng)

    def gaps(
        self, cells: NDArray[np.int64], *, people: int, threshold: float, boundary: Boundary | None
    ) -> Gaps:
        """Return where to audit next, by what is known of these cells alone; as `find_gaps`."""
        return find_gaps(
            self.observations.where(np.isin(self.observations.cell, cells)),
            self.calibration.weights,
            people=people,
            threshold=threshold,
            boundary=boundary,
            recency=self.recency,
            rng=np.random.default_rng([self.seed, _OF_GAPS]),
        )


def analyse(
    observations: Observations,
    *,
    seed: int,
    recency: Recency | None = None,
    split: NDArray[np.bool_] | None = None,
    held: Weights | None = None,
    each: Each = here,
) -> Analysis:
    """Return estimates of all audits, of the day's and of the night's; independent of the order of rows.

    `split`, bool[n], says which audits day and night may know; without it, all. Without `recency` the present
    is the day of the latest counted audit. `held` are the fitted weights of the run before (`calibrate`).
    `each` says where parameters are estimated, and changes no number.
    """
    if split is None:
        split = np.ones(len(observations), dtype=np.bool_)
    order = canonical_order(observations, split)
    observations, split = observations.where(order), split[order]
    recency = recency or Recency.at_latest(observations.observed_day[observations.counted])
    of_all, of_day, of_night, of_weights = np.random.default_rng(seed).spawn(4)  # each by itself alone
    calibration = calibrate(observations, of_weights, held=held)
    weights = calibration.weights
    day, night = (
        observations.where(split & (observations.daypart == part)) for part in (Daypart.DAY, Daypart.NIGHT)
    )
    part = np.where(split, observations.daypart, len(Daypart))
    audits, auditors = count_parts(observations, part, parts=len(Daypart) + 1)
    return Analysis(
        calibration=calibration,
        seed=seed,
        observations=observations,
        split=split,
        recency=recency,
        everything=variant_of(observations, weights, of_all, recency, each),
        day=variant_of(day, weights, of_day, recency, each),
        night=variant_of(night, weights, of_night, recency, each),
        part_audits=audits,
        part_auditors=auditors,
    )


def variant_of(
    observations: Observations,
    weights: Weights,
    rng: np.random.Generator,
    recency: Recency,
    each: Each = here,
) -> Variant:
    """Return what a selection of audits says by itself."""
    bears = bearing(observations)
    cell, auditor = distinct_pairs(observations.cell[bears], observations.auditor[bears])
    women = np.unique(observations.auditor[bears & (observations.gender == WOMAN)])
    voices = Voices(cell=cell, auditor=auditor, woman=np.isin(auditor, women))
    return Variant(estimates=detect(observations, weights, rng, recency, each), voices=voices)


def count_parts(
    observations: Observations, part: NDArray[Any], *, parts: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return per cell and part 0..parts-1 all audits, and the counted auditors that bear on the score."""
    cells, index = np.unique(observations.cell, return_inverse=True)
    group = index * parts + part
    bears = bearing(observations)
    size = len(cells) * parts
    audits = np.bincount(group, minlength=size)
    auditors = distinct_members(group[bears], observations.auditor[bears], size=size)
    return audits.reshape(-1, parts), auditors.reshape(-1, parts)


def canonical_order(observations: Observations, split: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the order by every column, so that sums are added up alike whatever order the rows came in."""
    keys = [
        split,
        *observations.ratings.T,
        observations.gender,
        observations.counted,
        observations.daypart,
        observations.observed_day,
        observations.auditor,
        observations.cell,
    ]
    return np.lexsort(keys)
