"""How many audits and people buy how much map: python -m bench.small_towns [SEEDS] [--planned] [--audits N].

A town of 60,000 people on 24 km2 in six wards, audited over 150 days; one place in it is half a rating step
worse. Prints, for numbers of audits, of auditors and H3 resolutions, means over the seeds at k = 5 of what
planners see (all audits) and everybody (admitted ones, a run each night): the share of the town's cells
shown, of wards with figures, the width of a ward's 95 % interval (score, 0 to 5), how often it holds the
truth, the share of pairs of wards whose order is told, the recall of cells whose disc lies truly 0.3 below
the town, and the share of flagged cells whose disc lies truly less than 0.2 below it. People audit near home,
each where and when they like; with --planned six of them go together, to one cell after the other.
"""

import argparse
import warnings
from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import shapely

from analysis.detector import detect
from analysis.disclosure.admission import ALONE, admit, wave_size
from analysis.hotspots import MEMBER_CLASSES
from analysis.observations import Observations
from analysis.score import bearing, equal_weights, to_five
from analysis.simulation.city import SimulatedCity, simulate
from analysis.simulation.recovery import found
from analysis.simulation.scenario import Scenario
from analysis.zones import Zone, ZoneFigures, zone_figures
from geo.cells import covering
from server.instruments.catalogue import builtin

AREA = shapely.box(77.200, 28.600, 77.250, 28.645)
WARDS_EAST, WARDS_NORTH, K = 3, 2, 5
RESOLUTIONS, AUDITS, AUDITORS = (8, 9), (200, 500, 1_500, 5_000), (25, 60, 150)
TOGETHER, OFFERED = 6, 25
"""On a planned walk so many go together; it is picked from so many times the audits, to have all pairs."""
_COLUMNS = ("cells", "wards", "width", "covered", "ordered", "recall", "false")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", nargs="?", type=int, default=10)
    parser.add_argument("--planned", action="store_true", help="six people go together, cell after cell")
    parser.add_argument("--audits", type=int, action="append", help="a number of audits; may be repeated")
    chosen = parser.parse_args()
    seeds = chosen.seeds
    print(f"{seeds} seeds, k = {K}, {'planned' if chosen.planned else 'scattered'}")
    print(f"{'audits auditors res  who':26}" + "".join(f"{name:>9}" for name in _COLUMNS))
    for audits, auditors, resolution in product(chosen.audits or AUDITS, AUDITORS, RESOLUTIONS):
        rows: dict[str, list[list[float]]] = {"planners": [], "public": []}
        for seed in range(seeds):
            city = _town(audits * OFFERED if chosen.planned else audits, auditors, resolution, seed)
            observations = city.observations()
            if chosen.planned:
                observations = _planned(observations, audits, np.random.default_rng(seed))
            for who, seen in (
                ("planners", observations),
                ("public", admitted(observations, planned=chosen.planned)),
            ):
                rows[who].append(_row(city, seen, _wards(resolution)))
        for who, of_seeds in rows.items():
            print(_line(f"{audits:6} {auditors:8} {resolution:3}  {who:9}", np.array(of_seeds)), flush=True)


def admitted(observations: Observations, *, planned: bool = False) -> Observations:
    """Return the audits that a run each night has let into the public layers by the last night."""
    return observations.where(admission_day(observations, planned=planned) >= 0)


def admission_day(observations: Observations, *, planned: bool = False) -> np.ndarray:
    """Return the day of the run that let each audit into the public layers, a run being made each night.

    -1 where none did by the last night. Where they are `planned`, those of one day and cell are of one walk.
    """
    entered = np.full(len(observations), -1)
    together = np.where(planned, observations.observed_day, ALONE).astype(np.int64)
    counts = bearing(observations)
    for day in np.unique(observations.observed_day):
        waiting = np.flatnonzero((entered < 0) & (observations.observed_day <= day))
        now = admit(
            cell=observations.cell[waiting],
            auditor=observations.auditor[waiting],
            counted=counts[waiting],
            together=together[waiting],
            wave=wave_size(len(np.unique(observations.cell[entered >= 0]))),
            k=K,
        )
        entered[waiting[now]] = day
    return entered


