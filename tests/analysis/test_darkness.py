"""Dark places: found where it is dark, and only there; only what is seen at night counts."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.darkness import lighting
from analysis.instrument import Instrument
from analysis.recipe import analyse
from geo.sun import Daypart


@pytest.fixture
def lit(instrument, city_cells, zone, audits):
    """Return a maker of a city's audits: the level of light in the zone and elsewhere, by daypart."""

    def make(inside, outside, *, seed=1, per_cell=8, daypart=Daypart.NIGHT):
        rng = np.random.default_rng(seed)
        cell = np.repeat(city_cells, per_cell)
        auditor = np.concatenate([rng.choice(60, per_cell, replace=False) for _ in city_cells])
        harsh = rng.normal(0, 0.3, 60)[auditor]
        level = np.where(np.isin(cell, zone), inside, outside) + harsh + rng.normal(0, 0.5, len(cell))
        ratings = np.full((len(cell), 4), 2)
        ratings[:, 0] = np.rint(level).clip(0, 3)
        return audits(ratings.tolist(), cell=cell, auditor=auditor, daypart=daypart)

    return make


def dark_cells(observations):
    night = analyse(observations, seed=0).night.estimates
    return set(night.cell[lighting(night).dark].tolist())


def test_dark_places_are_found_and_few_others(lit, zone):
    found, false = [], []
    for seed in range(5):
        dark = dark_cells(lit(0.5, 2.2, seed=seed))
        found.append(len(dark & set(zone.tolist())) / len(zone))
        false.append(len(dark - set(zone.tolist())) / max(len(dark), 1))
    assert np.mean(found) >= 0.8
    assert np.mean(false) <= 0.05


def test_a_city_that_is_dark_everywhere_hears_it(lit, city_cells):
    assert len(dark_cells(lit(0.6, 0.6))) == len(city_cells)


def test_a_lit_city_has_no_dark_place(lit):
    assert dark_cells(lit(2.3, 2.3)) == set()


def test_the_day_says_nothing_of_the_light(lit):
    assert dark_cells(lit(0.2, 0.2, daypart=Daypart.DAY)) == set()


def test_an_instrument_without_lighting_finds_no_dark_place(audits, instrument, city_cells):
    others = replace(instrument, questions=instrument.questions[1:])
    assert isinstance(others, Instrument)
    rows = audits([[0, 0, 0]] * 12, cell=city_cells[0], auditor=range(12), daypart=1, of=others)
    assert dark_cells(rows) == set()


def test_what_is_said_of_the_light_fits_together(lit):
    night = analyse(lit(0.5, 2.2), seed=0).night.estimates
    light = lighting(night)
    assert light.top == 3
    assert light.shortfall == pytest.approx(1.5 - light.mean)
    assert (light.low <= light.mean).all()
    assert (light.mean <= light.high).all()
    assert ((light.probability > 0.5) == (light.mean < 1.5)).all()
