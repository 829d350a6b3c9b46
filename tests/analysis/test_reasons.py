import numpy as np
import pytest

from analysis.reasons import reasons

ALL_COUNT = (1 / 3, 1 / 3, 1 / 3, 0.0)
CITY = np.array([2.0, 2.0, 2.0, 2.0])


def reasons_of(mean, instrument, *, sd=0.1, leverage=ALL_COUNT):
    mean = np.atleast_2d(np.array(mean, dtype=float))
    needs, causes = reasons(
        mean=mean,
        sd=np.full(mean.shape, sd),
        city=CITY,
        instrument=instrument,
        leverage=np.array(leverage),
    )
    return needs.tolist(), causes.tolist()


def test_the_lowest_cause_comes_first_with_its_share(instrument):
    needs, causes = reasons_of([1.5, 2.1, 1.0, 0.0], instrument)
    assert causes == [(("people", pytest.approx(2 / 3)), ("lighting", pytest.approx(1 / 3)))]
    assert needs == [("lighting",)], "people are no need that can be fixed"


def test_the_outcome_is_never_a_cause(instrument):
    assert reasons_of([2, 2, 2, 0], instrument) == ([()], [()])


def test_weights_tell_what_is_explained_and_not_what_is_lowest(instrument):
    _, ((first, second),) = reasons_of([1.5, 2, 1.0, 2], instrument, leverage=(0.8, 0.1, 0.1, 0))
    assert first == ("people", pytest.approx(0.2))
    assert second == ("lighting", pytest.approx(0.8))


def test_a_dark_street_comes_first_and_explains_no_more_than_its_nights(instrument):
    _, ((first, second),) = reasons_of([1.0, 2, 1.5, 2], instrument, leverage=(0.1, 0.45, 0.45, 0))
    assert first == ("lighting", pytest.approx(0.1 / (0.1 + 0.225)))
    assert second == ("people", pytest.approx(0.225 / (0.1 + 0.225)))


def test_a_low_value_that_may_be_chance_is_not_named(instrument):
    assert reasons_of([1.85, 2, 2, 2], instrument)[1] == [()]
    assert reasons_of([1.85, 2, 2, 2], instrument, sd=0.05)[1] != [()]


def test_many_places_need_stronger_evidence_than_one(instrument):
    low = [2 - 0.2, 2, 2, 2]
    assert reasons_of(low, instrument)[1] != [()]
    rng = np.random.default_rng(0)
    noise = 2 + np.array([0.1, 0.1, 0.1, 0]) * rng.normal(size=(5000, 4))
    named = sum(bool(causes) for causes in reasons_of(noise, instrument)[1])
    assert named < 5000 * 3 * 0.025, "fewer than the 2.5 % tails of pure noise"


def test_what_nobody_answered_is_not_named(instrument):
    assert reasons_of([np.nan, np.nan, np.nan, np.nan], instrument) == ([()], [()])
    _, ((cause,),) = reasons_of([np.nan, 2, 1, 2], instrument)
    assert cause == ("people", pytest.approx(1))


def test_no_places_have_no_reasons(instrument):
    assert reasons_of(np.empty((0, 4)), instrument) == ([], [])
