import numpy as np
import pytest

from analysis.field.hearing import NO_GROUP
from analysis.field.prior import Land, surrounded
from analysis.field.variances import PRIOR, fit
from analysis.pairs import pair, voices
from geo import cells as h3cells

CENTRE = h3cells.cell_of(28.6, 77.2, resolution=9)


@pytest.fixture(scope="module")
def land():
    lattice = surrounded(h3cells.disc(CENTRE, k=15))
    return Land(neighbours=lattice.disc_matrix(1, include_self=False))


def drawn_field(land, *, variance, kappa=0.1, seed=0):
    """Draw a field of the prior by dense algebra, around no level."""
    near = land.neighbours.toarray()
    precision = (np.diag(near.sum(axis=1)) - near + kappa * np.eye(len(land))) / variance
    noise = np.random.default_rng(seed).normal(size=len(land))
    return land.smoothed(np.linalg.solve(np.linalg.cholesky(precision).T, noise))


def fitted(land, values, cell, auditor, *, auditors, top=3, seed=1):
    people = pair(cell=cell, auditor=auditor, cells=len(land), auditors=auditors)
    said = voices(people, values, np.ones(len(values)))
    group = np.full(auditors, NO_GROUP)
    return fit(land, said, group, top=top, rng=np.random.default_rng(seed)).variances


def test_variances_are_recovered(land):
    """Of the field that is, how much it varies: variance and kappa stand in for each other once averaged."""
    rng = np.random.default_rng(0)
    cell, auditor = rng.integers(len(land), size=9000), rng.integers(300, size=9000)
    field = drawn_field(land, variance=0.6)
    values = 1.5 + field[cell] + rng.normal(0, 0.3, 300)[auditor] + rng.normal(0, 0.5, 9000)
    people = pair(cell=cell, auditor=auditor, cells=len(land), auditors=300)
    said = voices(people, values, np.ones(len(values)))
    system = fit(land, said, np.full(300, NO_GROUP), top=3, rng=np.random.default_rng(1))
    rough = land.spectrum
    averaged = rough.count * (1 - rough.value / 7) ** 2 / (rough.value + system.prior.kappa)
    found = system.variances
    assert found.field * averaged.sum() / len(land) == pytest.approx(field.var(), rel=0.2)
    assert found.auditor == pytest.approx(0.09, rel=0.2)
    assert found.pair + found.audit == pytest.approx(0.25, rel=0.05)


def test_the_prior_decides_where_the_data_cannot(land):
    one = np.zeros(1, dtype=np.int64)
    found = fitted(land, np.array([1.5]), one, one, auditors=1)
    for name, value in vars(found).items():
        assert value == pytest.approx(vars(PRIOR)[name], rel=0.4), name
    wide = fitted(land, np.array([3.0]), one, one, auditors=1, top=6)
    assert wide.audit == pytest.approx(4 * found.audit)


def test_equal_answers_leave_little_variance(land):
    rng = np.random.default_rng(0)
    cell, auditor = rng.integers(len(land), size=3000), rng.integers(100, size=3000)
    found = fitted(land, np.full(3000, 2.0), cell, auditor, auditors=100)
    assert found.pair + found.audit < 0.01
    assert found.field < 0.1


def test_of_few_answers_the_variances_are_no_luck_of_the_draws(land):
    rng = np.random.default_rng(3)
    cell, auditor = rng.integers(len(land), size=700), rng.integers(60, size=700)
    values = 1.5 + drawn_field(land, variance=0.6)[cell] + rng.normal(0, 0.5, 700)
    found = [fitted(land, values, cell, auditor, auditors=60, seed=seed) for seed in range(4)]
    field, own = np.log([[one.field, one.own] for one in found]).T
    assert field.std() < 0.4
    assert own.std() < 0.4
