"""What brigades, campaigns and residents do to a city's scores; long form: python -m bench.hard_cases."""

from datetime import date

import numpy as np
import pytest
import shapely

from analysis.dayparts import levelled
from analysis.detector import detect
from analysis.estimates import WOMAN
from analysis.field import strangers
from analysis.field.city import City
from analysis.score import composite, equal_weights
from analysis.simulation.city import simulate
from analysis.simulation.hard_cases import brigaded, by_residents, lowered, walked
from analysis.simulation.scenario import Scenario
from geo import cells as h3cells
from server.instruments.catalogue import builtin

CENTRE = h3cells.cell_of(28.6, 77.2, resolution=9)


@pytest.fixture(scope="module")
def city():
    return simulate(
        instrument=builtin()["safetipin-9"].instrument,
        area=shapely.box(77.15, 28.55, 77.25, 28.64),
        first_day=date(2026, 1, 1),
        seed=4,
        audits=5000,
        auditors=120,
        scenario=Scenario(delta=0.0),
    )


def means(seen):
    """Return cells and how far their score lies above the city's, in rating steps."""
    cells, index = np.unique(seen.cell, return_inverse=True)
    y = composite(seen, equal_weights(seen.instrument))
    level = levelled(y, daypart=seen.daypart, place=index)
    found = City.of(seen, cells).posterior(level, top=3, rng=np.random.default_rng(0), draws=4)
    return dict(zip(cells.tolist(), found.mean - found.city, strict=True))


@pytest.fixture(scope="module")
def before(city):
    return means(city.observations())


@pytest.fixture
def target(city):
    """A cell of a handful of honest audits, about as good as the city."""
    return cell_of(city, audits=6)


def cell_of(city, *, audits):
    cells, count = np.unique(city.observations().cell, return_counts=True)
    true = city.truth.disc_deficit(city.truth.everything, k=0)[city.truth.lattice.index_of(cells)]
    return int(cells[np.argmin(np.abs(count - audits) + 10 * np.abs(true))])


@pytest.mark.parametrize(("level", "elsewhere"), [(0, 0), (0, 2), (0, 20), (1, 0), (1, 20), (3, 0)])
def test_two_hundred_false_devices_hardly_move_a_cell(city, before, target, level, elsewhere):
    seen = brigaded(
        city,
        np.array([target]),
        devices=200,
        level=level,
        elsewhere=elsewhere,
        rng=np.random.default_rng(0),
    )
    assert abs(means(seen)[target] - before[target]) <= 0.2


@pytest.mark.parametrize("elsewhere", [0, 20])
def test_nor_do_they_where_one_other_audit_is(city, before, elsewhere):
    """What is bad but not the worst is the harder to tell from a bad place."""
    lone = cell_of(city, audits=1)
    seen = brigaded(
        city, np.array([lone]), devices=200, level=1, elsewhere=elsewhere, rng=np.random.default_rng(0)
    )
    assert abs(means(seen)[lone] - before[lone]) <= 0.2


def test_without_doubt_they_drag_it_down(city, before, target, monkeypatch):
    """The same with crowds that are trusted whatever they say."""
    monkeypatch.setattr(strangers, "KNOWN_CELLS", ())
    monkeypatch.setattr(strangers, "KINDS", 0)
    seen = brigaded(city, np.array([target]), devices=200, level=0, rng=np.random.default_rng(0))
    assert means(seen)[target] - before[target] < -0.8


def test_an_evening_walk_is_believed(city, before, target):
    """Forty phones that audit seven cells and nothing else find them 0.8 lower, as those before them did."""
    cells = np.intersect1d(h3cells.disc(target, k=1), city.truth.cells)
    change = {
        lower: means(walked(city, cells, people=40, lower=lower, rng=np.random.default_rng(1)))
        for lower in (0.0, 0.8)
    }
    fallen = np.mean([change[0.0][cell] - change[0.8][cell] for cell in cells.tolist()])
    assert fallen >= 0.5


def test_a_quarter_keeps_what_its_residents_alone_say(city):
    quarter = h3cells.disc(CENTRE, k=3)
    plain = by_residents(city.observations(), quarter, residents=12, rng=np.random.default_rng(2))
    inside = np.isin(plain.cell, quarter)
    low = lowered(plain, inside, by=0.5, rng=np.random.default_rng(3))
    fell = composite(plain, equal_weights(plain.instrument)) - composite(low, equal_weights(low.instrument))
    one, other = means(plain), means(low)
    there = [cell for cell in quarter.tolist() if cell in one]
    kept = np.mean([one[cell] - other[cell] for cell in there]) / (
        fell[inside].mean() * (1 - len(there) / len(one))
    )
    assert kept >= 0.8


def test_what_women_alone_see_stays_in_the_score_and_shows_in_theirs(city):
    """Women rate 19 cells 0.6 lower than before: the score falls by their share, women's score by theirs."""
    plain = city.observations()
    quarter = np.intersect1d(h3cells.disc(CENTRE, k=2), plain.cell)
    theirs = np.isin(plain.cell, quarter) & (plain.gender == WOMAN)
    low = lowered(plain, theirs, by=0.6, rng=np.random.default_rng(5))
    weights = equal_weights(plain.instrument)
    before, after = (detect(seen, weights, np.random.default_rng(0)) for seen in (plain, low))
    fell = composite(plain, weights) - composite(low, weights)
    there = np.isin(before.cell, quarter)
    share = fell[np.isin(plain.cell, quarter)].mean() / fell[theirs].mean()
    women = np.nanmean((before.women_mean - after.women_mean)[there]) / fell[theirs].mean()
    everybody = (before.mean - after.mean)[there].mean() / fell[theirs].mean()
    assert 0.3 < share < 0.8
    assert everybody == pytest.approx(share, rel=0.35)
    assert women > 1.3 * everybody
