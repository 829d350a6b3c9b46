"""The sparse system against dense algebra on random graphs, and against its limits."""

import numpy as np
import pytest
from scipy import sparse

from analysis.field.prior import Land, Prior
from analysis.field.solver import conjugate_gradients
from analysis.field.system import NO_GROUP, System, Variances
from analysis.pairs import Voices

PARTS = Variances(field=0.2, auditor=0.08, pair=0.02, audit=0.2)
CELLS, AUDITORS, VOICES = 200, 40, 400


def land_of(rng, cells=CELLS, degree=5.0):
    upper = np.triu(rng.random((cells, cells)) < degree / cells, k=1)
    return Land(neighbours=sparse.csr_matrix((upper | upper.T).astype(float)))


def voices_of(rng, *, cells=CELLS, auditors=AUDITORS, count=VOICES):
    spots = rng.choice(cells * auditors, size=count, replace=False)
    return Voices(
        cell=spots // auditors,
        auditor=spots % auditors,
        size=rng.uniform(0.1, 3, count),
        mean=rng.normal(0, 0.6, count),
        rest=np.zeros(count),
        freedom=np.zeros(count, dtype=np.int64),
        cells=cells,
        auditors=auditors,
    )


def system_of(rng, *, kappa=0.1, variances=PARTS, group=None, level=0.75, **sizes):
    land, voices = land_of(rng, sizes.get("cells", CELLS)), voices_of(rng, **sizes)
    prior = Prior(land=land, variance=variances.field, level=level, kappa=kappa)
    free = np.full(voices.auditors, NO_GROUP)
    return System(prior=prior, voices=voices, variances=variances, group=free if group is None else group)


def dense(system):
    """Return posterior covariance and mean of cells and auditors by Gaussian conditioning, nothing shared."""
    prior, voices, parts = system.prior, system.voices, system.variances
    n, r, m = len(prior.land), voices.auditors, len(voices.mean)
    near = prior.land.neighbours.toarray()
    field = np.linalg.inv((np.diag(near.sum(axis=1)) - near + prior.kappa * np.eye(n)) / parts.field)
    covariance = np.zeros((n + r, n + r))
    covariance[:n, :n] = field + prior.level
    covariance[n:, n:] = parts.auditor * np.eye(r)
    seen = np.zeros((m, n + r))
    seen[np.arange(m), voices.cell] = 1
    seen[np.arange(m), n + voices.auditor] = 1
    groups = [np.flatnonzero(system.group == g) for g in range(int(system.group.max()) + 1)]
    for members in groups:  # a sum of 0 is one more thing seen, without error
        seen = np.vstack([seen, np.isin(np.arange(n + r), n + members)])
    noise = np.zeros(len(seen))
    noise[:m] = parts.pair + parts.audit / voices.size
    values = np.concatenate([voices.mean, np.zeros(len(groups))])
    gain = covariance @ seen.T @ np.linalg.inv(seen @ covariance @ seen.T + np.diag(noise))
    return covariance - gain @ seen @ covariance, gain @ values


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("centred", [False, True])
def test_a_solution_equals_the_dense_one(seed, centred):
    rng = np.random.default_rng(seed)
    group = rng.integers(NO_GROUP, 3, AUDITORS) if centred else None
    system = system_of(rng, group=group)
    cell, auditor = system.solve(system.voices.mean)
    np.testing.assert_allclose(np.concatenate([cell, auditor]), dense(system)[1], atol=1e-6)


@pytest.mark.parametrize("centred", [False, True])
def test_draws_spread_as_the_exact_inverse(centred):
    rng = np.random.default_rng(5)
    system = system_of(rng, group=np.arange(AUDITORS) % 2 if centred else None)
    exact = np.sqrt(np.diag(dense(system)[0]))
    blocks = list(system.draws(2000, rng))
    cell, auditor = (np.concatenate([block[i] for block in blocks], axis=1) for i in (0, 1))
    assert cell.shape == (CELLS, 2000)
    spread = np.concatenate([cell, auditor]).std(axis=1)
    assert np.abs(spread / exact - 1).mean() < 0.02
    assert np.abs(spread / exact - 1).max() < 0.07, "4.4 standard errors of an sd from 2,000 draws"
    own = 1 / system.diagonal
    better = np.sqrt(own + (system.conditional(cell, auditor) ** 2).mean(axis=1))
    assert np.abs(better / exact[:CELLS] - 1).max() < 0.05


def test_draws_come_in_blocks_that_fit_into_memory(monkeypatch):
    system = system_of(np.random.default_rng(0))
    monkeypatch.setattr("analysis.field.system._BLOCK_NUMBERS", 4000)
    blocks = [cell.shape[1] for cell, _ in system.draws(10, np.random.default_rng(0))]
    assert blocks == [3, 3, 3, 1]


def test_without_ties_to_neighbours_each_cell_stands_alone():
    """kappa -> infinity at a constant variance / kappa: the BLUP of independent cells."""
    rng = np.random.default_rng(1)
    kappa = 1e7
    parts = Variances(field=0.06 * kappa, auditor=1e-9, pair=0.02, audit=0.2)
    system = system_of(rng, kappa=kappa, variances=parts, level=1e-9)
    cell, _ = system.solve(system.voices.mean)
    told = np.bincount(system.voices.cell, system.weight * system.voices.mean, minlength=CELLS)
    np.testing.assert_allclose(cell, told / (system.cell_weight + 1 / 0.06), atol=1e-4)


def test_without_variance_all_cells_are_the_city():
    """q -> infinity: the mean of all voices."""
    rng = np.random.default_rng(2)
    parts = Variances(field=1e-9, auditor=1e-9, pair=0.02, audit=0.2)
    system = system_of(rng, variances=parts, level=1e6)
    cell, _ = system.solve(system.voices.mean)
    mean = system.weight @ system.voices.mean / system.weight.sum()
    np.testing.assert_allclose(cell, mean, atol=1e-4)


def test_a_harsh_auditor_is_told_from_the_places():
    rng = np.random.default_rng(3)
    system = system_of(rng, count=2000)
    harsh = np.where(system.voices.auditor == 7, -0.8, 0.0)
    cell, auditor = system.solve(harsh)
    assert auditor[7] < -0.6
    assert np.abs(cell).max() < 0.1


def test_what_a_group_shares_stays_with_the_place():
    group = (np.arange(AUDITORS) < 20).astype(np.int64)
    centred, free = (
        system_of(np.random.default_rng(4), group=one, count=2000) for one in (group, np.full(40, NO_GROUP))
    )
    low = np.where(centred.voices.auditor < 20, -0.6, 0.0)
    seen_by_them = np.bincount(centred.voices.cell, centred.weight * (centred.voices.auditor < 20))
    alone = seen_by_them > 0.8 * centred.cell_weight
    assert alone.sum() >= 3
    assert abs(centred.solve(low)[1][group == 1].sum()) < 1e-9
    assert centred.solve(low)[0][alone].mean() < 1.5 * free.solve(low)[0][alone].mean()


def test_a_matrix_that_is_not_positive_definite_is_refused():
    with pytest.raises(ArithmeticError, match="positive definite"):
        conjugate_gradients(lambda x: -x, np.ones((3, 1)), diagonal=np.ones(3), tolerance=1e-6)


def test_an_endless_solution_is_given_up(monkeypatch):
    monkeypatch.setattr("analysis.field.solver._STEPS", 2)
    system = system_of(np.random.default_rng(0))
    with pytest.raises(ArithmeticError, match="2 steps"):
        system.solve(system.voices.mean)
