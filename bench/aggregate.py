"""What aggregates with noise are worth: python -m bench.aggregate [AUDITS].

One rating of a quarter of a simulated city, by H3 cells, at three epsilons: how many cells get a mean, how
far it lies from the mean of all audits there, and how many of the worst tenth of the cells are found.
"""

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.aggregate import Aggregate, Terms, aggregate
from analysis.disclosure.contributions import Contributions
from analysis.disclosure.release import Audits
from analysis.groups import Floats
from bench.release import audits_of
from geo import cells as h3cells
from server.aggregating.question import PLACES_PER_AUDITOR

_RATING, _TOP, _WORST = "feeling", 3, 0.1


@dataclass(frozen=True, kw_only=True)
class Worth:
    """A line of the table."""

    resolution: int
    epsilon: float
    cells: int
    told: float
    """Share of the cells that get a mean."""
    audits: float
    """Share of the audits in them."""
    error: float
    """Of their means, in rating steps, cells weighing as their audits."""
    half: float
    """Half an interval, median of the cells told."""
    found: float
    """Share of the worst tenth of the cells that is the worst of those told."""

    def __str__(self) -> str:
        return (
            f"{self.resolution:<11} {self.epsilon:<8} {self.cells:<6} {self.told:<6.2f} {self.audits:<7.2f} "
            f"{self.error:<6.3f} {self.half:<14.2f} {self.found:.2f}"
        )


def main() -> None:
    audits = audits_of(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    print(f"{len(audits):,} audits by {len(np.unique(audits.auditor)):,} people")
    print("resolution  epsilon  cells  told   audits  error  half interval  worst tenth found")
    for resolution in (7, 8):
        for epsilon in (0.25, 0.5, 1.0):
            print(worth(audits, resolution=resolution, epsilon=epsilon), flush=True)


def worth(audits: Audits, *, resolution: int, epsilon: float) -> Worth:
    """Return what an aggregate is worth beside the means of all audits."""
    level = audits.ratings[:, [one.name for one in audits.instrument.ratings].index(_RATING)]
    given = level >= 0
    own = h3cells.parent(audits.cell[given], resolution=resolution)
    cells, place = np.unique(own, return_inverse=True)
    count = np.bincount(place)
    truth = np.bincount(place, level[given]) / count
    contributions = Contributions(
        person=audits.auditor[given], place=place, level=level[given], places=len(cells), top=_TOP
    )
    terms = Terms(epsilon=epsilon, most=PLACES_PER_AUDITOR, top=_TOP)
    made = aggregate(contributions, terms, rng=np.random.default_rng(1))
    mean, half = _means(made)
    told = ~np.isnan(mean)
    worst = round(_WORST * len(cells))
    return Worth(
        resolution=resolution,
        epsilon=epsilon,
        cells=len(cells),
        told=float(told.mean()),
        audits=float(count[told].sum() / count.sum()),
        error=float(np.sum((np.abs(mean - truth) * count)[told]) / max(count[told].sum(), 1)),
        half=float(np.median(half[told])) if told.any() else np.nan,
        found=float(np.isin(np.argsort(truth)[:worst], np.argsort(mean)[:worst]).mean()),
    )


def _means(made: Aggregate) -> tuple[Floats, NDArray[np.float64]]:
    if made.mean is None or made.mean_low is None or made.mean_high is None:
        raise ValueError("people alone were counted")
    return made.mean, (made.mean_high - made.mean_low) / 2


if __name__ == "__main__":
    main()
