"""Whether real scores make hotspots because of where they are: python -m bench.dealt FILE [--times 10].

FILE is Place Pulse's of six cities, which docs/real-data.md names. Prints, for each city, how many cells are
hot with the scores where they belong, for three seeds of the draws, and with the same scores dealt at random
among the same places, where no place is worse: each hot cell is then a false discovery.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.detector import scored
from analysis.observations import MISSING, Observations
from analysis.score import equal_weights
from analysis.simulation.recovery import hot
from geo.cells import cells_of
from server.instruments.catalogue import builtin

INSTRUMENT = builtin()["safetipin-9"].instrument
_RATINGS = [rating.name for rating in INSTRUMENT.ratings]
_ANY_PLACE_RATING = _RATINGS.index("walk_path")
"""Stands for the score of the image: it alone is answered."""
_LEVELS, _SEEDS = 4, 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--times", type=int, default=10, help="how often the scores are dealt")
    chosen = parser.parse_args()
    table = pd.read_csv(chosen.file).dropna(subset=["elo_safety"])
    rng = np.random.default_rng(1)
    for city, rows in table.groupby("city"):
        cell = cells_of(rows["lat"].to_numpy(), rows["lon"].to_numpy(), resolution=9)
        quarter = (rows["elo_safety"].rank(method="first").to_numpy() - 1) * _LEVELS // len(rows)
        given = [_hot(cell, quarter, seed) for seed in range(_SEEDS)]
        dealt = [_hot(cell, rng.permutation(quarter), seed=0) for _ in range(chosen.times)]
        print(f"{city}: {len(rows):,} places, hot cells {given}, dealt at random {dealt}", flush=True)


def _hot(cell: np.ndarray, level: np.ndarray, seed: int) -> int:
    """Return how many cells are hot; each level is somebody else's."""
    count = len(cell)
    ratings = np.full((count, len(_RATINGS)), MISSING, dtype=np.int8)
    ratings[:, _ANY_PLACE_RATING] = level
    told = Observations(
        instrument=INSTRUMENT,
        cell=cell,
        auditor=np.arange(count, dtype=np.int32),
        counted=np.ones(count, dtype=np.bool_),
        daypart=np.ones(count, dtype=np.int8),
        observed_day=np.full(count, 20_000, dtype=np.int32),
        ratings=ratings,
        gender=np.zeros(count, dtype=np.int8),
    )
    return int(hot(scored(told, equal_weights(INSTRUMENT), np.random.default_rng(seed)).klass).sum())


if __name__ == "__main__":
    main()
