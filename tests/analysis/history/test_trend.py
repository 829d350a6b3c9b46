"""Planted change is found, and a city where nothing changed is left in peace."""

import numpy as np
import pytest

from analysis.detector import detect
from analysis.history.trend import Change
from analysis.observations import NO_DAY
from analysis.recency import Recency
from analysis.score import equal_weights
from analysis.simulation.changing import TODAY
from analysis.simulation.hard_cases import forged

from .conftest import SIX


def trend_of(observations, *, today=TODAY):
    return detect(observations, equal_weights(SIX), np.random.default_rng(0), Recency(today=today))


def told(made):
    """Return the words of all audited cells and the true change of their discs."""
    seen = trend_of(made.observations)
    return seen, made.change[np.searchsorted(made.cells, seen.cell)]


@pytest.fixture(scope="module")
def changed(changing):
    return [told(changing(seed=seed, audits=9000, auditors=150, shift=0.8)) for seed in range(3)]


def test_places_that_became_worse_or_better_are_found(changed):
    worse = np.concatenate([np.isin(seen.trend, ["worse", "new"])[true <= -0.4] for seen, true in changed])
    better = np.concatenate([(seen.trend == "better")[true >= 0.4] for seen, true in changed])
    assert worse.mean() > 0.8
    assert better.mean() > 0.6


def test_few_are_called_worse_or_better_that_are_not(changed):
    false = [
        np.concatenate(
            [true[np.isin(seen.trend, ["worse", "new"])] > -0.1, true[seen.trend == "better"] < 0.1]
        )
        for seen, true in changed
    ]
    assert np.concatenate(false).mean() <= 0.07, "0.05, and the error of three cities"


def test_new_is_what_became_a_hotspot(changed):
    news = np.concatenate([seen.klass[seen.trend == "new"] for seen, _ in changed])
    assert len(news) > 10
    assert set(news) <= {"hot", "severe"}


@pytest.mark.parametrize("scene", [{}, {"turnover": 0.4}, {"drift": -0.5}], ids=["still", "others", "all"])
def test_where_no_place_changed_nearly_none_is_said_to_have(changing, scene):
    """Nor where the people change, nor where the whole city does."""
    for seed in range(2):
        made = changing(seed=seed, audits=9000, auditors=150, shift=0.0, **scene)
        words = trend_of(made.observations).trend
        assert np.isin(words, ["new", "worse", "better"]).mean() <= 0.05
        assert (words == "same").mean() > 0.8


def test_before_half_a_year_and_more_is_known_it_is_too_short(changing):
    made = changing(seed=0, audits=4000, auditors=100, shift=0.8)
    recent = made.observations.where(made.observations.observed_day >= TODAY - 150)
    assert set(trend_of(recent).trend) == {"too_short"}
    assert set(trend_of(made.observations, today=TODAY + 800).trend) == {"too_short"}
    made.observations.observed_day[:] = NO_DAY
    assert set(trend_of(made.observations).trend) == {"too_short"}


def test_a_trend_needs_five_people_and_two_months_on_both_sides(audits, instrument, city_cells):
    def word(*, people, recent_days):
        who = [*range(people), *range(people)] * 2
        day = [TODAY - 400, TODAY - 300] * people + [TODAY - day for day in recent_days] * people
        seen = audits([[2, 2, 2, 2]] * len(who), cell=city_cells[0], auditor=who, day=day)
        weights = equal_weights(instrument)
        return detect(seen, weights, np.random.default_rng(0), Recency(today=TODAY)).trend.tolist()

    assert word(people=5, recent_days=(70, 10)) == ["same"]
    assert word(people=4, recent_days=(70, 10)) == ["too_short"]
    assert word(people=5, recent_days=(25, 24)) == ["too_short"]


def test_words_follow_the_bounds():
    change = Change(
        mean=np.array([-0.9, -0.9, 0.9, 0.05, -0.9, -0.9]),
        sd=np.full(6, 0.1),
        before=np.array([0.1, 0.3, 0.0, 0.0, 0.1, 0.1]),
        enough=np.array([True, True, True, True, False, True]),
    )
    hot = np.array([True, True, False, False, True, False])
    assert change.words(hot, deficit=0.2).tolist() == ["new", "worse", "better", "same", "too_short", "worse"]


@pytest.mark.parametrize("level", [0, 3])
def test_two_hundred_devices_of_one_cell_forge_no_trend(changing, level):
    """Without what the whole believes of crowds, seven cells around are called worse, or better."""
    made = changing(seed=0, audits=9000, auditors=150, shift=0.0)
    cells, count = np.unique(made.observations.cell, return_counts=True)
    cell, rng = int(cells[np.abs(count - 20).argmin()]), np.random.default_rng(0)
    seen = trend_of(forged(made.observations, cell, devices=200, level=level, days=28, rng=rng))
    assert not np.isin(seen.trend, ["new", "worse", "better"]).any()
