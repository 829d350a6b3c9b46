"""What `trend` finds of planted change: python -m bench.trend [SEEDS].

Prints, for cities of 469 cells and eighteen months (analysis/simulation/changing.py), summed over the seeds:
the share of cells about which anything is said, the share of those whose disc changed by at least 0.3 that
are called worse (new) or better, cells called so, the share of these that changed by less than 0.1 that way,
and that changed the other way. Then, where nothing changed, 200 counted devices rate one cell of twenty or
of eight audits in the last month and nothing else: how many cells are called worse or better for it.
"""

import argparse
from typing import Any

import numpy as np

from analysis.detector import detect
from analysis.instrument import Instrument
from analysis.recency import Recency
from analysis.score import equal_weights
from analysis.simulation.changing import TODAY, ChangingCity, changing_city
from analysis.simulation.hard_cases import forged
from server.instruments.catalogue import builtin

SCENES: dict[str, dict[str, Any]] = {
    "0.8": {"audits": 9_000, "auditors": 150, "shift": 0.8},
    "0.8, many audits": {"audits": 36_000, "auditors": 300, "shift": 0.8},
    "0.8, few audits": {"audits": 3_000, "auditors": 80, "shift": 0.8},
    "0.5": {"audits": 9_000, "auditors": 150, "shift": 0.5},
    "0.8, 40 % of people new": {"audits": 9_000, "auditors": 150, "shift": 0.8, "turnover": 0.4},
    "nothing changed": {"audits": 9_000, "auditors": 150, "shift": 0.0},
    "40 % of people new alone": {"audits": 9_000, "auditors": 150, "shift": 0.0, "turnover": 0.4},
    "all 0.5 lower": {"audits": 9_000, "auditors": 150, "shift": 0.0, "drift": -0.5},
}
_DEVICES, _FORGED_DAYS = 200, 28
_BRIGADES = {"worst answers": 0, "second worst answers": 1, "best answers": 3}
_HOUSES = (20, 8)
_COLUMNS = ("told", "recall", "called", "below 0.1", "wrong way")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", nargs="?", type=int, default=3)
    seeds = parser.parse_args().seeds
    print(f"{seeds} seeds{'':24}" + "".join(f"{name:>12}" for name in _COLUMNS))
    for name, scene in SCENES.items():
        told, found, small, wrong = (
            np.concatenate(parts) for parts in zip(*_measured(scene, seeds), strict=True)
        )
        figures = (_mean(told), _mean(found), len(small), _mean(small), _mean(wrong))
        print(f"{name:31}" + "".join(f"{figure:12.4g}" for figure in figures), flush=True)
    print(f"{_DEVICES} devices, one cell of audits  " + "".join(f"{count:>12}" for count in _HOUSES))
    for name, level in _BRIGADES.items():
        called = np.sum([_forged(level, seed) for seed in range(seeds)], axis=0)
        print(f"{name:31}" + "".join(f"{count:12}" for count in called), flush=True)


def _forged(level: int, seed: int) -> list[int]:
    """Return how many cells are said to have changed where a brigade pretends it of one, by its audits."""
    instrument = builtin()["safetipin-9"].instrument
    city = changing_city(instrument, seed=seed, audits=9_000, auditors=150, shift=0.0)
    cells, count = np.unique(city.observations.cell, return_counts=True)
    called = []
    for audits in _HOUSES:
        cell = int(cells[np.abs(count - audits).argmin()])
        rng = np.random.default_rng(seed)
        seen = forged(city.observations, cell, devices=_DEVICES, level=level, days=_FORGED_DAYS, rng=rng)
        told = detect(seen, equal_weights(instrument), np.random.default_rng(0), Recency(today=TODAY))
        called.append(int(np.isin(told.trend, ["new", "worse", "better"]).sum()))
    return called


def _measured(scene: dict[str, Any], seeds: int) -> list[tuple[np.ndarray, ...]]:
    instrument = builtin()["safetipin-9"].instrument
    return [_one(changing_city(instrument, seed=seed, **scene), instrument) for seed in range(seeds)]


def _one(city: ChangingCity, instrument: Instrument) -> tuple[np.ndarray, ...]:
    weights, recency = equal_weights(instrument), Recency(today=TODAY)
    seen = detect(city.observations, weights, np.random.default_rng(0), recency)
    true = city.change[np.searchsorted(city.cells, seen.cell)]
    called = np.isin(seen.trend, ["better"]) * 1.0 - np.isin(seen.trend, ["worse", "new"])
    told, named = seen.trend != "too_short", called != 0
    right = named & (np.sign(true) == called)
    along = (called * true)[named]
    return told, right[told & (np.abs(true) >= 0.3)], along < 0.1, along < 0


def _mean(shares: np.ndarray) -> float:
    return float(shares.mean()) if len(shares) else float("nan")


if __name__ == "__main__":
    main()
