"""Whether effects are told honestly: python -m bench.effect [REPEATS] [--first SEED] [--only NAME].

A place is changed half-way through 360 days: the one of 60 that looked worst, so that it would look better
anyway; auditors who join afterwards are milder, the city rises by itself, the place is audited more often
afterwards, half of the effect spills over. Prints for each true effect what safeaudit says (bias, root mean
square error, how often 95 % intervals hold the truth, how often p <= 0.05, the same for the ring, what
could be found), and beside it the plain comparison of the place before and after with its t-test.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from scipy.stats import ttest_ind

from analysis.effect.design import AFTER, BEFORE, Plan
from analysis.effect.evaluation import evaluate
from analysis.score import composite, equal_weights
from analysis.simulation.change import Change, Changed, changed
from analysis.simulation.scenario import Scenario
from geo import cells as h3cells
from server.instruments.catalogue import builtin

AUDITS, AUDITORS, FOLLOW_UP_DAYS = 15_000, 250, 180
CELLS = np.sort(h3cells.disc(h3cells.cell_of(28.6, 77.2, resolution=9), k=40))
CHANGES = {
    "no effect": Change(effect=0.0),
    "0.25, half spills over": Change(effect=0.25, spill=0.5),
    "0.5, half spills over": Change(effect=0.5, spill=0.5),
    "no effect, any place": Change(effect=0.0, candidates=1, milder=0.0, drift=0.0, more_audits=0.0),
}
_COLUMNS = ("true", "bias", "rmse", "covered", "p<=.05", "findable", "ring", "ring p", "audits", "after")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repeats", nargs="?", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="seed of the first repeat")
    parser.add_argument("--only", action="append", choices=CHANGES, help="one change; may be repeated")
    chosen = parser.parse_args()
    seeds = range(chosen.first, chosen.first + chosen.repeats)
    print(f"{chosen.repeats} repeats, {AUDITS} audits of {len(CELLS)} cells by 2 x {AUDITORS} auditors")
    print(f"{'':42}" + "".join(f"{name:>10}" for name in _COLUMNS))
    with ProcessPoolExecutor() as pool:
        for name in chosen.only or CHANGES:
            rows = np.array(list(pool.map(partial(_measure, CHANGES[name]), seeds)))
            for label, part in (("safeaudit", rows[:, 0]), ("plain before/after", rows[:, 1])):
                print(_line(f"{name:24}{label:18}", part), flush=True)


def _line(label: str, rows: np.ndarray) -> str:
    truth, estimate, *others = rows.T
    bias = estimate - truth
    means = [truth.mean(), bias.mean(), np.sqrt((bias**2).mean()), *(one.mean() for one in others)]
    return label + "".join(f"{mean:10.3f}" for mean in means[:-2]) + "".join(f"{n:10.0f}" for n in means[-2:])


def _measure(change: Change, seed: int) -> list[list[float]]:
    instrument = builtin()["safetipin-9"].instrument
    city = changed(
        instrument, CELLS, audits=AUDITS, auditors=AUDITORS, seed=seed, change=change, scenario=Scenario()
    )
    plan = Plan(cells=city.place, begin_day=city.day, complete_day=city.day, follow_up_days=FOLLOW_UP_DAYS)
    found = evaluate(
        city.observations,
        equal_weights(instrument),
        plan,
        today=city.day + FOLLOW_UP_DAYS,
        fewest_auditors=5,
        rng=np.random.default_rng(0),
    )
    assert found.effect is not None, found.reason
    assert found.ring is not None
    effect, ring = found.effect, found.ring
    covered = effect.low <= city.effect <= effect.high
    ours = [covered, effect.p <= 0.05, effect.detectable, ring.estimate, ring.p <= 0.05, *found.audits]
    return [[city.effect, effect.estimate, *ours], [city.effect, *_plain(city, plan)]]


def _plain(city: Changed, plan: Plan) -> list[float]:
    """Return the plain difference of means of the place and its t-test, in the columns of the table."""
    there = city.observations.where(np.isin(city.observations.cell, plan.cells))
    y, side = composite(there, equal_weights(there.instrument)), plan.sides(there.observed_day)
    before, after = (y[(side == one) & ~np.isnan(y)] for one in (BEFORE, AFTER))
    tested = ttest_ind(after, before, equal_var=False)
    low, high = tested.confidence_interval()
    covered = low <= city.effect <= high
    nan = float("nan")
    return [
        after.mean() - before.mean(),
        covered,
        tested.pvalue <= 0.05,
        nan,
        nan,
        nan,
        len(before),
        len(after),
    ]


if __name__ == "__main__":
    main()
