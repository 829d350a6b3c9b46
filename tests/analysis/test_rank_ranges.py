import numpy as np
import pytest

from analysis.rank_ranges import rank_ranges


def ranges(mean, covariance, seed=0):
    low, high = rank_ranges(np.array(mean, dtype=float), np.array(covariance), np.random.default_rng(seed))
    return list(zip(low.tolist(), high.tolist(), strict=True))


def test_values_far_apart_have_one_rank_each():
    assert ranges([3, 1, 2], 0.0001 * np.eye(3)) == [(3, 3), (1, 1), (2, 2)]


def test_values_that_cannot_be_told_apart_share_all_ranks():
    assert ranges([1.0, 1.1, 0.9], np.eye(3)) == [(1, 3)] * 3


def test_two_apart_from_a_third():
    assert ranges([1.0, 1.01, 9.0], 0.01 * np.eye(3)) == [(1, 2), (1, 2), (3, 3)]


def test_what_all_share_does_not_blur_ranks():
    common = np.ones((3, 3))
    assert ranges([3, 1, 2], common + 1e-4 * np.eye(3)) == [(3, 3), (1, 1), (2, 2)]


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_the_same_value_twice_is_never_ranked_against_itself(spread):
    twice = spread * np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert ranges([1, 1, 1], twice) == [(1, 3)] * 3


def test_none_and_one():
    assert ranges([], np.zeros((0, 0))) == []
    assert ranges([2.0], [[0.3]]) == [(1, 1)]


@pytest.mark.parametrize("apart", [0.0, 0.15, 1.0])
def test_ranges_hold_the_true_rank(apart):
    """Equal values, near ones, distinct ones; neighbours correlated. Ties share all their ranks."""
    rng = np.random.default_rng(1)
    true = apart * np.arange(8.0)
    covariance = 0.3 * 0.5 ** np.abs(np.subtract.outer(np.arange(8), np.arange(8)))
    hits, widths = [], []
    for _ in range(200):
        low, high = rank_ranges(rng.multivariate_normal(true, covariance), covariance, rng)
        best, worst = (true[None] < true[:, None]).sum(axis=1) + 1, (true[None] <= true[:, None]).sum(axis=1)
        hits.append((low <= best) & (worst <= high))
        widths.append((high - low).mean())
    assert np.mean(hits, axis=0).min() >= 0.93
    assert np.mean(widths) < 7 or apart < 1
