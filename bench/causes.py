"""What hotspots say of why they are there: python -m bench.causes [SEEDS] [--only SCENARIO].

Prints, over all seeds together, for zones with two ratings pushed 1.0 down (of every pair of the eight) and
for three kinds of zones: how many zones lie mostly in a hotspot or have most of one; in which share of them
the cause named first is a true one, and the causes named first are just the true ones; in which share the
kind names true causes alone, names another, or names none.
"""

import argparse
from dataclasses import replace
from datetime import date
from itertools import combinations

import numpy as np
import shapely

from analysis.calibration import calibrate
from analysis.detector import detect
from analysis.hotspots import Hotspot, Voices, find
from analysis.kinds import MANY_WAYS, words_of
from analysis.simulation.city import simulate
from analysis.simulation.landscape import Zone
from analysis.simulation.scenario import Scenario
from geo.lattice import Lattice
from server.instruments.catalogue import builtin

AREA = shapely.box(77.07, 28.48, 77.33, 28.71)
INSTRUMENT = builtin()["safetipin-9"].instrument
_BASE = Scenario(night_only_share=0.0)
_PAIRS = tuple(combinations([rating.name for rating in INSTRUMENT.place], 2))
_KINDS = (("lighting", "people"), ("walk_path", "transport"), ("security", "gender_usage"))
SCENARIOS = {
    "two ratings 1.0 lower": (replace(_BASE, kinds=_PAIRS, delta=2 / 8), 18_600),
    "the same, dense": (replace(_BASE, kinds=_PAIRS, delta=2 / 8), 93_000),
    "three kinds": (replace(_BASE, kinds=_KINDS, delta=0.5, zones=20), 18_600),
}
_COLUMNS = ("found", "first", "all", "kind", "wrong", "none")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", nargs="?", type=int, default=3)
    parser.add_argument("--only", action="append", choices=SCENARIOS, help="one scenario; may be repeated")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    chosen = parser.parse_args()
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    print(f"seeds {seeds[0]} to {seeds[-1]}\n{'':24}" + "".join(f"{name:>8}" for name in _COLUMNS))
    for name in chosen.only or SCENARIOS:
        rows = np.array([row for seed in seeds for row in _measure(name, seed)], dtype=float)
        print(f"{name:24}{len(rows):8}" + "".join(f"{mean:8.2f}" for mean in rows.mean(axis=0)), flush=True)


def _measure(name: str, seed: int) -> list[list[bool]]:
    scenario, audits = SCENARIOS[name]
    city = simulate(
        instrument=INSTRUMENT,
        area=AREA,
        first_day=date(2026, 1, 1),
        seed=seed,
        audits=audits,
        auditors=250,
        scenario=scenario,
    )
    observations = city.observations()
    weights = calibrate(observations, np.random.default_rng(1)).weights
    seen = detect(observations, weights, np.random.default_rng(0))
    nobody = Voices(cell=seen.cell[:0], auditor=seen.cell[:0], woman=np.zeros(0, dtype=bool))
    spots = find(seen, Lattice(seen.cell), nobody)
    pairs = ((zone, _spot_of(zone, spots, seen.cell)) for zone in city.truth.zones)
    return [_told(zone, spot) for zone, spot in pairs if spot is not None]


def _spot_of(zone: Zone, spots: list[Hotspot], audited: np.ndarray) -> Hotspot | None:
    """Return the hotspot with most of the zone's cells, if these are half of the one or of the other."""
    held = [int(np.isin(spot.cells, zone.cells).sum()) for spot in spots]
    most = max(held, default=0)
    if not most:
        return None
    spot = spots[held.index(most)]
    whole = min(int(np.isin(zone.cells, audited).sum()), len(spot.cells))
    return spot if 2 * most >= whole else None


def _told(zone: Zone, spot: Hotspot) -> list[bool]:
    causes = [name for name, _ in spot.causes]
    first, named = causes[: len(zone.causes)], set(spot.kind.split(" and "))
    true = {words_of(name) for name in zone.causes}
    none = spot.kind == MANY_WAYS
    right = named <= true
    return [
        not set(first[:1]).isdisjoint(zone.causes),
        set(first) == set(zone.causes),
        right,
        not right and not none,
        none,
    ]


if __name__ == "__main__":
    main()
