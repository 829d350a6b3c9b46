"""What releases cost and what they are worth: python -m bench.release [--peers PYTHON] [--quick].

Audits of a simulated city of 24 by 24 km to all files, in CPU seconds and memory, with the slope from 100,000
to 1,000,000; then what is left of 1,000,000 at k = 5, 10, 20. PYTHON is an interpreter that has anjana
and pycanon (`bench/release_peers.py` runs in it): anjana beside ours on 100,000 audits, and pycanon's k
of ours.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import numpy as np
from shapely import Polygon, box

from analysis.disclosure.release import WORDS, Audits, Disclosure
from analysis.disclosure.release_gate import release
from analysis.simulation.city import simulate
from analysis.simulation.scenario import Scenario
from geo import cells as h3cells
from geo import sun
from server.instruments.catalogue import builtin
from server.releasing.about import About
from server.releasing.columns import columns_of
from server.releasing.files import write_files
from server.releasing.tables import write_csv

DOCUMENT = builtin()["safetipin-9"]
SIZES = (100_000, 1_000_000)
_AREA = box(77.10, 28.50, 77.345, 28.716)
_PER_AUDITOR = 50
_RESOLUTION = 9
_AGE = np.array([0, 1, 1, 2, 2, 3], dtype=np.int8)  # bands of profiles, in the bands of releases
_WORST = 0.1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measure", type=int, help="one size alone, printed as JSON")
    parser.add_argument("--peers", type=Path, help="interpreter with anjana and pycanon")
    parser.add_argument("--quick", action="store_true", help="a tenth of the audits")
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure)))
        return
    sizes = [size // 10 if given.quick else size for size in SIZES]
    costs = [_measured_apart(size) for size in sizes]
    for size, cost in zip(sizes, costs, strict=True):
        print(f"{size:>9,} audits to files: " + "  ".join(f"{name} {value}" for name, value in cost.items()))
    slope = np.diff(np.log([cost["cpu_s"] for cost in costs])) / np.diff(np.log(sizes))
    print(f"slope of CPU seconds {slope[0]:.2f}", flush=True)
    if given.peers:
        peers(given.peers, sizes[0])
    print("k   people  kept   at r8 or finer  error  error per cell  worst tenth found")
    for k in (5, 10, 20):
        print(worth(audits := audits_of(sizes[-1]), disclose(audits, k), k=k), flush=True)


def _measured_apart(size: int) -> dict[str, float]:
    """Return what a process of its own measured, which starts with no memory in use."""
    command = [sys.executable, "-m", "bench.release", "--measure", str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    cost: dict[str, float] = json.loads(done.stdout)
    return cost


def measure(size: int) -> dict[str, float]:
    """Return CPU seconds by part and the most memory in use, that of the simulated audits included."""
    audits = audits_of(size)
    with tempfile.TemporaryDirectory() as name:
        start = time.process_time()
        found = disclose(audits, 10)
        gate = time.process_time() - start
        write_files(found, DOCUMENT, _about(), Path(name), languages=("en", "hi"))
        whole = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu_s": round(whole, 2), "gate_s": round(gate, 2), "memory_mb": round(memory)}


@cache
def audits_of(size: int, *, area: Polygon = _AREA, seed: int = 5) -> Audits:
    """Return the audits of one quarter of a simulated city by a fiftieth as many people, all counted."""
    city = simulate(
        instrument=DOCUMENT.instrument,
        area=area,
        first_day=date(2026, 7, 1),
        seed=seed,
        audits=size,
        auditors=size // _PER_AUDITOR,
        scenario=Scenario(days=92),
    )
    who = city.auditor
    return Audits(
        instrument=city.instrument,
        cell=h3cells.cells_of(city.lat, city.lng, resolution=11),
        auditor=who,
        counted=np.ones(size, dtype=np.bool_),
        quarters=("2026Q3",),
        codes={
            "quarter": np.zeros(size, dtype=np.int8),
            "daypart": sun.daypart(city.lat, city.lng, city.unix_seconds),
            "gender": city.people.gender[who],
            "age_band": _AGE[city.people.age_band[who]],
            "mode": np.ones(size, dtype=np.int8),
            "disability": city.people.disability[who],
        },
        ratings=city.ratings,
    )


def disclose(audits: Audits, k: int) -> Disclosure:
    """Return the release at a k."""
    return release(audits, k=k, resolution=_RESOLUTION, rng=np.random.default_rng(1))


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What a release is worth: a line of the utility table."""

    k: int
    people: int
    """In a class, at least."""
    kept: float
    """Share of the rows within the cap."""
    fine: float
    """Share of the rows told at resolution 8 or finer."""
    error: float
    """Of a cell's mean in rating steps, cells weighing as their audits."""
    error_per_cell: float
    """The same, all cells weighing alike."""
    found: float
    """Share of the worst tenth of the cells that are in the worst tenth of the estimates."""

    def __str__(self) -> str:
        return (
            f"{self.k:<3} {self.people:<7} {self.kept:.4f} {self.fine:.4f}          {self.error:.3f}  "
            f"{self.error_per_cell:.3f}           {self.found:.3f}"
        )


