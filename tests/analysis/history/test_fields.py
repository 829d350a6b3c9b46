"""One slice of time against the exact posterior of its fields."""

import numpy as np
import pytest

from analysis.field.prior import Land, Prior
from analysis.history.fields import Alone
from geo import cells as h3cells
from geo.lattice import Lattice


@pytest.fixture(scope="module")
def alone():
    rng = np.random.default_rng(0)
    lattice = Lattice(np.sort(h3cells.disc(h3cells.cell_of(28.6, 77.2, resolution=9), k=4)))
    prior = Prior(land=Land(neighbours=lattice.disc_matrix(1, include_self=False)), variance=0.3, level=0.75)
    weight = rng.integers(0, 4, size=len(lattice)) / 0.3
    return Alone(prior=prior, own=0.1, weight=weight, mean=np.where(weight > 0, rng.normal(size=61), 0))


@pytest.fixture(scope="module")
def exact(alone):
    """Return mean and covariance of x + u by dense algebra."""
    n = len(alone.weight)
    field = np.linalg.inv(alone.prior.precision_times(np.eye(n)))
    discs = alone.prior.land.smoothed(np.eye(n))
    place = discs @ field @ discs + alone.own * np.eye(n)
    heard = alone.weight > 0
    seen = place[np.ix_(heard, heard)] + np.diag(1 / alone.weight[heard])
    gain = place[:, heard] @ np.linalg.inv(seen)
    return gain @ alone.mean[heard], place - gain @ place[heard]


def test_means_are_exact(alone, exact):
    assert alone.solve() == pytest.approx(exact[0], abs=1e-6)


def test_variances_and_draws_are_those_of_the_posterior(alone, exact):
    rng = np.random.default_rng(1)
    assert alone.variance(4000, rng) == pytest.approx(np.diag(exact[1]), rel=0.07)
    drawn = np.hstack(list(alone.draws(4000, rng)))
    assert np.cov(drawn) == pytest.approx(exact[1], abs=0.012)
