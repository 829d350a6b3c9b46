"""The short form of `python -m bench.effect`: planted effects, none at all, and what cannot be told."""

import dataclasses
import math

import numpy as np
import pytest

from analysis.effect.design import Plan
from analysis.effect.evaluation import evaluate, targeted
from analysis.instrument import Instrument, Kind, Question, Role
from analysis.score import composite, equal_weights
from analysis.simulation.change import Change, changed
from analysis.simulation.hard_cases import forged
from analysis.simulation.scenario import Scenario
from geo import cells as h3cells

FOUR = Instrument(
    id="four",
    version=1,
    questions=(
        *(Question(name=f"rating_{n}", kind=Kind.RATING, role=Role.PLACE, top=3) for n in range(4)),
        Question(name="feeling", kind=Kind.RATING, role=Role.OUTCOME, top=3),
    ),
)
CELLS = np.sort(h3cells.disc(h3cells.cell_of(28.6, 77.2, resolution=9), k=22))
DAYS = 180


def town(seed, **change):
    return changed(
        FOUR,
        CELLS,
        audits=5000,
        auditors=120,
        seed=seed,
        change=Change(radius=2, fewest_audits=45, candidates=20, **change),
        scenario=Scenario(),
    )


def plan_of(made, **values):
    return Plan(cells=made.place, begin_day=made.day, complete_day=made.day, follow_up_days=DAYS, **values)


def judged(made, **options):
    plan = options.pop("plan", None) or plan_of(made)
    values = {"today": made.day + DAYS, "fewest_auditors": 5, "rng": np.random.default_rng(0)}
    return evaluate(made.observations, equal_weights(FOUR), plan, **(values | options))


@pytest.fixture(scope="module")
def unchanged():
    return [(made := town(seed), judged(made)) for seed in range(20)]


@pytest.fixture(scope="module")
def raised():
    return [(made := town(seed, effect=0.5, spill=0.5), judged(made)) for seed in range(10)]


def errors(results):
    return np.array([found.effect.estimate - made.effect for made, found in results])


def plain(made):
    """Return the plain difference of the means of after and before."""
    there = made.observations.where(np.isin(made.observations.cell, made.place))
    y, late = composite(there, equal_weights(FOUR)), there.observed_day >= made.day
    return y[late].mean() - y[~late].mean()


def test_where_nothing_was_done_nothing_is_found(unchanged):
    assert abs(errors(unchanged).mean()) <= 0.05
    assert sum(found.effect.p <= 0.05 for _, found in unchanged) <= 4


def test_what_was_done_is_found_in_its_size(raised):
    assert abs(errors(raised).mean()) <= 0.06
    assert sum(found.effect.p <= 0.05 for _, found in raised) >= 8
    assert np.mean([made.effect for made, _ in raised]) > 0.4


def test_intervals_hold_the_truth(unchanged, raised):
    both = [*unchanged, *raised]
    held = [found.effect.low <= made.effect <= found.effect.high for made, found in both]
    assert np.mean(held) >= 0.85


def test_half_of_the_effect_is_seen_in_the_ring(raised):
    assert np.mean([found.ring.estimate for _, found in raised]) == pytest.approx(0.23, abs=0.1)


def test_the_plain_comparison_claims_what_is_not_there(unchanged):
    assert np.mean([plain(made) for made, _ in unchanged]) > 0.25


def test_what_could_be_found_is_told(unchanged):
    assert 0.1 < np.mean([found.effect.detectable for _, found in unchanged]) < 0.5


def test_months_before_show_no_effect_and_months_after_do(raised):
    before, after = (
        np.mean([month.effect.estimate for _, found in raised for month in found.months if part(month.month)])
        for part in (lambda m: m < 0, lambda m: m >= 0)
    )
    assert abs(before) < 0.06
    assert after == pytest.approx(0.45, abs=0.12)
    assert all(month.audits > 0 for _, found in raised for month in found.months)


def test_targets_feeling_and_score_are_told_beside_each_other():
    made = town(3, effect=0.5)
    found = judged(made, plan=plan_of(made, targets=("rating_1", "rating_2")))
    assert set(found.ratings) == {"rating_1", "rating_2", "feeling"}
    told = [found.effect, found.score, *found.ratings.values()]
    assert all(one is not None and one.low < one.estimate < one.high for one in told)
    assert found.effect.estimate != found.score.estimate


def test_equal_audits_and_seed_give_equal_results():
    made = town(1)
    assert judged(made) == judged(made)


