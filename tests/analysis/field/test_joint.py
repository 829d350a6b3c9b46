import numpy as np
import pytest
from scipy import sparse

from analysis.field.hearing import NO_GROUP, Hearing
from analysis.field.joint import Joint
from analysis.field.prior import Prior
from analysis.field.strangers import KINDS
from analysis.field.system import System
from analysis.field.terms import Variances

from .test_system import AUDITORS, CELLS, land_of, of_places, system_of, voices_of


def means(groups, size):
    return np.array([np.isin(np.arange(size), group) / len(group) for group in groups])


@pytest.mark.parametrize("audited", [np.arange(CELLS), np.arange(CELLS)[::-2]])
def test_the_covariance_of_means_equals_the_dense_one(audited, monkeypatch):
    monkeypatch.setattr("analysis.field.system._BLOCK_NUMBERS", 1700)  # two sums at a time
    system = system_of(np.random.default_rng(0))
    names = np.arange(len(audited)) * 10 + 7
    groups = [names[:1], names[3:40], names[20:60], names]
    found = Joint(cells=names, audited=audited, system=system).covariance(groups)
    sums = means([audited[(group - 7) // 10] for group in groups], CELLS)
    np.testing.assert_allclose(found, sums @ of_places(system) @ sums.T, rtol=2e-3, atol=1e-6)


def test_no_groups_have_no_covariance():
    joint = Joint(
        cells=np.arange(CELLS), audited=np.arange(CELLS), system=system_of(np.random.default_rng(0))
    )
    assert joint.covariance([]).shape == (0, 0)


def test_centred_auditors_are_a_sample_of_people():
    """Draw cities with severities that do not sum to 0: the error of the city's mean is what is said."""
    rng = np.random.default_rng(2)
    parts = Variances(field=0.05, own=0.01, auditor=0.3, pair=0.02, audit=0.2)
    land, voices = land_of(rng), voices_of(rng, count=2000)
    group = np.where(np.arange(AUDITORS) < 25, 0, 1)
    group[-3:] = NO_GROUP
    prior = Prior(land=land, variance=parts.field, level=0.75)
    crowd = np.full((KINDS, CELLS), 1e-9)
    hearing = Hearing(voices=voices, group=group)
    system = System(prior=prior, hearing=hearing, variances=parts, crowd=crowd)
    joint = Joint(cells=np.arange(CELLS), audited=np.arange(CELLS), system=system)
    said = float(joint.covariance([np.arange(CELLS)])[0, 0])
    assert said > 3 * float(system.covariance(_all(CELLS))[0, 0])
    truth = prior_draws(prior, rng, 400) + rng.normal(0, np.sqrt(parts.own), (CELLS, 400))
    severity = rng.normal(0, np.sqrt(parts.auditor), (AUDITORS, 400))
    noise = rng.normal(0, np.sqrt(parts.pair + parts.audit / voices.size)[:, None], (len(voices.size), 400))
    values = truth[voices.cell] + severity[voices.auditor] + noise
    errors = [system.solve(values[:, i]).place.mean() - truth[:, i].mean() for i in range(400)]
    assert np.var(errors) == pytest.approx(said, rel=0.2)


def prior_draws(prior, rng, count):
    near = prior.land.neighbours.toarray()
    precision = (np.diag(near.sum(axis=1)) - near + prior.kappa * np.eye(len(near))) / prior.variance
    covariance = np.linalg.inv(precision) + prior.level
    return prior.land.smoothed(np.linalg.cholesky(covariance) @ rng.standard_normal((len(near), count)))


def _all(count):
    return sparse.csc_matrix(np.full((count, 1), 1 / count))
