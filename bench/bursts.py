"""How often honest weeks look like a burst of new devices, and how often a brigade does, simulated.

python -m bench.bursts [--cities 40]
"""

import argparse

import numpy as np

from analysis.abuse.bursts import PAST_DAYS, WEEK_DAYS, bursts
from analysis.simulation.newcomers import brigade, newcomers, together

K = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cities", type=int, default=40)
    options = parser.parse_args()
    print("false cases a city and week, of 400 cells; k = 5")
    for days, name in ((PAST_DAYS, "after a quarter"), (WEEK_DAYS, "first week")):
        for weekly in (30, 100, 300, 500):
            print(
                f"{name:>15}, {weekly:3d} new devices a week: {false_cases(options.cities, weekly, days):.2f}"
            )
    print("share of brigades of one cell that are found, by honest new devices a week")
    for devices in (10, 20, 50, 200):
        shares = (f"{weekly}: {found(options.cities // 2, weekly, devices):.2f}" for weekly in (30, 100, 300))
        print(f"{devices:>4} devices  {'  '.join(shares)}")


def false_cases(cities: int, weekly: int, days: float) -> float:
    """Return the mean number of cells that are wrongly taken for a burst's."""
    counts = []
    for seed in range(cities):
        honest = newcomers(np.random.default_rng(seed), weekly=weekly, days=days)
        counts.append(len(np.unique(honest.cell[bursts(honest, k=K)])))
    return float(np.mean(counts))


def found(cities: int, weekly: int, devices: int) -> float:
    """Return the share of cities in which every device of a brigade is found."""
    hits = 0
    for seed in range(cities):
        rng = np.random.default_rng(seed)
        honest = newcomers(rng, weekly=weekly)
        false = brigade(rng, cell=int(rng.choice(np.unique(honest.cell))), devices=devices)
        hits += bool(bursts(together(honest, false), k=K)[len(honest) :].all())
    return hits / cities


if __name__ == "__main__":
    main()