def worth(audits: Audits, found: Disclosure, *, k: int) -> Worth:
    """Return the worth of a release.

    A cell's mean is of all audits of its own; its estimate is what a researcher has: the mean of the rows
    told at the cell, or else of all rows at or inside its nearest parent that has any.
    """
    account = found.account
    cells, place = np.unique(h3cells.parent(audits.cell, resolution=_RESOLUTION), return_inverse=True)
    level = composite(audits.ratings)
    truth, estimate = _means(place, level, len(cells)), _estimates(found, cells)
    audited = np.bincount(place[~np.isnan(level)], minlength=len(cells))
    error = np.abs(estimate - truth)
    known = ~np.isnan(error)
    worst = round(_WORST * len(cells))
    fine = sum(rows for resolution, rows in account.by_resolution.items() if resolution >= _RESOLUTION - 1)
    return Worth(
        k=k,
        people=account.k,
        kept=account.rows_out / (account.rows_out + account.suppressed),
        fine=fine / account.rows_out,
        error=float((error * audited)[known].sum() / audited[known].sum()),
        error_per_cell=float(error[known].mean()),
        found=float(np.isin(np.argsort(estimate)[:worst], np.argsort(truth)[:worst]).mean()),
    )


def _estimates(found: Disclosure, cells: np.ndarray) -> np.ndarray:
    estimate = np.full(len(cells), np.nan)
    for resolution, cell, value in _rolled_up(found):
        parents, group = np.unique(cell, return_inverse=True)
        means = _means(group, value, len(parents))
        wanted = h3cells.parent(cells, resolution=resolution)
        at = np.searchsorted(parents, wanted).clip(0, len(parents) - 1)
        open_ = np.isnan(estimate) & (parents[at] == wanted)
        estimate[open_] = means[at][open_]
    return estimate


def _rolled_up(found: Disclosure) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    rows = found.rows
    level = composite(rows.ratings)
    of = h3cells.resolution_of(rows.cell)
    for resolution in range(_RESOLUTION, _RESOLUTION - 4, -1):
        inside = (of >= resolution) & ~np.isnan(level)
        if inside.any():
            yield resolution, h3cells.parent(rows.cell[inside], resolution=resolution), level[inside]


def composite(ratings: np.ndarray) -> np.ndarray:
    """Return the mean of the place ratings of each row in rating steps, NaN where none was given."""
    asked = [DOCUMENT.instrument.ratings.index(rating) for rating in DOCUMENT.instrument.place]
    given = ratings[:, asked] >= 0
    count = given.sum(axis=1)
    return np.where(count, (ratings[:, asked] * given).sum(axis=1) / np.maximum(count, 1), np.nan)


def _means(group: np.ndarray, value: np.ndarray, size: int) -> np.ndarray:
    given = ~np.isnan(value)
    count = np.bincount(group[given], minlength=size)
    total = np.bincount(group[given], value[given], minlength=size)
    return np.where(count, total / np.maximum(count, 1), np.nan)


def peers(python: Path, size: int) -> None:
    """Print what anjana makes of the same audits, in which time, and which k pycanon finds in ours."""
    audits = audits_of(size)
    start = time.process_time()
    found = disclose(audits, 10)
    spent = time.process_time() - start
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_csv(columns_of(found.rows), folder / "ours.csv")
        np.savetxt(folder / "auditor.csv", audits.auditor[found.origin], fmt="%d")
        _write_raw(audits, folder / "raw.csv")
        command = [str(python), str(Path(__file__).with_name("release_peers.py")), str(folder)]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
    cells = len(np.unique(found.rows.cell))
    print(
        f"ours, {size:,} audits: {spent:.1f} CPU s, {cells:,} cells told, smallest {found.account.smallest}"
    )
    print(told.stdout.strip() or told.stderr.strip()[-2000:], flush=True)


def _write_raw(audits: Audits, path: Path) -> None:
    names = ("daypart", "gender", "age_band")
    words = [np.array(WORDS[name])[audits.codes[name]] for name in names]
    parents = [h3cells.to_texts(h3cells.parent(audits.cell, resolution=_RESOLUTION - up)) for up in range(4)]
    header = ",".join([f"cell{up}" for up in range(4)] + list(names))
    lines = map(",".join, zip(*parents, *(one.tolist() for one in words), strict=True))
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def _about() -> About:
    return About(
        release_id="2026Q3-safetipin-9",
        city="Simulated",
        publisher="nobody",
        contact=None,
        period="2026Q3",
        instrument="safetipin-9",
        instrument_title="Street safety audit",
        licence="CC-BY-4.0",
        made_at=datetime(2026, 10, 20, tzinfo=UTC),
        purpose="a benchmark",
        software="0",
    )


if __name__ == "__main__":
    main()
