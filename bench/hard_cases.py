"""What brigades, walks, residents and women's eyes do: python -m bench.hard_cases [SEEDS] [--only WORDS].

Cities without planted places: 18,600 audits by 250 auditors on 5,757 cells. Brigades are 200 counted devices
against cells of many, eight and one audits: by how much the cell's score moves, in rating steps, in the mean
over the seeds and at most. Then the share of what was planted that is kept, with its standard error: of a
fall that all see and 40 phones walk through in one evening, of what residents alone say of their quarter, of
women's lower ratings of a quarter in the score, and in women's score; and what a city hears that is bad
everywhere.
"""

import argparse
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import shapely
from scipy.special import ndtr

from analysis.dayparts import levelled
from analysis.estimates import WOMAN
from analysis.false_discovery import credible
from analysis.field.city import City, Posterior
from analysis.observations import Observations
from analysis.score import composite, equal_weights, to_five
from analysis.simulation.city import SimulatedCity, simulate
from analysis.simulation.hard_cases import brigaded, by_residents, lowered, walked
from analysis.simulation.scenario import Scenario
from geo import cells as h3cells
from server.instruments.catalogue import builtin

INSTRUMENT = builtin()["safetipin-9"].instrument
WEIGHTS = equal_weights(INSTRUMENT)
AREA = shapely.box(77.07, 28.48, 77.33, 28.71)
TOP, STANDARD = 3.0, 2.5
_HOUSES = {"many": 10_000, "eight": 8, "one": 1}
"""Targets: the cell with the number of audits that comes nearest."""
_BRIGADES: dict[str, dict[str, Any]] = {
    "worst answers": {"level": 0},
    "second worst answers": {"level": 1},
    "best answers": {"level": 3},
    "worst, 2 honest audits each": {"level": 0, "elsewhere": 2},
    "worst, 8 honest audits each": {"level": 0, "elsewhere": 8},
    "worst, 20 honest audits each": {"level": 0, "elsewhere": 20},
    "second worst, 20 honest audits each": {"level": 1, "elsewhere": 20},
    "worst, all of the disc of 7": {"level": 0, "disc": True},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", nargs="?", type=int, default=3)
    parser.add_argument("--only", default="", metavar="WORDS", help="the rows whose names hold these words")
    chosen = parser.parse_args()
    cities = [_city(seed) for seed in range(chosen.seeds)]
    print(f"{chosen.seeds} seeds; moved by 200 devices     " + "".join(f"{name:>16}" for name in _HOUSES))
    _tell_moved(cities, {name: attack for name, attack in _BRIGADES.items() if chosen.only in name})
    for name, case in _KEPT.items():
        if chosen.only in name:
            print(f"{name:55}" + _kept_line(cities, case), flush=True)


def _tell_moved(cities: list[SimulatedCity], attacks: dict[str, dict[str, Any]]) -> None:
    before = [_Found(city.observations()) for city in cities] if attacks else []
    for name, attack in attacks.items():
        moved = np.array([_moved(city, found, **attack) for city, found in zip(cities, before, strict=True)])
        mean, most = moved.mean(axis=0), np.abs(moved).max(axis=0)
        pairs = zip(mean, most, strict=True)
        print(f"{name:35}" + "".join(f"{one:+8.2f} ({other:.2f})" for one, other in pairs), flush=True)


def _kept_line(cities: list[SimulatedCity], case: Callable[..., list[float]]) -> str:
    kept = np.array([case(city, np.random.default_rng(seed)) for seed, city in enumerate(cities)])
    error = kept.std(axis=0, ddof=1 if len(cities) > 1 else 0) / np.sqrt(len(cities))
    pairs = zip(kept.mean(axis=0), error, strict=True)
    return " ".join(f"{mean:6.3f} ({one:.3f})" for mean, one in pairs)


class _Found:
    """What the model of the score says of some audits."""

    def __init__(self, seen: Observations) -> None:
        self.cells, index = np.unique(seen.cell, return_inverse=True)
        y = composite(seen, WEIGHTS)
        level = levelled(y, daypart=seen.daypart, place=index)
        self.city = City.of(seen, self.cells)
        self.posterior: Posterior = self.city.posterior(
            level, top=TOP, rng=np.random.default_rng(0), draws=50
        )
        women = np.where(seen.gender == WOMAN, level, np.nan)
        self.women = self.city.mean_of(women, self.posterior, top=TOP)
        self.mean = self.posterior.mean

    def at(self, cells: np.ndarray, values: np.ndarray | None = None) -> np.ndarray:
        values = self.mean if values is None else values
        return values[np.searchsorted(self.cells, cells)]


def _city(seed: int, **scenario: Any) -> SimulatedCity:
    return simulate(
        instrument=INSTRUMENT,
        area=AREA,
        first_day=date(2026, 1, 1),
        seed=seed,
        audits=18_600,
        auditors=250,
        scenario=Scenario(delta=0.0, **scenario),
    )


def _moved(
    city: SimulatedCity, before: _Found, *, level: int, elsewhere: int = 0, disc: bool = False
) -> list[float]:
    moved = []
    cells, count = np.unique(city.observations().cell, return_counts=True)
    for audits in _HOUSES.values():
        target = cells[np.argmin(np.abs(count - audits))]
        around = np.intersect1d(h3cells.disc(int(target), k=1), city.truth.cells)
        aim = around if disc else np.array([target])
        rng = np.random.default_rng(0)
        seen = brigaded(city, aim, devices=200, level=level, elsewhere=elsewhere, rng=rng)
        moved.append(float(_Found(seen).at(target) - before.at(target)))
    return moved


def _walk(city: SimulatedCity, rng: np.random.Generator, *, lower: float) -> list[float]:
    """Return the share of the fall of the disc of a cell of eight audits that is kept."""
    cells, count = np.unique(city.observations().cell, return_counts=True)
    target = int(cells[np.argmin(np.abs(count - 8))])
    around = np.intersect1d(h3cells.disc(target, k=1), city.truth.cells)
    seed = int(rng.integers(2**31))
    high, low = (
        walked(city, around, people=40, lower=by, rng=np.random.default_rng(seed)) for by in (0.0, lower)
    )
    return [_kept(high, low, around)]


def _residents(city: SimulatedCity, rng: np.random.Generator) -> list[float]:
    quarter = _quarter(city, k=3)
    plain = by_residents(city.observations(), quarter, residents=12, rng=rng)
    low = lowered(plain, np.isin(plain.cell, quarter), by=0.5, rng=rng)
    return [_kept(plain, low, quarter)]


def _women(city: SimulatedCity, rng: np.random.Generator) -> list[float]:
    """Return what the score keeps of women's lower ratings of a quarter, and what women's score shows."""
    quarter, plain = _quarter(city, k=2), city.observations()
    theirs = np.isin(plain.cell, quarter) & (plain.gender == WOMAN)
    low = lowered(plain, theirs, by=0.6, rng=rng)
    before, after = _Found(plain), _Found(low)
    there = np.intersect1d(quarter, plain.cell[theirs])
    fell = (composite(plain, WEIGHTS) - composite(low, WEIGHTS))[theirs].mean()
    shown = (before.at(there, before.women) - after.at(there, after.women)).mean()
    return [_kept(plain, low, quarter), float(shown / fell)]


def _bad_everywhere(_: SimulatedCity, rng: np.random.Generator) -> list[float]:
    """Return the share of cells below the standard for sure, and the share of hot ones."""
    found = _Found(
        _city(int(rng.integers(2**31)), level=0.8, background_sd=0.0, parameter_sd=0.0).observations()
    )
    post = found.posterior
    below = ndtr((STANDARD / to_five(1.0, top=TOP) - post.mean) / post.sd)
    hot = credible(ndtr((post.deficit - 0.2) / post.deficit_sd))
    return [float((below >= 0.95).mean()), float(hot.mean())]


def _quarter(city: SimulatedCity, *, k: int) -> np.ndarray:
    """Return the disc around the cell of most audits."""
    cells, count = np.unique(city.observations().cell, return_counts=True)
    return np.intersect1d(h3cells.disc(int(cells[count.argmax()]), k=k), cells)


def _kept(before: Observations, after: Observations, cells: np.ndarray) -> float:
    """Return how much of the fall of the audits' mean there the scores show against the city."""
    inside = np.isin(before.cell, cells)
    fell = (composite(before, WEIGHTS) - composite(after, WEIGHTS))[inside]
    by_cell = [fell[before.cell[inside] == cell].mean() for cell in cells]
    one, other = _Found(before), _Found(after)
    moved = one.mean - other.mean
    return float((one.at(cells, moved).mean() - np.median(moved)) / np.mean(by_cell))


_KEPT = {
    "walk of 40 phones, 7 cells 0.5 lower: kept": lambda city, rng: _walk(city, rng, lower=0.5),
    "walk of 40 phones, 7 cells 0.8 lower: kept": lambda city, rng: _walk(city, rng, lower=0.8),
    "quarter 0.5 lower that residents alone rate: kept": _residents,
    "women rate 19 cells 0.6 lower: kept, shown by women": _women,
    "bad everywhere: share below standard, share hot": _bad_everywhere,
}


if __name__ == "__main__":
    main()
