import numpy as np
import pytest

from analysis.dayparts import levelled
from geo.sun import Daypart


def test_what_the_night_does_everywhere_is_taken_off():
    rng = np.random.default_rng(0)
    place = rng.integers(300, size=6000)
    night = rng.random(6000) < np.where(place < 150, 0.1, 0.9)
    value = 2 - 0.4 * night + rng.normal(0, 0.3, 6000)
    before = value[place < 150].mean() - value[place >= 150].mean()
    after = levelled(value, daypart=night.astype(np.int8), place=place)
    assert before > 0.3
    assert after[place < 150].mean() - after[place >= 150].mean() == pytest.approx(0, abs=0.03)
    assert after.mean() == pytest.approx(value.mean())


def test_places_audited_at_one_hour_alone_say_nothing_of_the_hour():
    place = np.repeat([0, 1], 50)
    value = np.where(place == 1, 0.5, 2.5)
    same = levelled(value, daypart=place.astype(np.int8), place=place)
    np.testing.assert_array_equal(same, value)


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [1.0, np.nan]])
def test_every_edge_is_defined(values):
    values = np.array(values, dtype=float)
    n = len(values)
    out = levelled(values, daypart=np.full(n, Daypart.NIGHT, np.int8), place=np.arange(n))
    np.testing.assert_array_equal(out, values)
