"""Each category from a series made for it."""

import numpy as np
import pytest
from scipy.stats import kendalltau

from analysis.history.emerging import categories, mann_kendall

T = 12
HOT, COLD, OFF = 5.0, -5.0, 0.0
EVEN = [5.0, 5.1, 4.9, 5.05, 4.95, 5.02, 4.98, 5.03, 4.97, 5.01, 4.99, 5.04]
RISING = [4.0 + 0.2 * step for step in range(T)]
HISTORY = {
    "new": [OFF] * 11 + [HOT],
    "consecutive": [OFF] * 9 + [HOT] * 3,
    "intensifying": RISING,
    "persistent": EVEN,
    "diminishing": RISING[::-1],
    "sporadic": [OFF, HOT, OFF, HOT, HOT, OFF] * 1 + [OFF, OFF, HOT, OFF, OFF, HOT],
    "oscillating": [OFF, COLD, COLD, OFF, HOT, OFF, OFF, HOT, OFF, OFF, HOT, HOT],
    "historical": [*EVEN[:11], OFF],
}


def category_of(series, *, heard=None):
    """Return the category of one place among fifty others of which nothing can be said."""
    z = np.zeros((len(series), 51))
    z[:, 0] = series
    there = np.ones(z.shape, dtype=bool)
    if heard is not None:
        there[:, 0] = heard
    found = categories(z, there)
    assert set(found[1:]) <= {"no pattern detected", "too_short"}
    return found[0]


@pytest.mark.parametrize("name", HISTORY)
def test_each_history_has_its_name(name):
    assert category_of(HISTORY[name]) == f"{name} hot spot"


@pytest.mark.parametrize("name", HISTORY)
def test_each_name_has_its_mirror(name):
    assert category_of([-z for z in HISTORY[name]]) == f"{name} cold spot"


@pytest.mark.parametrize(
    "series",
    [[OFF] * T, [HOT] * 5 + [OFF] * 7, [OFF] * 5 + [HOT] * 6 + [OFF], [1.5] * T],
    ids=["nothing", "long ago", "until lately", "not significant"],
)
def test_other_histories_have_no_pattern(series):
    assert category_of(series) == "no pattern detected"


def test_months_without_audits_are_no_part_of_the_series():
    heard = np.ones(T + 4, dtype=bool)
    heard[[1, 5, 8, 12]] = False
    for name in ("persistent", "consecutive", "intensifying"):
        series = np.full(T + 4, COLD)
        series[heard] = HISTORY[name]
        assert category_of(series, heard=heard) == f"{name} hot spot"


def test_fewer_than_ten_months_or_none_lately_are_too_short():
    assert category_of(EVEN, heard=[False] * 3 + [True] * 9) == "too_short"
    assert category_of(EVEN, heard=[False] * 2 + [True] * 10) == "persistent hot spot"
    assert category_of([*EVEN, 0, 0, 0], heard=[True] * 12 + [False] * 3) == "too_short"
    assert category_of([*EVEN, 0, 0], heard=[True] * 12 + [False] * 2) == "persistent hot spot"
    assert category_of(EVEN[:9]) == "too_short"


def test_no_place_and_no_month_are_defined():
    assert len(categories(np.zeros((T, 0)), np.zeros((T, 0), dtype=bool))) == 0
    assert categories(np.zeros((0, 2)), np.zeros((0, 2), dtype=bool)).tolist() == ["too_short"] * 2


def test_mann_kendall_is_what_scipy_makes_of_it():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(15, 40)) + 0.08 * np.arange(15)[:, None]
    given = rng.random((15, 40)) < 0.8
    found = mann_kendall(values, given)
    for column in range(40):
        series = values[given[:, column], column]
        n = len(series)
        score = kendalltau(np.arange(n), series).statistic * n * (n - 1) / 2
        expected = (score - np.sign(score)) / np.sqrt(n * (n - 1) * (2 * n + 5) / 18)
        assert found[column] == pytest.approx(expected)


def test_mann_kendall_of_noise_is_significant_one_time_in_twenty():
    noise = np.random.default_rng(1).normal(size=(24, 4000))
    found = mann_kendall(noise, np.ones(noise.shape, dtype=bool))
    assert 0.03 < (np.abs(found) > 1.96).mean() <= 0.05