def test_the_night_is_compared_with_the_night():
    """The place is dark: 1.5 lower by night. Before it was audited by day, afterwards by night."""
    made = town(2)
    seen = made.observations
    inside = np.isin(seen.cell, made.place)
    late = seen.observed_day >= made.day
    rng = np.random.default_rng(1)
    daypart = seen.daypart.copy()
    daypart[inside] = rng.random(inside.sum()) < np.where(late[inside], 0.8, 0.2)
    ratings = seen.ratings.copy()
    dark = inside & (daypart == 1)
    ratings[dark] = np.where(ratings[dark] < 0, -1, np.maximum(ratings[dark] - 1, 0))
    shifted = dataclasses.replace(
        made, observations=dataclasses.replace(seen, daypart=daypart.astype(np.int8), ratings=ratings)
    )
    assert plain(shifted) < plain(made) - 0.3
    assert abs(judged(shifted).effect.estimate) < 0.25


def test_one_auditor_cannot_make_an_effect():
    """Somebody gives the best answers 200 times in the place afterwards."""
    made = town(4)
    seen = made.observations
    zealot = {
        "cell": np.resize(made.place, 200),
        "auditor": np.full(200, seen.auditor.max() + 1, dtype=np.int32),
        "counted": np.ones(200, dtype=np.bool_),
        "daypart": np.zeros(200, dtype=np.int8),
        "observed_day": np.full(200, made.day + 60, dtype=np.int32),
        "ratings": np.full((200, 5), 3, dtype=np.int8),
        "gender": np.zeros(200, dtype=np.int8),
    }
    both = {name: np.concatenate([getattr(seen, name), column]) for name, column in zealot.items()}
    crowded = dataclasses.replace(made, observations=dataclasses.replace(seen, **both))
    moved = judged(crowded).effect.estimate - judged(made).effect.estimate
    assert plain(crowded) - plain(made) > 0.4
    assert abs(moved) < 0.15


def insufficient(found, words):
    assert not found.sufficient
    assert found.effect is None
    assert found.months == ()
    assert words in found.reason


def test_what_is_not_complete_cannot_be_told():
    made = town(0)
    insufficient(judged(made, today=made.day + 10), "has not begun")


def test_too_few_audits_or_people_are_told_with_their_numbers():
    made = town(0)
    few = dataclasses.replace(
        made, observations=made.observations.where(np.arange(len(made.observations)) % 12 == 0)
    )
    insufficient(judged(few), "too few audits of the place")
    insufficient(judged(made, fewest_auditors=500), "500 are needed")


def test_too_few_places_to_compare_with():
    made = town(0)
    near = np.isin(made.observations.cell, h3cells.discs(made.place, k=5)[0])
    lonely = dataclasses.replace(made, observations=made.observations.where(near))
    insufficient(judged(lonely), "too few places to compare with")


def test_overlapping_interventions_cannot_be_told_apart():
    made = town(0)
    other = Plan(cells=made.place[:3], begin_day=made.day + 20, complete_day=made.day + 20)
    insufficient(judged(made, others=[other]), "another intervention")


def test_nobody_audited_anything():
    made = town(0)
    empty = dataclasses.replace(made, observations=made.observations.where(np.zeros(0, dtype=np.int64)))
    insufficient(judged(empty), "too few audits")


def test_all_answers_equal():
    made = town(0)
    flat = np.where(made.observations.ratings < 0, -1, 2).astype(np.int8)
    found = judged(
        dataclasses.replace(made, observations=dataclasses.replace(made.observations, ratings=flat))
    )
    assert found.effect.estimate == pytest.approx(0, abs=1e-6)
    assert math.isfinite(found.effect.low)
    assert found.effect.p > 0.05


def test_an_unknown_target_names_those_there_are():
    with pytest.raises(ValueError, match=r"lamps: no place rating; there are rating_0, .*rating_3"):
        targeted(equal_weights(FOUR), FOUR, ("lamps",))


def test_two_hundred_devices_in_one_cell_forge_no_effect():
    """Each taken at its word, they would make an effect of half a step and more."""
    made = town(3)
    rng = np.random.default_rng(0)
    cell = int(made.place[0])
    seen = forged(made.observations, cell, devices=200, level=3, days=28, rng=rng)
    honest, false = judged(made), judged(dataclasses.replace(made, observations=seen))
    assert false.auditors[1] == honest.auditors[1] + 200
    assert abs(false.effect.estimate - honest.effect.estimate) <= 0.1
