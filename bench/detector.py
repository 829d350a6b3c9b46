"""What detectors find of planted unsafe places: python -m bench.detector [SEEDS] [--peers].

Prints, for each scenario of docs/method.md, the mean over the seeds of: cells flagged, recall of cells whose
disc lies truly 0.3 below the city, share of flagged cells whose disc lies truly less than 0.2 below it and
the standard error of that mean, share of seeds in which nothing is flagged, recall that is left where 5
counted auditors are asked for, and how often 95 % intervals hold the truth, inside planted zones too.
Gi* with Benjamini-Hochberg stands beside it; --peers adds permutation Gi* (esda), DBSCAN,
HDBSCAN and the worst 5 % of cells by plain means. What hotspots say of their causes: bench.causes.
"""

import argparse
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import shapely

from analysis.detector import Scored, gi_reference, scored
from analysis.false_discovery import RATE, benjamini_hochberg
from analysis.groups import distinct_members
from analysis.score import composite, equal_weights
from analysis.simulation.city import SimulatedCity, simulate
from analysis.simulation.recovery import coverage, found, hot
from analysis.simulation.scenario import Scenario
from geo.lattice import Lattice
from server.instruments.catalogue import builtin

AREA = shapely.box(77.07, 28.48, 77.33, 28.71)
AUDITORS, K = 250, 5
_BASE = Scenario(night_only_share=0.0)
SCENARIOS = {
    "0.5 lower": (_BASE, 18_600),
    "0.8 lower": (replace(_BASE, delta=0.8), 18_600),
    "sparse": (_BASE, 6_200),
    "dense": (_BASE, 93_000),
    "noise alone": (replace(_BASE, delta=0.0, background_sd=0.0, parameter_sd=0.0), 18_600),
    "background alone": (replace(_BASE, delta=0.0), 18_600),
    "seeking the bad": (replace(_BASE, seeking=2.0), 18_600),
    "avoiding the bad": (replace(_BASE, seeking=-2.0), 18_600),
}
"""Scenario and number of audits; night_only_share 0, for a place bad at night alone is half as bad in all."""
_COLUMNS = ("flagged", "recall", "false", "s.e.", "none", "recall k", "covered", "in zones", "CPU s")
_FALSE = 2
_NEAR_M, _LOW, _WORST = 300.0, 0.2, 0.05
Flag = Callable[[SimulatedCity, Scored], np.ndarray]
"""Which of the audited cells a detector flags."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", nargs="?", type=int, default=3)
    parser.add_argument("--peers", action="store_true", help="permutation Gi*, DBSCAN and HDBSCAN too")
    parser.add_argument("--only", action="append", choices=SCENARIOS, help="one scenario; may be repeated")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    chosen = parser.parse_args()
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    print(f"seeds {seeds[0]} to {seeds[-1]}, {AUDITORS} auditors")
    print(f"{'':34}" + "".join(f"{name:>10}" for name in _COLUMNS))
    for name in chosen.only or SCENARIOS:
        rows: dict[str, list[list[float]]] = {}
        for seed in seeds:
            for detector, row in _measured(name, seed, PEERS if chosen.peers else {}):
                rows.setdefault(detector, []).append(row)
        for detector, found_rows in rows.items():
            print(_line(f"{name:17}{detector:17}", np.array(found_rows)), flush=True)


def _line(label: str, rows: np.ndarray) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a column without a number, the mean is none
        means = np.nanmean(rows, axis=0)
        means = np.insert(means, _FALSE + 1, rows[:, _FALSE].std() / np.sqrt(max(len(rows) - 1, 1)))
    return label + f"{means[0]:10.0f}" + "".join(f"{mean:10.3f}" for mean in means[1:])


def _measured(name: str, seed: int, peers: Mapping[str, Flag]) -> list[tuple[str, list[float]]]:
    scenario, audits = SCENARIOS[name]
    city = simulate(
        instrument=builtin()["safetipin-9"].instrument,
        area=AREA,
        first_day=date(2026, 1, 1),
        seed=seed,
        audits=audits,
        auditors=AUDITORS,
        scenario=scenario,
    )
    return measure(city, peers)


def measure(city: SimulatedCity, peers: Mapping[str, Flag]) -> list[tuple[str, list[float]]]:
    """Return the figures of safeaudit, Gi* and other detectors on one city, in the order of the columns."""
    observations = city.observations()
    start = time.process_time()
    seen = scored(observations, equal_weights(city.instrument), np.random.default_rng(0))
    spent = time.process_time() - start
    people = distinct_members(seen.row, observations.auditor, size=len(seen.cells))
    covered = coverage(city.truth, cells=seen.cells, mean=seen.found.mean, sd=seen.found.sd)
    rows = [("safeaudit", _row(city, seen, people, hot(seen.klass), [*covered, spent]))]
    others = {"Gi* BH": _gi_star, **peers}
    return rows + [
        (other, _row(city, seen, people, flag(city, seen), [np.nan] * 3)) for other, flag in others.items()
    ]


def _row(
    city: SimulatedCity, seen: Scored, people: np.ndarray, flagged: np.ndarray, extra: list[float]
) -> list[float]:
    shown = flagged & (people >= K)
    whole, left = (found(city.truth, cells=seen.cells, flagged=one) for one in (flagged, shown))
    return [whole.flagged, whole.recall, whole.false, whole.flagged == 0, left.recall, *extra]


def _gi_star(_: SimulatedCity, seen: Scored) -> np.ndarray:
    reference = gi_reference(seen.raw, Lattice(seen.cells))
    return (reference.q <= RATE) & (reference.z < 0)


def _permutation_gi_star(_: SimulatedCity, seen: Scored) -> np.ndarray:
    from esda import G_Local  # noqa: PLC0415 (takes seconds to import, for this row alone)
    from libpysal.weights import WSP  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        near = WSP(Lattice(seen.cells).disc_matrix(2, include_self=False)).to_W(silence_warnings=True)
        local = G_Local(seen.raw, near, transform="B", star=True, permutations=999, seed=0)
    return np.asarray((benjamini_hochberg(local.p_sim) <= RATE) & (local.Zs < 0))


def _dbscan(city: SimulatedCity, seen: Scored) -> np.ndarray:
    from sklearn.cluster import DBSCAN  # noqa: PLC0415

    return _clustered(city, seen, DBSCAN(eps=_NEAR_M, min_samples=12).fit_predict)


def _hdbscan(city: SimulatedCity, seen: Scored) -> np.ndarray:
    from sklearn.cluster import HDBSCAN  # noqa: PLC0415

    return _clustered(city, seen, HDBSCAN(min_cluster_size=15, copy=True).fit_predict)


def _clustered(city: SimulatedCity, seen: Scored, labels: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the cells that hold a clustered one of the lowest 20 % of audits."""
    observations = city.observations()
    y = composite(observations, equal_weights(city.instrument))
    low = np.flatnonzero(y <= np.quantile(y, _LOW))
    metres = 111_195 * np.column_stack([city.lat, city.lng * np.cos(np.radians(city.lat.mean()))])[low]
    return np.isin(seen.cells, observations.cell[low[labels(metres) >= 0]])


def _worst(_: SimulatedCity, seen: Scored) -> np.ndarray:
    return seen.raw <= np.nanquantile(seen.raw, _WORST)


PEERS: dict[str, Flag] = {
    "Gi* permuted BH": _permutation_gi_star,
    "DBSCAN": _dbscan,
    "HDBSCAN": _hdbscan,
    "worst 5 %": _worst,
}


if __name__ == "__main__":
    main()
