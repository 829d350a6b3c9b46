import numpy as np
import pytest
from scipy import sparse

from analysis.field.prior import Land, Prior, surrounded
from geo import cells as h3cells


def prior_of(level):
    """A path of five cells and two cells alone."""
    path = np.diag(np.ones(4), 1)
    near = np.zeros((7, 7))
    near[:5, :5] = path + path.T
    return Prior(land=Land(neighbours=sparse.csr_matrix(near)), variance=0.5, level=level, kappa=0.2)


@pytest.mark.parametrize("level", [0.05, 0.75, 100.0])
def test_precision_is_that_of_the_field_and_its_unknown_level(level):
    prior = prior_of(level)
    near = prior.land.neighbours.toarray()
    field = np.linalg.inv((np.diag(near.sum(axis=1)) - near + 0.2 * np.eye(7)) / 0.5)
    precision = prior.precision_times(np.eye(7))
    np.testing.assert_allclose(precision, np.linalg.inv(field + level), atol=1e-9)
    np.testing.assert_allclose(prior.diagonal, np.diag(precision))


@pytest.mark.parametrize("level", [0.05, 0.75, 100.0])
def test_noise_has_the_precision_as_its_covariance(level):
    prior = prior_of(level)
    noise = prior.noise(60_000, np.random.default_rng(0))
    precision = prior.precision_times(np.eye(7))
    np.testing.assert_allclose(noise @ noise.T / 60_000, precision, atol=0.06)
    assert noise.sum(axis=0).var() == pytest.approx(precision.sum(), rel=0.05), "of the level"


def test_roughness_knows_no_level():
    assert np.abs(prior_of(0.75).roughness_times(np.ones((7, 2)))).max() < 1e-12


def test_land_comes_with_its_surroundings():
    pentagon = h3cells.disc(0x89080000003FFFF, k=0)
    assert len(surrounded(pentagon)) == 6
    assert len(surrounded(h3cells.disc(h3cells.cell_of(28.6, 77.2, resolution=9), k=1))) == 19
    assert len(surrounded(pentagon[:0])) == 0
