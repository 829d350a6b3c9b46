"""Noise of the right size, from OpenDP; counts and means that are told of every place."""

import math
from fractions import Fraction

import numpy as np
import opendp.prelude as dp
import pytest

from analysis.disclosure import aggregate as module
from analysis.disclosure.aggregate import Aggregate, Terms, aggregate
from analysis.disclosure.contributions import HALF_SCALE, Contributions
from analysis.disclosure.noise import half_width, laplace, scale_of
from analysis.disclosure.noisy_means import _tail

TERMS = Terms(epsilon=1.0, most=2, top=3)


def town(*, people=400, places=5, seed=0):
    """Return contributions of people who audit two places each; place 0 is audited by nobody."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), 2)
    place = 1 + (person + np.tile([0, 1], people)) % (places - 1)
    level = np.clip(rng.integers(0, 4, len(person)) + (place == 1), 0, 3)
    return Contributions(
        person=person.astype(np.int32),
        place=place.astype(np.int64),
        level=level.astype(np.int8),
        places=places,
        top=3,
    )


@pytest.mark.parametrize("alpha", [0.025, 0.2, 0.9])
@pytest.mark.parametrize("scale", [0.4, 3.0, 41.7, 900.0])
def test_the_half_width_is_opendp_s_accuracy(scale, alpha):
    # OpenDP solves P(|X| >= a) = alpha for a real a: whole numbers reach it at its ceiling.
    assert half_width(scale, alpha=alpha) == max(
        math.ceil(dp.discrete_laplacian_scale_to_accuracy(scale, alpha)) - 1, 0
    )


def test_noise_has_the_scale_it_is_said_to_have():
    drawn = laplace(np.zeros(20_000, dtype=np.int64), sensitivity=4, epsilon=0.5)
    scale = scale_of(sensitivity=4, epsilon=0.5)
    assert scale == pytest.approx(8, rel=1e-6)
    assert np.abs(drawn).mean() == pytest.approx(scale, rel=0.05)
    assert abs(drawn.mean()) < 0.4
    within = half_width(scale, alpha=0.05)
    assert (np.abs(drawn) > within).mean() == pytest.approx(0.05, abs=0.01)


def test_noise_too_small_for_its_epsilon_is_not_drawn(monkeypatch):
    monkeypatch.setattr("analysis.disclosure.noise._SHAVED", 2.0)
    with pytest.raises(AssertionError, match="costs"):
        laplace(np.zeros(3, dtype=np.int64), sensitivity=4, epsilon=0.5)


@pytest.mark.parametrize("epsilon", [0.01, 0.07, 0.1, 0.33, 0.5, 1.0])
@pytest.mark.parametrize("top", [None, 1, 3, 10])
def test_the_parts_of_an_aggregate_cost_no_more_than_it_does(epsilon, top):
    terms = Terms(epsilon=epsilon, most=7, top=top)
    spent = sum(Fraction(part.sensitivity) / Fraction(part.scale) for part in terms.parts)
    assert spent <= Fraction(str(epsilon))
    assert spent > Fraction(str(epsilon)) * Fraction(999, 1000)


def test_every_place_is_told_and_means_where_somebody_must_be():
    made = aggregate(town(), TERMS, rng=np.random.default_rng(1))
    assert made.auditors == pytest.approx([0, 200, 200, 200, 200], abs=80)
    assert made.mean is not None
    assert np.isnan(made.mean).tolist() == [True, False, False, False, False]
    assert made.mean[1:] == pytest.approx([2.25, 1.5, 1.5, 1.5], abs=0.5)
    counted = aggregate(town(), Terms(epsilon=1.0, most=2, top=None), rng=np.random.default_rng(1))
    assert (counted.mean, counted.mean_low) == (None, None)


def test_intervals_hold_the_mean_that_noise_was_added_to():
    told = town(people=120)
    person_mean = [
        np.mean(np.rint((2 * told.level[told.place == place] / 3 - 1) * HALF_SCALE)) for place in range(1, 5)
    ]
    truth = 1.5 * (1 + np.array(person_mean) / HALF_SCALE)
    held = shown = 0
    for seed in range(300):
        made = aggregate(told, TERMS, rng=np.random.default_rng(seed))
        known = ~np.isnan(made.mean[1:])
        shown += known.sum()
        held += ((made.mean_low[1:] <= truth) & (truth <= made.mean_high[1:]))[known].sum()
    assert shown > 1000
    assert 0.93 <= held / shown <= 0.99


def test_where_nobody_is_hardly_ever_a_mean_is_told():
    nobody = Contributions(
        person=np.empty(0, dtype=np.int32),
        place=np.empty(0, dtype=np.int64),
        level=np.empty(0, dtype=np.int8),
        places=5_000,
        top=3,
    )
    made = aggregate(nobody, TERMS, rng=np.random.default_rng(3))
    assert (~np.isnan(made.mean)).mean() < 0.01


def test_the_tail_of_two_noises_is_that_of_their_sum():
    rng = np.random.default_rng(4)
    for one, other in ((3.0, 5.0), (4.0, 4.0), (4.0, 0.0)):
        drawn = np.abs(rng.laplace(0, one, 200_000) + rng.laplace(0, 1, 200_000) * other)
        for distance in (1.0, 8.0, 20.0):
            told = _tail(np.array([[distance]]), one, np.array([other]))
            assert told[0, 0] == pytest.approx((drawn > distance).mean(), abs=0.005)


def test_the_width_that_is_told_beforehand_is_that_of_the_answer():
    assert TERMS.mean_within(1) is None
    assert Terms(epsilon=1.0, most=2, top=None).mean_within(100) is None
    widths = [TERMS.mean_within(people) for people in (50, 100, 200, 500)]
    assert widths == sorted(widths, reverse=True)
    made = aggregate(town(people=300), TERMS, rng=np.random.default_rng(2))
    half = (made.mean_high[2] - made.mean_low[2]) / 2
    assert half == pytest.approx(TERMS.mean_within(int(made.auditors[2])), abs=0.05)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"epsilon": 0.0}, "epsilon"),
        ({"epsilon": 1.01}, "epsilon"),
        ({"most": 0}, "places"),
        ({"most": 21}, "places"),
    ],
)
def test_terms_out_of_range_are_refused(changed, words):
    with pytest.raises(ValueError, match=words):
        Terms(**{"epsilon": 1.0, "most": 2, "top": 3, **changed})


def test_nobody_but_the_gate_makes_an_aggregate():
    with pytest.raises(TypeError, match="without noise"):
        Aggregate(terms=TERMS, auditors=np.zeros(1), mean=None, mean_low=None, mean_high=None, seal=object())


def test_noise_is_drawn_anew_each_time(monkeypatch):
    one, other = (aggregate(town(), TERMS, rng=np.random.default_rng(1)) for _ in range(2))
    assert one.auditors.tolist() != other.auditors.tolist()
    monkeypatch.setattr(module, "laplace", lambda exact, **_: exact)
    exact = aggregate(town(), TERMS, rng=np.random.default_rng(1))
    assert exact.auditors.tolist() == [0, 200, 200, 200, 200]
