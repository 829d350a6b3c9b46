"""Weights are learnt from what makes people feel safe: planted ones come back; one person is not the city."""

from datetime import date

import numpy as np
import pytest
import shapely
from sklearn.linear_model import Ridge

from analysis.calibration import WIDEST, calibrate, slopes
from analysis.instrument import Instrument, Kind, Question, Role
from analysis.moments import Moments
from analysis.observations import MISSING, Observations
from analysis.simulation.city import simulate
from analysis.simulation.scenario import Scenario
from geo import cells as h3cells

CELL = h3cells.cell_of(28.6, 77.2, resolution=9)
ALWAYS = ("day", "night", "unknown")
NAMES = ("lighting", "openness", "visibility", "people", "security", "walk_path", "transport", "gender_usage")
PLANTED = dict(zip(NAMES, (0.25, 0.05, 0.10, 0.05, 0.20, 0.10, 0.05, 0.20), strict=True))
LIGHTING, FEELING = 0, 8


def instrument_of(top=3, *, lighting=ALWAYS, outcome=Role.OUTCOME):
    def question(name, role=Role.PLACE, dayparts=ALWAYS):
        return Question(name=name, kind=Kind.RATING, role=role, top=top, dayparts=dayparts)

    place = (question(name, dayparts=lighting if name == "lighting" else ALWAYS) for name in NAMES)
    return Instrument(id="nine", version=1, questions=(*place, question("feeling", outcome)))


def audits_of(instrument, ratings, *, auditor, daypart=1, counted=True):
    n = len(ratings)
    return Observations(
        instrument=instrument,
        cell=np.full(n, CELL, dtype=np.int64),
        auditor=np.broadcast_to(np.asarray(auditor, dtype=np.int32), n).copy(),
        counted=np.broadcast_to(np.asarray(counted), n).copy(),
        daypart=np.broadcast_to(np.asarray(daypart, dtype=np.int8), n).copy(),
        observed_day=np.zeros(n, dtype=np.int32),
        ratings=np.asarray(ratings, dtype=np.int8),
        gender=np.zeros(n, dtype=np.int8),
    )


def felt(n, *, auditors, seed, weights=PLANTED, top=90, severity=0.0, missing=0.0, noise=0.08, **kind):
    """Return audits whose feeling is the weighted mean of ratings that share a mood, and noise.

    A severe auditor says less of the feeling, and of walk paths, wherever that auditor goes.
    """
    instrument = instrument_of(top, **kind)
    rng = np.random.default_rng(seed)
    who = rng.integers(auditors, size=n)
    said = 0.5 + 0.12 * rng.standard_normal((n, 8)) + 0.08 * rng.standard_normal((n, 1))
    feeling = said @ np.array([weights[name] for name in NAMES]) + noise * rng.standard_normal(n)
    mood = severity * rng.uniform(-1, 1, auditors)[who]
    said[:, NAMES.index("walk_path")] += mood
    ratings = np.rint(np.column_stack([said, feeling + mood]).clip(0, 1) * top)
    ratings[rng.random(ratings.shape) < missing] = MISSING
    return audits_of(instrument, ratings, auditor=who)


def calibrated(observations, seed=0, held=None):
    return calibrate(observations, np.random.default_rng(seed), held=held)


def error(calibration, planted=PLANTED):
    return max(abs(calibration.shares[name].value - weight) for name, weight in planted.items())


def test_planted_weights_come_back():
    found = calibrated(felt(20_000, auditors=500, seed=1))
    assert found.weights.source == "fitted"
    assert error(found) < 0.015
    assert sum(found.weights.values.values()) == pytest.approx(1)
    assert all(abs(found.weights.values[name] - weight) < 0.02 for name, weight in PLANTED.items())


def test_what_severe_auditors_say_of_everything_is_not_taken_for_a_reason():
    assert error(calibrated(felt(20_000, auditors=500, seed=2, severity=0.3))) < 0.03


def test_missing_answers_are_left_out_and_change_little():
    assert error(calibrated(felt(20_000, auditors=500, seed=3, missing=0.3))) < 0.03


def test_intervals_hold_the_planted_weights():
    held = [
        one.low <= PLANTED[name] <= one.high
        for seed in range(12)
        for name, one in calibrated(felt(2000, auditors=80, seed=seed), seed).shares.items()
    ]
    assert len(held) == 12 * 8
    assert 0.87 <= np.mean(held) <= 1


@pytest.mark.parametrize("positive", [False, True])
def test_slopes_are_those_of_ridge_regression(positive):
    """On complete answers at one hour: scikit-learn on the levels within auditors, and rows for the pull."""
    observations = felt(3000, auditors=200, seed=4, weights=dict.fromkeys(NAMES, 0.0) | {"people": 1.0})
    share = observations.ratings / 90
    who = observations.auditor
    means = np.array([share[who == one].mean(axis=0) for one in range(200)])
    within = share - means[who]
    inner, n = within[:, :8], 3000 - len(np.unique(who))
    pull = np.sqrt(100 * (inner**2).sum() / n / 8) * (np.eye(8) - 1 / 8)
    oracle = Ridge(alpha=1e-6, positive=positive, fit_intercept=False, tol=1e-12, max_iter=100_000)
    oracle.fit(np.vstack([inner, pull]), np.concatenate([within[:, 8], np.zeros(8)]))
    moments = Moments.of(observations, observations.instrument.outcome, np.random.default_rng(0))
    found = slopes(moments, np.ones((1, len(moments.cross))), positive=positive)[0]
    np.testing.assert_allclose(found, oracle.coef_, atol=1e-5)


