"""CPU seconds of the analysis, and how they grow: python -m bench.analysis [--largest].

One solve of the field at 10,000, 100,000 and 1,000,000 cells (3 audits per cell, 40 cells per auditor); the
score of 100,000 and 1,000,000 audits (10,000,000 with --largest) in a city of 10,000 cells, from arrays to
posterior; every field of a run apart; and Gi* beside esda. A slope of 1 is linear.
"""

import argparse
import time
from collections.abc import Callable, Iterator

import numpy as np

from analysis.dayparts import levelled
from analysis.field.city import DRAWS, PARAMETER_DRAWS, City
from analysis.field.hearing import NO_GROUP, Hearing
from analysis.field.prior import Land, Prior
from analysis.field.strangers import trusted
from analysis.field.system import System
from analysis.field.variances import PRIOR
from analysis.observations import Observations
from analysis.pairs import pair, voices
from analysis.score import composite, counting_levels, equal_weights
from bench import getis_ord
from geo import cells as h3cells
from geo.lattice import Lattice
from server.instruments.catalogue import builtin

INSTRUMENT = builtin()["safetipin-9"].instrument
_CELLS = (10_000, 100_000, 1_000_000)
_AUDITS = (100_000, 1_000_000, 10_000_000)
_CITY_CELLS, _PER_CELL, _CELLS_PER_AUDITOR = 10_000, 3, 40
_ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", action="store_true", help="10,000,000 audits too: 2 GB of memory")
    largest = parser.parse_args().largest
    _print("one solve, cells", _CELLS, [_solve_s(cells) for cells in _CELLS])
    audits = _AUDITS if largest else _AUDITS[:2]
    times = [dict(_fields(_audits(count))) for count in audits]
    for name in times[0]:
        _print(f"{name}, audits", audits, [one[name] for one in times])
    _print("sum, audits", audits, [sum(one.values()) for one in times])
    getis_ord.main()


def _print(name: str, sizes: tuple[int, ...], seconds: list[float]) -> None:
    slopes = np.diff(np.log(seconds)) / np.diff(np.log(sizes))
    figures = "  ".join(f"{size:,}: {one:.3f} s" for size, one in zip(sizes, seconds, strict=True))
    print(f"{name:32} {figures}   slope {' '.join(f'{slope:.2f}' for slope in slopes)}", flush=True)


def _solve_s(count: int) -> float:
    """Return the CPU seconds of the best of some solutions to 1e-8; the city's graph being there."""
    rng = np.random.default_rng(count)
    lattice = _round_city(count)
    n, size = len(lattice), _PER_CELL * len(lattice)
    people = max(n // _CELLS_PER_AUDITOR, 1)
    cell, auditor = rng.integers(n, size=size), rng.integers(people, size=size)
    values = 0.3 * rng.normal(size=n)[cell] + rng.normal(0, 0.4, size)
    pairs = pair(cell=cell, auditor=auditor, cells=n, auditors=people)
    said = voices(pairs, values, np.ones(size))
    land = Land(neighbours=lattice.disc_matrix(1, include_self=False))
    system = System(
        prior=Prior(land=land, variance=PRIOR.field, level=0.75),
        hearing=Hearing(voices=said, group=np.full(people, NO_GROUP)),
        variances=PRIOR,
        crowd=trusted(n, top=3),
    )
    system.solve(said.mean)  # what is kept between solutions is made
    return min(_cpu_s(lambda: system.solve(said.mean)) for _ in range(_ROUNDS))


def _fields(seen: Observations) -> Iterator[tuple[str, float]]:
    """Yield what each field of a run costs: the score, and every rating."""
    cells, index = np.unique(seen.cell, return_inverse=True)
    start = time.process_time()
    city = City.of(seen, cells)
    yield "city", time.process_time() - start
    columns = [composite(seen, equal_weights(INSTRUMENT)), *counting_levels(seen).T]
    for name, values in zip(["score", *(one.name for one in INSTRUMENT.ratings)], columns, strict=True):
        level = levelled(values, daypart=seen.daypart, place=index)
        draws = DRAWS if name == "score" else PARAMETER_DRAWS
        rng = np.random.default_rng(0)
        yield name, _cpu_s(lambda: city.posterior(level, top=3, rng=rng, draws=draws))  # noqa: B023 (called at once)


def _audits(count: int) -> Observations:
    """Return so many random audits in a round city by one auditor for 400 of them."""
    rng = np.random.default_rng(count)
    cells, people = _round_city(_CITY_CELLS).cells, max(count // 400, 50)
    row = rng.integers(len(cells), size=count)
    bad = 0.3 * rng.normal(size=len(cells))
    ratings = np.empty((count, len(INSTRUMENT.ratings)), dtype=np.int8)
    for column in range(ratings.shape[1]):
        ratings[:, column] = np.rint(1.7 + bad[row] + rng.normal(0, 0.7, count)).clip(0, 3)
    who = rng.integers(people, size=count).astype(np.int32)
    return Observations(
        instrument=INSTRUMENT,
        cell=cells[row],
        auditor=who,
        counted=np.ones(count, dtype=np.bool_),
        daypart=rng.integers(0, 2, count).astype(np.int8),
        observed_day=rng.integers(20_000, 20_180, count).astype(np.int32),
        ratings=ratings,
        gender=rng.integers(0, 4, people)[who].astype(np.int8),
    )


def _round_city(count: int) -> Lattice:
    k = round((count / 3) ** 0.5)
    return Lattice(np.sort(h3cells.disc(h3cells.cell_of(28.6, 77.2, resolution=9), k=k)))


def _cpu_s(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
