"""What waves of admission hide, and what they cost: python -m bench.waves [SEEDS].

Towns are audited for 150 days, by so many audits a day, a run each night, k = 5. What is ready enters in
waves of 1 cell (no waves), of 5, 10, 15 or 25, and by the rule (`wave_size`). Prints, as means over the
seeds: how often somebody who knows on which day an audit was made names its cell, by taking one of those
that enter that night, a new one before all, or else of those that enter on the first night after it on
which any do; each less how often the cell with the most public audits is right (counts alone). Then the
share of audits admitted by the end, the median wait of those in nights, the share of the cells ever audited
by k people that is shown, and the first night on which anything is. The model is left out: the largest
change is taken to be any of those cells.
"""

import argparse
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from analysis.disclosure.admission import ALONE, admit, wave_size
from analysis.disclosure.columns import LOWER_BOUNDS
from analysis.groups import distinct_members
from analysis.simulation.city import simulate
from analysis.simulation.scenario import Scenario
from bench import detector
from server.instruments.catalogue import builtin

K, DAYS = 5, 150
Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Town:
    """A place that so many people audit."""

    area: BaseGeometry
    resolution: int = 9
    people: int
    a_day: tuple[int, ...]


TOWNS = {
    "25 people, 21 cells": Town(
        area=shapely.box(77.2, 28.5, 77.25, 28.55), resolution=8, people=25, a_day=(1, 5, 10)
    ),
    "45 people, 95 cells": Town(
        area=shapely.box(77.2, 28.5, 77.235, 28.535), people=45, a_day=(1, 5, 10, 20, 60)
    ),
    "75 people, 213 cells": Town(
        area=shapely.box(77.2, 28.5, 77.25, 28.55), people=75, a_day=(5, 10, 20, 60)
    ),
    "260 people, 5937 cells": Town(area=detector.AREA, people=260, a_day=(10, 60, 120)),
}
FIXED = (1, 5, 10, 15, 25)
RULE = 0
"""Stands for `wave_size`."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", nargs="?", type=int, default=4)
    seeds = range(1, parser.parse_args().seeds + 1)
    columns = "that night  counts alone  above    later  above  admitted   wait   shown  first"
    print(f"{'':22}audits a day  wave  {columns}")
    for name, town in TOWNS.items():
        for a_day in town.a_day:
            come = [_come(town, a_day, seed) for seed in seeds]
            for size in (*FIXED, RULE):
                print(_line(name, a_day, size, np.array([_lived(one, size) for one in come])), flush=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class Come:
    """Audits in the order in which they come; cells are numbered from 0."""

    cell: NDArray[np.int64]
    auditor: NDArray[np.int32]
    day: NDArray[np.int64]

    @property
    def cells(self) -> int:
        """How many cells anybody audits."""
        return int(self.cell.max()) + 1


def _come(town: Town, a_day: int, seed: int) -> Come:
    count = a_day * DAYS
    city = simulate(
        instrument=builtin()["safetipin-9"].instrument,
        area=town.area,
        first_day=date(2026, 1, 1),
        seed=seed,
        audits=count,
        auditors=town.people,
        scenario=Scenario(resolution=town.resolution),
    )
    seen, order = city.observations(), np.random.default_rng(seed).permutation(count)
    day = np.arange(count) // a_day
    _, cell = np.unique(seen.cell[order], return_inverse=True)
    return Come(cell=cell.astype(np.int64), auditor=seen.auditor[order], day=day)


def _lived(come: Come, size: int) -> list[float]:
    """Return the columns of a line, NaN where nothing ever enters."""
    night = np.full(len(come.day), -1)
    at_once: list[tuple[float, float]] = []
    later: list[tuple[float, float]] = []
    since = 0
    for today in range(DAYS):
        here = int(np.searchsorted(come.day, today, "right"))
        public = _counts(come, night >= 0)
        waiting = np.flatnonzero(night[:here] < 0)
        entering = waiting[_entering(come, waiting, wave=size or wave_size(int((public > 0).sum())))]
        if len(entering):
            chances = _chances(public, np.bincount(come.cell[entering], minlength=come.cells) > 0)
            at_once += [chances[cell] for cell in come.cell[here - int((come.day == today).sum()) : here]]
            later += [chances[cell] for cell in come.cell[since:here]]
            night[entering], since = today, here
    return [*_named(at_once), *_named(later), *_price(come, night)]


def _entering(come: Come, waiting: NDArray[np.int64], *, wave: int) -> Mask:
    return admit(
        cell=come.cell[waiting],
        auditor=come.auditor[waiting],
        counted=np.ones(len(waiting), dtype=np.bool_),
        together=np.full(len(waiting), ALONE, dtype=np.int64),
        wave=wave,
        k=K,
    )


def _counts(come: Come, public: Mask) -> NDArray[np.int64]:
    return np.bincount(come.cell[public], minlength=come.cells)


def _chances(public: NDArray[np.int64], entering: Mask) -> list[tuple[float, float]]:
    """Return of each cell how likely it is named, by what enters and by counts alone."""
    new = entering & (public == 0)
    taken = new if new.any() else entering
    told = np.searchsorted(LOWER_BOUNDS, public, "right")
    most = told == told.max()
    return list(zip(taken / taken.sum(), most / most.sum(), strict=True))


def _named(chances: list[tuple[float, float]]) -> tuple[float, float, float]:
    by_change, by_counts = np.mean(chances, axis=0) if chances else (np.nan, np.nan)
    return float(by_change), float(by_counts), float(by_change - by_counts)


def _price(come: Come, night: NDArray[np.int64]) -> list[float]:
    entered = night >= 0
    if not entered.any():
        return [0.0, np.nan, 0.0, np.nan]
    known = distinct_members(come.cell, come.auditor, size=come.cells) >= K
    shown = _counts(come, entered)[known] > 0
    wait = np.median((night - come.day)[entered])
    return [entered.mean(), float(wait), shown.mean(), float(night[entered].min())]


def _line(name: str, a_day: int, size: int, rows: NDArray[np.float64]) -> str:
    seen = ~np.isnan(rows)
    named, counts, above, later, _, later_above, admitted, wait, shown, first = np.where(seen, rows, 0).sum(
        axis=0
    ) / np.maximum(seen.sum(axis=0), 1)
    label = f"{name:22}{a_day:12d}{size or 'rule':>6}"
    told = f"{named:12.3f}{counts:14.3f}{above:+7.3f}{later:9.3f}{later_above:+7.3f}"
    return f"{label}{told}{admitted:10.2f}{wait:7.1f}{shown:8.2f}{first:7.0f}"


if __name__ == "__main__":
    main()
