"""Variances and shrinkage: recovered from simulation, worked by hand, defined on every edge."""

import numpy as np
import pytest
from scipy import sparse

from analysis.shrinkage import evidence, shrink, surroundings
from analysis.variance import PRIOR, Components, cluster, components, excess, pair

PARTS = Components(cell=0.5, auditor=0.25, audit=0.75)


def evidence_of(cell, auditor, values, *, cells, parts=PARTS):
    people = pair(cell=np.array(cell, dtype=np.int64), auditor=np.array(auditor, dtype=np.int32))
    return evidence(cluster(people, np.array(values, dtype=float)), parts, cells=cells, top=3)


def alone(found):
    """Shrink without neighbours."""
    return shrink(found, surroundings(found, sparse.csr_matrix((len(found.sample),) * 2)))


def simulated(parts, *, cells=3000, seed=2, audits=2):
    rng = np.random.default_rng(seed)
    cell = np.repeat(np.arange(cells), 3 * audits)
    auditor = np.tile(np.repeat(np.arange(3), audits), cells) + 3 * cell
    values = (
        1.5
        + rng.normal(0, parts.cell**0.5, cells)[cell]
        + np.repeat(rng.normal(0, parts.auditor**0.5, 3 * cells), audits)
        + rng.normal(0, parts.audit**0.5, len(cell))
    )
    return pair(cell=cell, auditor=auditor.astype(np.int32)), values


@pytest.mark.parametrize("audits", [2, 5])
def test_variances_are_recovered(audits):
    true = Components(cell=0.09, auditor=0.04, audit=0.3)
    found = components(cluster(*simulated(true, audits=audits)), cells=3000, top=3)
    assert [found.cell, found.auditor, found.audit] == pytest.approx([0.09, 0.04, 0.3], rel=0.15)


def test_the_prior_decides_where_the_data_cannot():
    one = cluster(pair(cell=np.array([0]), auditor=np.array([0], dtype=np.int32)), np.array([2.0]))
    assert components(one, cells=1, top=3) == PRIOR
    wide = components(one, cells=1, top=6)
    assert wide.audit == pytest.approx(4 * PRIOR.audit)


def test_one_auditor_saturates():
    few = evidence_of([0] * 2, [7] * 2, [1, 1], cells=1)
    many = evidence_of([0] * 10_000, [7] * 10_000, [1] * 10_000, cells=1)
    crowd = evidence_of([0] * 8, range(8), [1] * 8, cells=1)
    assert few.precision[0] == pytest.approx(1 / (0.25 + 0.375))
    assert many.precision[0] == pytest.approx(1 / 0.25, rel=1e-3)
    assert crowd.precision[0] == pytest.approx(8)
    assert crowd.n_eff[0] == pytest.approx(8)
    assert many.n_eff[0] < 4.001


def test_a_flood_from_one_device_moves_a_cell_less_than_three_people():
    people = [(0, person, 2.0) for person in range(5)]
    honest = alone(evidence_of(*zip(*people, strict=True), cells=1))
    flood = alone(evidence_of(*zip(*people, *[(0, 99, 0.0)] * 1000, strict=True), cells=1))
    three = alone(evidence_of(*zip(*people, *[(0, 90 + p, 0.0) for p in range(4)], strict=True), cells=1))
    assert honest.mean[0] > flood.mean[0] >= three.mean[0] - 1e-9


def test_a_mean_is_drawn_to_the_city_by_its_share():
    found = evidence_of([0, 1, 1], [0, 1, 2], [0, 3, 3], cells=2)
    cell = alone(found)
    weights = 1 / (0.5 + np.array([1, 0.5]))
    assert found.city == pytest.approx(weights @ [0, 3] / weights.sum())
    assert found.sample.tolist() == [0, 3]
    assert 0 < cell.mean[0] < found.city < cell.mean[1] < 3
    assert abs(cell.mean[0] - 0) / found.city > abs(3 - cell.mean[1]) / (3 - found.city), (
        "one voice is drawn more"
    )
    assert cell.sd[0] > cell.sd[1]


def test_neighbours_pull_towards_themselves():
    line = sparse.diags_array([1.0, 1.0], offsets=[-1, 1], shape=(40, 40)).tocsr()
    low = np.where(np.arange(40) < 20, 0.5, 2.5)
    low[5] = 2.0
    found = evidence_of(np.repeat(range(40), 4), range(160), np.repeat(low, 4), cells=40)
    together, apart = shrink(found, surroundings(found, line)), alone(found)
    assert together.mean[5] < apart.mean[5]
    assert together.mean[10] < apart.mean[10], "neighbours as low hold a cell against the city"


def test_auditors_who_rate_everywhere_make_the_city_unsure():
    cell, values = np.arange(60), np.repeat([0.5, 2.5], 30)
    strangers = evidence_of(cell, range(60), values, cells=60)
    two = evidence_of(cell, (np.arange(60) >= 30).astype(int), values, cells=60)
    assert two.city == pytest.approx(strangers.city)
    assert two.city_variance > 5 * strangers.city_variance


def test_intervals_cover_what_was_simulated():
    rng = np.random.default_rng(4)
    true = rng.normal(1.5, 0.3, 2000)
    cell = rng.integers(2000, size=6000)
    values = true[cell] + rng.normal(0, 0.5, 6000)
    people = pair(cell=cell, auditor=np.arange(6000, dtype=np.int32))
    clusters = cluster(people, values)
    found = alone(evidence(clusters, components(clusters, cells=2000, top=3), cells=2000, top=3))
    assert np.mean(np.abs(found.mean - true) <= 1.96 * found.sd) == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [2.0, 2.0], [0.0, 3.0]])
def test_every_edge_is_defined(values):
    found = evidence_of(range(len(values)), range(len(values)), values, cells=3)
    cell = alone(found)
    assert np.isfinite([*cell.mean, *cell.sd, found.city, found.city_variance]).all()
    assert (cell.sd > 0).all()
    if not np.isfinite(values).any():
        assert found.city == 1.5


def test_equal_samples_have_only_their_own_error():
    assert excess(np.full(400, 2.0), np.full(400, 4.0), prior=0.1) == pytest.approx(0.4 / 403)