def _planned(observations: Observations, audits: int, rng: np.random.Generator) -> Observations:
    """Return audits of six people in each of as many cells as they suffice for, each cell's on one day."""
    order = rng.permutation(len(observations))
    mixed = observations.where(order)
    _, first = np.unique(np.column_stack([mixed.cell, mixed.auditor]), axis=0, return_index=True)
    each = mixed.where(np.sort(first))
    cells, count = np.unique(each.cell, return_counts=True)
    visited = rng.permutation(cells[count >= TOGETHER])[: audits // TOGETHER]
    rows = np.concatenate([np.flatnonzero(each.cell == cell)[:TOGETHER] for cell in visited])
    walk = each.where(rows)
    return replace(walk, observed_day=walk.observed_day[::TOGETHER].repeat(TOGETHER))


def _town(audits: int, auditors: int, resolution: int, seed: int) -> SimulatedCity:
    return simulate(
        instrument=builtin()["safetipin-9"].instrument,
        area=AREA,
        first_day=date(2026, 1, 1),
        seed=seed,
        audits=audits,
        auditors=auditors,
        scenario=Scenario(resolution=resolution, zones=1, night_only_share=0.0),
    )


def _wards(resolution: int) -> list[Zone]:
    west, south, east, north = AREA.bounds
    x, y = np.linspace(west, east, WARDS_EAST + 1), np.linspace(south, north, WARDS_NORTH + 1)
    boxes = [
        shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for i in range(WARDS_EAST) for j in range(WARDS_NORTH)
    ]
    return [
        Zone(
            id=str(number),
            set="wards",
            name=str(number),
            area=shapely.MultiPolygon([box]),
            cells=covering(box, resolution=resolution),
        )
        for number, box in enumerate(boxes)
    ]


def _row(city: SimulatedCity, seen: Observations, wards: list[Zone]) -> list[float]:
    estimates = detect(seen, equal_weights(city.instrument), np.random.default_rng(0))
    shown = estimates.where(estimates.counted_auditors >= K)
    figures = zone_figures(shown, wards, k=K, standard=2.5, rng=np.random.default_rng(0))
    known = [one for one in figures if one.rank_low is not None and one.rank_high is not None]
    true = [_true_score(city, shown.cell, one.zone) for one in known]
    held = [one.score_low <= score <= one.score_high for one, score in zip(known, true, strict=True)]
    flagged = np.isin(estimates.klass, MEMBER_CLASSES) & (estimates.counted_auditors >= K)
    bad = found(city.truth, cells=estimates.cell, flagged=flagged)
    return [
        len(shown) / len(city.truth.cells),
        len(known) / len(wards),
        float(np.mean([one.score_high - one.score_low for one in known])) if known else np.nan,
        float(np.mean(held)) if known else np.nan,
        _ordered(known) / (len(wards) * (len(wards) - 1) / 2),
        bad.recall,
        bad.false,
    ]


def _true_score(city: SimulatedCity, cells: np.ndarray, ward: Zone) -> float:
    row = city.truth.lattice.index_of(np.intersect1d(cells, ward.cells))
    return float(to_five(city.truth.everything[row], top=3).mean())


def _ordered(known: list[ZoneFigures]) -> int:
    """Return of how many pairs the ranges of ranks do not meet."""
    lows = [one.rank_low for one in known if one.rank_low is not None]
    highs = [one.rank_high for one in known if one.rank_high is not None]
    return sum(high < low for high in highs for low in lows)


def _line(label: str, rows: np.ndarray) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a column without a number, the mean is none
        means = np.nanmean(rows, axis=0)
    return f"{label:26}" + "".join(f"{mean:9.2f}" for mean in means)


if __name__ == "__main__":
    main()
