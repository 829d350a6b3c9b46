"""How well planted weights come back from simulated cities: python -m bench.weights [SEEDS].

Prints, for each size of city, means over the seeds: the largest error of a share, that of equal weights, the
width of the widest interval, how many of the intervals hold the planted weight, and in how many seeds the
weights are fitted. Once with unequal weights planted, once with equal ones.
"""

import argparse
import time
from datetime import date

import numpy as np
import shapely

from analysis.calibration import calibrate
from analysis.simulation.city import simulate
from analysis.simulation.scenario import Scenario
from server.instruments.catalogue import builtin

AREA = shapely.box(77.07, 28.48, 77.33, 28.71)
PLANTED = (0.25, 0.05, 0.10, 0.05, 0.20, 0.10, 0.05, 0.20)
SIZES = ((600, 40), (1_000, 60), (2_000, 100), (5_000, 150), (18_600, 250), (93_000, 500))
"""Audits and auditors."""
_COLUMNS = ("error", "of equal", "widest", "held", "fitted", "CPU s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", nargs="?", type=int, default=3)
    seeds = parser.parse_args().seeds
    print(f"{seeds} seeds")
    print(f"{'planted':10}{'audits':>8}{'auditors':>10}" + "".join(f"{name:>10}" for name in _COLUMNS))
    for label, weights in (("unequal", PLANTED), ("equal", (1 / 8,) * 8)):
        for audits, auditors in SIZES:
            rows = [_measure(weights, audits, auditors, seed) for seed in range(seeds)]
            means = "".join(f"{mean:10.3f}" for mean in np.mean(rows, axis=0))
            print(f"{label:10}{audits:8,}{auditors:10,}{means}", flush=True)


def _measure(weights: tuple[float, ...], audits: int, auditors: int, seed: int) -> list[float]:
    instrument = builtin()["safetipin-9"].instrument
    names = [rating.name for rating in instrument.place]
    city = simulate(
        instrument=instrument,
        area=AREA,
        first_day=date(2026, 1, 1),
        seed=seed,
        audits=audits,
        auditors=auditors,
        scenario=Scenario(feeling=dict(zip(names, weights, strict=True))),
    )
    observations = city.observations()
    start = time.process_time()
    found = calibrate(observations, np.random.default_rng(seed))
    spent = time.process_time() - start
    share, low, high = np.array([(one.value, one.low, one.high) for one in found.shares.values()]).T
    true = np.array(weights)
    return [
        float(np.abs(share - true).max()),
        float(np.abs(1 / 8 - true).max()),
        float((high - low).max()),
        float(((low <= true) & (true <= high)).mean()),
        float(found.weights.source == "fitted"),
        spent,
    ]


if __name__ == "__main__":
    main()
