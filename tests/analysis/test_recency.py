import numpy as np
import pytest

from analysis.observations import NO_DAY
from analysis.recency import Recency


def days(*values):
    return np.array(values, dtype=np.int32)


def test_an_audit_counts_half_after_each_half_life():
    day = days(20_000, 19_820, 19_640, 20_000)
    assert Recency(today=20_000).weight(day) == pytest.approx([1, 0.5, 0.25, 1])
    assert Recency(today=20_180).weight(day) == pytest.approx([0.5, 0.25, 0.125, 0.5])
    assert Recency(today=20_000, half_life_days=90).weight(day) == pytest.approx([1, 0.25, 1 / 16, 1])
    assert len(Recency(today=20_000).weight(day[:0])) == 0


def test_what_is_later_than_today_counts_as_of_today():
    assert Recency(today=20_000).weight(days(20_001, 60_000)).tolist() == [1, 1]


def test_what_is_very_old_still_weighs_something():
    weight = Recency(today=20_000, half_life_days=30).weight(days(-40_000, 0, 20_000))
    assert weight[0] == weight[1] == 2**-20
    assert weight[2] == 1


def test_an_unknown_day_counts_as_the_mean_of_the_known():
    assert Recency(today=20_000).weight(days(20_000, NO_DAY, 19_820)).tolist() == [1, 0.75, 0.5]
    assert Recency(today=20_000).weight(days(NO_DAY, NO_DAY)).tolist() == [1, 1]


def test_without_a_clock_the_present_is_the_latest_known_day():
    assert Recency.at_latest(days(20_000, NO_DAY, 19_000)).today == 20_000
    assert Recency.at_latest(days(NO_DAY)).today == Recency.at_latest(days()).today == 0


def test_a_half_life_of_nothing_is_refused():
    with pytest.raises(ValueError, match="half_life_days=0"):
        Recency(today=20_000, half_life_days=0)
