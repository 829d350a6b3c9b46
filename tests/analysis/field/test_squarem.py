import numpy as np

from analysis.field.squarem import extrapolated


def test_a_slow_iteration_ends_sooner():
    goal = np.array([0.4, -0.3])

    def step(x):
        return goal + 0.9 * (x - goal)

    x = np.zeros(2)
    for _ in range(3):
        x = extrapolated(x, step(x), step(step(x)))
    assert np.abs(x - goal).max() < 0.02
    assert np.abs(goal * 0.9**6).max() > 0.2, "six plain rounds"


def test_no_leap_goes_far():
    before, first, second = np.zeros(1), np.array([5.0]), np.array([9.9])
    assert extrapolated(before, first, second) == [10.9]


def test_what_stands_still_stays():
    still = np.array([0.3, 2.0])
    np.testing.assert_allclose(extrapolated(still, still, still), still)