def test_what_makes_people_feel_worse_shows_in_the_slopes_and_not_in_the_weights():
    guards = PLANTED | {"security": -0.2, "people": 0.45}
    found = calibrated(felt(20_000, auditors=500, seed=5, weights=guards))
    assert found.slopes["security"].high < -0.15
    assert found.shares["security"].value == 0
    assert found.weights.values["security"] == 0.01, "heard still, where somebody answers nothing else"


@pytest.mark.parametrize("by_day", [1.0, 0.4])
def test_lighting_that_counts_only_at_night_gets_its_weight_from_the_night(by_day):
    """By day lamps say nothing, and all else may say more or less than at night."""
    night = felt(12_000, auditors=300, seed=6)
    day = felt(12_000, auditors=300, seed=7, weights={name: by_day * PLANTED[name] for name in NAMES})
    both = np.concatenate([night.ratings, day.ratings])
    both[12_000:, LIGHTING] = np.random.default_rng(8).integers(0, 91, 12_000)
    who, daypart = np.concatenate([night.auditor, day.auditor]), np.repeat([1, 0], 12_000)
    made = audits_of(instrument_of(90, lighting=("night",)), both, auditor=who, daypart=daypart)
    assert error(calibrated(made)) < 0.03


def test_one_auditor_of_very_many_audits_does_not_decide():
    crowd = felt(3000, auditors=100, seed=9)
    rng = np.random.default_rng(10)
    mad = rng.integers(0, 91, (20_000, 9))
    mad[:, FEELING] = mad[:, NAMES.index("transport")]
    both = np.concatenate([crowd.ratings, mad])
    who = np.concatenate([crowd.auditor, np.full(20_000, 100)])
    made = audits_of(crowd.instrument, both, auditor=who)
    assert error(calibrated(made)) < 0.15, "50 of 3,050 audits, if more spread out"
    assert calibrated(made).shares["transport"].value < 0.2


def test_weights_stay_though_one_person_is_gone_until_the_audits_tell_otherwise():
    observations = felt(1500, auditors=60, seed=11, top=3)
    held = calibrated(observations).weights
    fewer = [
        calibrated(observations.where(observations.auditor != one), held=held).weights for one in range(5)
    ]
    assert fewer == [held] * 5
    anew = [calibrated(observations.where(observations.auditor != one)).weights for one in range(5)]
    assert any(weights != held for weights in anew), "without holding them one person would move them"
    others = felt(20_000, auditors=500, seed=1, weights=dict.fromkeys(NAMES, 0.0) | {"people": 1.0})
    assert calibrated(others, held=held).weights == calibrated(others).weights


def test_uncounted_auditors_teach_nothing():
    observations = felt(2000, auditors=80, seed=12)
    others = felt(2000, auditors=80, seed=13, weights=dict.fromkeys(NAMES, 0.0) | {"people": 1.0})
    both = audits_of(
        observations.instrument,
        np.concatenate([observations.ratings, others.ratings]),
        auditor=np.concatenate([observations.auditor, others.auditor + 80]),
        counted=np.repeat([True, False], 2000),
    )
    assert calibrated(both).shares == calibrated(observations).shares


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda: felt(400, auditors=80, seed=1), "few_audits"),
        (lambda: felt(3000, auditors=20, seed=1), "few_auditors"),
        (lambda: felt(3000, auditors=200, seed=1, weights=dict.fromkeys(NAMES, -0.2)), "no_relation"),
        (lambda: felt(800, auditors=100, seed=1, noise=0.2), "uncertain"),
        (lambda: felt(3000, auditors=200, seed=1, outcome=Role.CONTEXT), "no_outcome"),
        (lambda: audits_of(instrument_of(), np.empty((0, 9)), auditor=0), "few_audits"),
        (
            lambda: audits_of(instrument_of(), np.full((900, 9), 2), auditor=np.arange(900) % 90),
            "no_relation",
        ),
        (
            lambda: audits_of(instrument_of(), np.full((900, 9), -1), auditor=np.arange(900) % 90),
            "few_audits",
        ),
    ],
)
def test_weights_stay_equal_and_say_why(made, reason):
    found = calibrated(made())
    assert found.weights.source == reason
    assert set(found.weights.values.values()) == {1 / 8}
    assert all(np.isfinite([one.low, one.high]).all() for one in found.slopes.values())


def test_a_rating_never_asked_gets_a_middling_weight():
    observations = felt(3000, auditors=200, seed=14)
    observations.ratings[:, 3] = MISSING
    found = calibrated(observations)
    assert found.weights.source == "fitted"
    assert 0.05 < found.weights.values["people"] < 0.2


def test_weights_are_used_once_they_are_known_well_enough():
    few, many = (calibrated(felt(n, auditors=60, seed=15, noise=0.2)) for n in (700, 6000))
    widest = [max(one.high - one.low for one in found.shares.values()) for found in (few, many)]
    assert widest[0] > WIDEST > widest[1]
    assert [few.weights.source, many.weights.source] == ["uncertain", "fitted"]


def test_weights_of_a_simulated_city_come_near_those_planted():
    """Ratings of four levels draw weights to each other: see docs/method.md."""
    city = simulate(
        instrument=instrument_of(lighting=("night",)),
        area=shapely.box(77.12, 28.52, 77.28, 28.66),
        first_day=date(2026, 1, 1),
        seed=3,
        audits=9000,
        auditors=150,
        scenario=Scenario(feeling=PLANTED),
    )
    found = calibrated(city.observations())
    assert found.weights.source == "fitted"
    assert error(found) < 0.07
    order = sorted(NAMES, key=lambda name: -found.shares[name].value)
    assert set(order[:3]) == {"lighting", "security", "gender_usage"}
