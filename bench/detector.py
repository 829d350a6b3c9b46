"""What the detector finds of planted unsafe places, all cells seen: python -m bench.detector [SEEDS].

Prints the table of docs/method.md: recall of cells whose disc lies truly 0.3 below the city, share of flagged
cells whose disc lies truly less than 0.2 below it, and how often 95 % intervals hold the truth.
"""

import sys
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import shapely

from analysis.hotspots import MEMBER_CLASSES
from analysis.recipe import analyse
from analysis.score import to_five
from analysis.simulation.city import SimulatedCity, simulate
from analysis.simulation.scenario import Scenario
from server.instruments.catalogue import builtin

AREA = shapely.box(77.07, 28.48, 77.33, 28.71)
AUDITORS = 250
_BASE = Scenario(night_only_share=0.0)
SCENARIOS = {
    "default": (_BASE, 18_600),
    "0.8 lower": (replace(_BASE, delta=0.8), 18_600),
    "sparse": (_BASE, 6_200),
    "dense": (_BASE, 93_000),
    "noise alone": (replace(_BASE, delta=0.0, background_sd=0.0, parameter_sd=0.0), 18_600),
}


@dataclass(frozen=True)
class Outcome:
    """What came out of one simulated city; shares are NaN where there is nothing to take them of."""

    cells: float
    flagged: float
    recall: float
    misled: float
    covered: float
    covered_in_zones: float
    covered_hotspots: float


def main(seeds: int) -> None:
    names = ["cells", "flagged", "recall", "misled", "covered", "in zones", "hotspots"]
    print(f"{'':12}" + "".join(f"{name:>10}" for name in names))
    instrument = builtin()["safetipin-9"].instrument
    for name, (scenario, audits) in SCENARIOS.items():
        outcomes = [
            _outcome(
                simulate(
                    instrument=instrument,
                    area=AREA,
                    first_day=date(2026, 1, 1),
                    seed=seed,
                    audits=audits,
                    auditors=AUDITORS,
                    scenario=scenario,
                )
            )
            for seed in range(seeds)
        ]
        rows = np.array([list(vars(outcome).values()) for outcome in outcomes])
        means = [
            column[~np.isnan(column)].mean() if not np.isnan(column).all() else np.nan for column in rows.T
        ]
        print(
            f"{name:12}"
            + "".join(f"{mean:10.0f}" for mean in means[:2])
            + "".join(f"{m:10.3f}" for m in means[2:])
        )


def _outcome(city: SimulatedCity) -> Outcome:
    found = analyse(city.observations(), seed=0).everything
    estimates, truth = found.estimates, city.truth
    row = truth.lattice.index_of(estimates.cell)
    true = to_five(truth.everything, top=estimates.top)
    deficit = truth.disc_deficit(truth.everything)[row]
    flagged, bad = np.isin(estimates.klass, MEMBER_CLASSES), deficit >= 0.3
    covered = (estimates.score_low <= true[row]) & (true[row] <= estimates.score_high)
    hotspots = [
        spot.pool.score_low
        <= true[truth.lattice.index_of(np.array(spot.cells))].mean()
        <= spot.pool.score_high
        for spot in found.hotspots()
    ]
    return Outcome(
        cells=len(estimates),
        flagged=flagged.sum(),
        recall=_share(flagged[bad]),
        misled=_share(deficit[flagged] < 0.2),
        covered=_share(covered),
        covered_in_zones=_share(covered[truth.zone[row] >= 0]),
        covered_hotspots=_share(np.array(hotspots)),
    )


def _share(mask: np.ndarray) -> float:
    return float(mask.mean()) if len(mask) else float("nan")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
