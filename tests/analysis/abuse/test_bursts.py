"""Bursts of new devices: the brigade is seen, honest weeks are not."""

import numpy as np
import pytest

from analysis.abuse.bursts import bursts
from analysis.simulation.newcomers import arrivals, brigade, newcomers, together

K = 5


@pytest.mark.parametrize("seed", range(5))
def test_a_brigade_of_200_devices_is_a_burst_and_nobody_else_is(seed):
    rng = np.random.default_rng(seed)
    honest = newcomers(rng, weekly=100)
    target = int(rng.choice(np.unique(honest.cell)))
    found = bursts(together(honest, brigade(rng, cell=target, devices=200)), k=K)
    assert found[len(honest) :].all()
    assert not found[: len(honest)][honest.cell != target].any()


@pytest.mark.parametrize("weekly", [30, 100, 300])
def test_honest_weeks_have_no_bursts(weekly):
    found = [bursts(newcomers(np.random.default_rng(seed), weekly=weekly), k=K) for seed in range(3)]
    assert sum(one.sum() for one in found) == 0


def test_fewer_than_twice_k_are_no_burst_and_twice_k_from_nowhere_are():
    rng = np.random.default_rng(1)
    assert not bursts(brigade(rng, cell=7, devices=2 * K - 1), k=K).any()
    assert bursts(brigade(rng, cell=7, devices=2 * K), k=K).all()


def test_a_place_where_as_many_came_every_week_has_no_burst():
    rng = np.random.default_rng(2)
    past = arrivals(np.full(13 * 12, 7), rng.uniform(7, 98, 13 * 12))
    assert not bursts(together(past, brigade(rng, cell=7, devices=15)), k=K).any()


def test_an_earlier_burst_that_nobody_accepted_is_no_past():
    rng = np.random.default_rng(3)
    before = arrivals(np.full(200, 7), rng.uniform(8, 15, 200), suspected=True)
    assert bursts(together(before, brigade(rng, cell=7, devices=15)), k=K)[200:].all()


def test_what_a_moderator_accepted_does_not_alarm_again():
    rng = np.random.default_rng(4)
    accepted = brigade(rng, cell=7, devices=30, vouched=True)
    assert not bursts(accepted, k=K).any()
    assert not bursts(together(accepted, brigade(rng, cell=7, devices=10)), k=K).any()


def test_people_who_come_to_the_whole_city_at_once_are_no_burst():
    rng = np.random.default_rng(5)
    everywhere = arrivals(np.repeat(np.arange(30), 20), rng.uniform(0, 7, 600))
    assert not bursts(everywhere, k=K).any()


def test_nothing_arrives_nothing_bursts():
    assert len(bursts(arrivals([], []), k=K)) == 0


def test_a_lower_k_is_refused():
    with pytest.raises(ValueError, match="k=4"):
        bursts(arrivals([], []), k=4)
