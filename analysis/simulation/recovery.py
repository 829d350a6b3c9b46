"""How much of a synthetic city's truth an analysis found, and how much of what it found is true."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.estimates import Z95, CellEstimates
from analysis.hotspots import MEMBER_CLASSES
from analysis.simulation.truth import Truth
from geo.cells import Cells

Floats = NDArray[np.float64]

BAD, GOOD_ENOUGH = 0.3, 0.2
"""Rating steps: a disc that lies `BAD` below the city should be found, one less than `GOOD_ENOUGH` not."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a list of flagged cells is worth; shares are NaN where there is nothing to take them of."""

    flagged: int
    recall: float
    """Share of the audited cells whose disc lies truly 0.3 below the city that are flagged."""
    false: float
    """Share of the flagged cells whose disc lies truly less than 0.2 below it; 0 where none is flagged."""


def found(truth: Truth, *, cells: Cells, flagged: NDArray[np.bool_]) -> Found:
    """Return what the flagged ones among the audited cells are worth."""
    deficit = truth.disc_deficit(truth.everything)[truth.lattice.index_of(cells)]
    return Found(
        flagged=int(flagged.sum()),
        recall=_share(flagged[deficit >= BAD]),
        false=float((deficit[flagged] < GOOD_ENOUGH).mean()) if flagged.any() else 0.0,
    )


def hot(klass: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which classes the analysis flags: hot and severe."""
    return np.isin(klass, MEMBER_CLASSES)


def coverage(truth: Truth, *, cells: Cells, mean: Floats, sd: Floats) -> tuple[float, float]:
    """Return how often 95 % intervals hold the true composite: over all audited cells, and inside zones."""
    row = truth.lattice.index_of(cells)
    covered = np.abs(truth.everything[row] - mean) <= Z95 * sd
    return _share(covered), _share(covered[truth.zone[row] >= 0])


def causes_named(truth: Truth, estimates: CellEstimates) -> float:
    """Return in which share of the zones found the cause named first by most flagged cells is a true one."""
    zone = truth.zone[truth.lattice.index_of(estimates.cell)]
    flagged = hot(estimates.klass)
    right = []
    for number in np.unique(zone[flagged & (zone >= 0)]).tolist():
        named = [causes[0][0] for causes in estimates.causes[flagged & (zone == number)] if causes]
        right.append(bool(named) and max(set(named), key=named.count) in truth.zones[number].causes)
    return _share(np.array(right))


def _share(mask: NDArray[np.bool_]) -> float:
    return float(mask.mean()) if len(mask) else float("nan")
