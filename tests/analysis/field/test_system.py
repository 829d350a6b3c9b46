"""The sparse system against dense algebra on random graphs, and against its limits."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from analysis.field import system as system_module
from analysis.field.hearing import NO_GROUP, Hearing
from analysis.field.prior import Land, Prior
from analysis.field.solver import conjugate_gradients
from analysis.field.strangers import KINDS, doubted, trusted
from analysis.field.system import System
from analysis.field.terms import Variances
from analysis.pairs import Voices

PARTS = Variances(field=0.4, own=0.03, auditor=0.08, pair=0.02, audit=0.2)
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


def system_of(rng, *, kappa=0.1, variances=PARTS, group=None, level=0.75, crowd=0.5, **sizes):
    land, voices = land_of(rng, sizes.get("cells", CELLS)), voices_of(rng, **sizes)
    prior = Prior(land=land, variance=variances.field, level=level, kappa=kappa)
    free = np.full(voices.auditors, NO_GROUP)
    return System(
        prior=prior,
        hearing=Hearing(voices=voices, group=free if group is None else group),
        variances=variances,
        crowd=rng.uniform(0, crowd, (KINDS, len(land))),
    )


def dense(system):
    """Return posterior covariance and mean of field, own parts, crowds and auditors, nothing shared.

    By Gaussian conditioning on what was seen.
    """
    prior, voices, parts, crowds = system.prior, system.voices, system.variances, system.crowds
    n, k, r, m = len(prior.land), len(crowds.cell), voices.auditors, len(voices.mean)
    near = prior.land.neighbours.toarray()
    field = np.linalg.inv((np.diag(near.sum(axis=1)) - near + prior.kappa * np.eye(n)) / parts.field)
    variances = [np.full(n, parts.own), system.cellwise.variance, np.full(r, parts.auditor)]
    covariance = np.diag(np.concatenate([np.zeros(n), *variances]))
    discs = prior.land.smoothed(np.eye(n))
    covariance[:n, :n] = discs @ (field + prior.level) @ discs
    seen, row = np.zeros((m, len(covariance))), np.arange(m)
    for at in (voices.cell, n + voices.cell, 2 * n + crowds.of, 2 * n + k + voices.auditor):
        seen[row, at] = 1
    group = system.hearing.group
    groups = [np.flatnonzero(group == g) for g in range(int(group.max()) + 1)]
    for members in groups:  # a sum of 0 is one more thing seen, without error
        seen = np.vstack([seen, np.isin(np.arange(len(covariance)), 2 * n + k + members)])
    noise = np.zeros(len(seen))
    noise[:m] = parts.pair + parts.audit / voices.size
    values = np.concatenate([voices.mean, np.zeros(len(groups))])
    gain = covariance @ seen.T @ np.linalg.inv(seen @ covariance @ seen.T + np.diag(noise))
    return covariance - gain @ seen @ covariance, gain @ values


def of_places(system):
    """Return the dense posterior covariance of what is true of the cells."""
    both = dense(system)[0][: 2 * CELLS, : 2 * CELLS]
    place = np.hstack([np.eye(CELLS), np.eye(CELLS)])
    return place @ both @ place.T


def stacked(effects):
    return np.vstack([effects.field, effects.own, effects.crowd, effects.auditor])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("centred", [False, True])
def test_a_solution_equals_the_dense_one(seed, centred):
    rng = np.random.default_rng(seed)
    group = rng.integers(NO_GROUP, 3, AUDITORS) if centred else None
    system = system_of(rng, group=group)
    assert system.crowds.shared.sum() > 20, "crowds take part"
    found = stacked(system.solve(system.voices.mean))[:, 0]
    np.testing.assert_allclose(found, dense(system)[1], atol=1e-6)


@pytest.mark.parametrize(("centred", "voices"), [(False, VOICES), (True, VOICES), (False, 3000)])
def test_draws_spread_as_the_exact_inverse(centred, voices, monkeypatch):
    monkeypatch.setattr(system_module, "_BLOCK_NUMBERS", 7000)  # of 3,000 voices two columns at a time
    rng = np.random.default_rng(5)
    system = system_of(rng, group=np.arange(AUDITORS) % 2 if centred else None, count=voices)
    covariance = dense(system)[0]
    drawn = np.hstack([stacked(block) for block in system.draws(2000, rng)])
    spread, exact = drawn.std(axis=1), np.sqrt(np.diag(covariance).clip(0))
    assert (spread[exact < 1e-6] < 1e-9).all(), "voices of no crowd share nothing"
    ratio = spread[exact >= 1e-6] / exact[exact >= 1e-6]
    assert np.abs(ratio - 1).mean() < 0.02
    assert np.abs(ratio - 1).max() < 0.07, "4.4 standard errors of an sd from 2,000 draws"


def test_places_spread_as_the_exact_inverse():
    rng = np.random.default_rng(5)
    system = system_of(rng)
    exact = np.sqrt(np.diag(of_places(system)))
    told = np.hstack([system.conditional(block) for block in system.draws(2000, rng)])
    found = np.sqrt(system.place_variance() + (told**2).mean(axis=1))
    assert np.abs(found / exact - 1).max() < 0.05


def test_means_found_roughly_are_those_found_exactly():
    rng = np.random.default_rng(7)
    system = system_of(rng, group=np.arange(AUDITORS) % 2)
    exact = stacked(system.solve(system.voices.mean))
    rough = system.rough(system.voices.mean, 3, rng)
    assert np.linalg.norm(stacked(rough)[:, :1] - exact) < 2e-3 * np.linalg.norm(exact)
    again = system.rough(system.voices.mean, 3, rng, rough)
    assert np.linalg.norm(stacked(again)[:, :1] - exact) < 2e-3 * np.linalg.norm(exact)


def test_from_where_the_solution_is_there_is_nowhere_to_go():
    rng, products = np.random.default_rng(8), []
    matrix = np.diag(rng.uniform(1, 50, 30))
    rhs = rng.normal(size=(30, 2))

    def solved(start):
        products.clear()
        return conjugate_gradients(
            lambda x: products.append(1) or matrix @ x,
            rhs,
            precondition=lambda x: x.copy(),
            tolerance=1e-8,
            start=start,
        )

    exact = np.linalg.solve(matrix, rhs)
    np.testing.assert_allclose(solved(None), exact, atol=1e-7)
    far = len(products)
    np.testing.assert_allclose(solved(exact + 1e-6 * rng.normal(size=exact.shape)), exact, atol=1e-7)
    assert len(products) < far
    solved(exact)
    assert len(products) == 1, "the residual alone"


def test_crowds_settle_where_their_means_leave_them():
    """200 strangers lie far off in one cell: they are hardly heard any more, and nothing moves on."""
    rng = np.random.default_rng(9)
    known = voices_of(rng, auditors=240, count=4000)
    false = np.arange(200)
    said = replace(
        known,
        cell=np.concatenate([known.cell, np.full(200, 5)]),
        auditor=np.concatenate([known.auditor, 240 + false]),
        auditors=440,
        **{
            name: np.concatenate([getattr(known, name), np.full(200, value)])
            for name, value in (("size", 1.0), ("mean", -1.4), ("rest", 0.0), ("freedom", 0))
        },
    )
    trusting = System(
        prior=Prior(land=land_of(rng), variance=PARTS.field, level=0.75),
        hearing=Hearing(voices=said, group=np.full(440, NO_GROUP)),
        variances=PARTS,
        crowd=trusted(CELLS, top=3),
    )
    start = trusting.solve(said.mean)
    settled = trusting.settled(said.mean, start, top=3)
    believed, left = (system.solve(said.mean).place[5, 0] for system in (trusting, settled))
    assert left > believed + 0.1
    effects = settled.solve(said.mean).crowd[:, 0]
    again = doubted(settled.crowds, effects, cells=CELLS, top=3)
    np.testing.assert_allclose(again, settled.crowd, rtol=0.12)


def test_draws_come_in_blocks_that_fit_into_memory(monkeypatch):
    system = system_of(np.random.default_rng(0), count=3000)
    signs, told = system_module._signs, []
    monkeypatch.setattr(
        system_module, "_signs", lambda shape, rng: told.append(shape[1]) or signs(shape, rng)
    )
    monkeypatch.setattr(system_module, "_BLOCK_NUMBERS", 7000)
    blocks = [block.field.shape[1] for block in system.draws(12, np.random.default_rng(0))]
    assert blocks == [5, 5, 2], "six numbers a cell, one an auditor"
    assert told == [2, 2, 1, 2, 2, 1, 2], "one number a voice"


def test_without_ties_to_neighbours_each_cell_stands_alone():
    """The field -> 0, own parts alone: the BLUP of independent cells."""
    rng = np.random.default_rng(1)
    parts = Variances(field=1e-9, own=0.06, auditor=1e-9, pair=0.02, audit=0.2)
    system = system_of(rng, variances=parts, level=1e-9, crowd=1e-9)
    cell = system.solve(system.voices.mean).place[:, 0]
    told = np.bincount(system.voices.cell, system.weight * system.voices.mean, minlength=CELLS)
    np.testing.assert_allclose(cell, told / (system.cell_weight + 1 / 0.06), atol=1e-4)


def test_without_variance_all_cells_are_the_city():
    """q -> infinity: the mean of all voices."""
    rng = np.random.default_rng(2)
    parts = Variances(field=1e-9, own=1e-9, auditor=1e-9, pair=0.02, audit=0.2)
    system = system_of(rng, variances=parts, level=1e6, crowd=1e-9)
    cell = system.solve(system.voices.mean).place[:, 0]
    mean = system.weight @ system.voices.mean / system.weight.sum()
    np.testing.assert_allclose(cell, mean, atol=1e-4)


def test_a_harsh_auditor_is_told_from_the_places():
    rng = np.random.default_rng(3)
    system = system_of(rng, count=2000)
    harsh = np.where(system.voices.auditor == 7, -0.8, 0.0)
    found = system.solve(harsh)
    assert found.auditor[7] < -0.6
    assert np.abs(found.place).max() < 0.1


def test_what_a_group_shares_stays_with_the_place():
    group = (np.arange(AUDITORS) < 20).astype(np.int64)
    centred, free = (
        system_of(np.random.default_rng(4), group=one, count=2000) for one in (group, np.full(40, NO_GROUP))
    )
    low = np.where(centred.voices.auditor < 20, -0.6, 0.0)
    by_them = np.bincount(centred.voices.cell, centred.weight * (centred.voices.auditor < 20))
    alone = by_them > 0.8 * centred.cell_weight
    assert alone.sum() >= 3
    found = centred.solve(low)
    assert abs(found.auditor[group == 1].sum()) < 1e-9
    assert found.place[alone].mean() < 1.5 * free.solve(low).place[alone].mean()


def test_a_matrix_that_is_not_positive_definite_is_refused():
    with pytest.raises(ArithmeticError, match="positive definite"):
        conjugate_gradients(lambda x: -x, np.ones((3, 1)), precondition=lambda x: x, tolerance=1e-6)


def test_an_endless_solution_is_given_up(monkeypatch):
    monkeypatch.setattr("analysis.field.solver._STEPS", 2)
    system = system_of(np.random.default_rng(0))
    with pytest.raises(ArithmeticError, match="2 steps"):
        system.solve(system.voices.mean)
