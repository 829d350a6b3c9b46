"""Trust: whom others in the same cells contradict."""

import numpy as np
import pytest

from analysis.abuse.trust import trust
from analysis.recipe import analyse


@pytest.fixture(scope="module")
def rng():
    return np.random.default_rng(3)


def town(audits, instrument, city_cells, rng, *, liars, apart=0.0):
    """60 people in ten cells each out of forty; `liars` of them rate at random, all `apart` lower at will."""
    cells = city_cells[:40]
    ratings = len(instrument.ratings)
    place = rng.uniform(0.8, 2.2, len(cells))
    who = np.repeat(np.arange(60), 10)
    where = np.concatenate([rng.choice(len(cells), 10, replace=False) for _ in range(60)])
    shift = np.where(np.arange(60) == 59, apart, rng.normal(0, 0.2, 60))
    told = np.rint(place[where] + shift[who] + rng.normal(0, 0.3, len(who))).clip(0, 3)
    wild = np.where(rng.random(len(who)) < 0.5, 0, 3)
    levels = np.where(who < liars, wild, told).astype(int)
    return audits(np.tile(levels[:, None], (1, ratings)), cell=cells[where], auditor=who)


def test_those_whom_others_contradict_are_trusted_less(audits, instrument, city_cells, rng):
    found = trust(analyse(town(audits, instrument, city_cells, rng, liars=6), seed=0))
    assert found.auditor.tolist() == list(range(60))
    assert found.trust[:6].max() < found.trust[6:].min()
    assert np.median(found.trust[6:]) > 0.8
    assert found.cells.tolist() == [10] * 60


def test_who_rates_everything_lower_is_not_distrusted(audits, instrument, city_cells, rng):
    found = trust(analyse(town(audits, instrument, city_cells, rng, liars=0, apart=-0.7), seed=0))
    assert found.trust[59] > 0.6


def test_who_was_nowhere_with_others_is_not_told(audits, instrument, city_cells):
    alone = audits(np.ones((3, len(instrument.ratings)), dtype=int), cell=city_cells[:3], auditor=[4, 5, 6])
    assert len(trust(analyse(alone, seed=0))) == 0


def test_nobody_is_trusted_where_nobody_counts(audits, instrument, city_cells):
    fresh = audits(
        np.ones((2, len(instrument.ratings)), dtype=int),
        cell=city_cells[:1].repeat(2),
        auditor=[1, 2],
        counted=False,
    )
    assert len(trust(analyse(fresh, seed=0))) == 0
