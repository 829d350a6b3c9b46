"""Quarters that hold the truth, and pasts that are no pasts."""

from datetime import date

import numpy as np
import pytest
import shapely

from analysis.history.history import QUARTERS, history
from analysis.observations import NO_DAY
from analysis.recency import Recency
from analysis.score import equal_weights, to_five
from analysis.simulation.changing import TODAY
from analysis.simulation.city import simulate
from analysis.simulation.scenario import Scenario

from .conftest import SIX


def past_of(observations, *, today=TODAY):
    weights = equal_weights(observations.instrument)
    recency = Recency(today=today)
    return history(observations, weights, recency=recency, rng=np.random.default_rng(0))


@pytest.fixture(scope="module")
def city():
    return simulate(
        instrument=SIX,
        area=shapely.box(77.12, 28.52, 77.19, 28.58),
        first_day=date(2024, 7, 1),
        seed=0,
        audits=40_000,
        auditors=120,
        scenario=Scenario(days=540, night_only_share=0.0, delta=0.8),
    )


def test_intervals_of_quarters_hold_the_truth(city):
    past = past_of(city.observations())
    true = to_five(city.truth.everything, top=3)[city.truth.lattice.index_of(past.cell)]
    held = [
        ((one.score_low <= true) & (true <= one.score_high))[one.auditors >= people]
        for one in past.quarters
        for people in (1, 5)
    ]
    assert [one.name for one in past.quarters] == [
        f"{year}q{quarter}" for year in (2024, 2025, 2026) for quarter in (1, 2, 3, 4)
    ][1:9]
    assert np.concatenate(held).mean() == pytest.approx(0.94, abs=0.03)
    assert len(np.concatenate(held)) > 1000


def test_months_call_hot_what_is_less_safe(city):
    past = past_of(city.observations())
    deficit = city.truth.disc_deficit(city.truth.everything)[city.truth.lattice.index_of(past.cell)]
    hot, cold = (
        np.array([name.endswith(word) for name in past.category]) for word in ("hot spot", "cold spot")
    )
    assert (hot | cold).any()
    assert (deficit[hot] > 0).all()
    assert (deficit[cold] < 0).all()


def test_a_quarter_knows_its_own_audits_alone(city):
    observations = city.observations()
    whole = past_of(observations)
    counts = np.array([one.audits.sum() for one in whole.quarters])
    days = observations.observed_day.astype("datetime64[D]").astype("datetime64[M]").astype(int) // 3
    assert counts.tolist() == np.bincount(days - days.max() + QUARTERS - 2, minlength=QUARTERS).tolist()
    nobody = whole.quarters[0]
    assert np.isnan(nobody.score).all()
    assert not nobody.auditors.any()


@pytest.mark.parametrize("count", [0, 1, 30])
def test_every_edge_is_defined(audits, city_cells, count):
    for day in (TODAY - 5, TODAY - 5000, NO_DAY):
        seen = audits([[2, 2, 2, 2]] * count, cell=city_cells[:count], auditor=range(count), day=day)
        past = past_of(seen)
        assert set(past.category) <= {"too_short"}
        told = [one for one in past.quarters if one.audits.any()]
        assert len(told) == (1 if count and day == TODAY - 5 else 0)
        assert all(np.isfinite(one.score_high[one.auditors > 0]).all() for one in told)
