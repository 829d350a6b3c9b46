"""Each rating shares much with the composite: what that is worth, and that it invents nothing."""

import numpy as np
import pytest

from analysis.dayparts import levelled
from analysis.field.city import City
from analysis.instrument import Instrument, Kind, Question, Role
from analysis.ratings import Ratings, slope
from analysis.recency import Recency
from analysis.score import composite, equal_weights

LOW, PATH, OTHER, FEELING = 1.0, 1, 2, 6
SIX = Instrument(
    id="six",
    version=1,
    questions=tuple(
        Question(
            name=f"rating_{number}",
            kind=Kind.RATING,
            role=Role.OUTCOME if number == FEELING else Role.PLACE,
            top=3,
            dayparts=("night",) if number == 0 else ("day", "night", "unknown"),
        )
        for number in range(FEELING + 1)
    ),
)
"""The first counts at night alone; the last is how people feel."""


@pytest.fixture(scope="module")
def truth(city_cells, zone):
    """What is true of the six ratings: common ground, and a zone where one of them is bad."""
    common = 0.3 * np.random.default_rng(0).standard_normal(len(city_cells))
    place = 1.8 + np.tile(common[:, None], FEELING)
    place[np.isin(city_cells, zone), PATH] -= LOW
    return place


@pytest.fixture
def seen(audits, city_cells, truth):
    """1,500 audits by 100 people, mild or harsh in all they say, with better and worse evenings."""
    rng = np.random.default_rng(1)
    row, who = rng.integers(len(city_cells), size=1500), rng.integers(100, size=1500)
    mood = rng.uniform(-0.5, 0.5, 100)[who] + rng.normal(0, 0.35, 1500)
    said = truth[row] + mood[:, None] + rng.normal(0, 0.5, (1500, FEELING))
    ratings = np.rint(np.column_stack([said, rng.integers(0, 4, 1500)])).clip(0, 3).astype(np.int8)
    day = rng.integers(0, 2, 1500)
    return audits(ratings, cell=city_cells[row], auditor=who, daypart=day, of=SIX)


def ratings_of(seen):
    cells, row = np.unique(seen.cell, return_inverse=True)
    city, rng = City.of(seen, cells, Recency.at_latest(seen.observed_day)), np.random.default_rng(0)
    weights = equal_weights(seen.instrument)
    level = levelled(composite(seen, weights), daypart=seen.daypart, place=row)
    whole = city.posterior(level, top=3, rng=rng, draws=100)
    alone = city.posterior(seen.ratings[:, OTHER].astype(float), top=3, rng=rng, draws=100)
    return cells, Ratings.of(seen, city, weights=weights, whole=whole, rng=rng), alone


def test_ratings_are_known_better_than_each_by_itself(seen, city_cells, truth):
    cells, found, alone = ratings_of(seen)
    true = truth[np.searchsorted(city_cells, cells), OTHER]
    error, error_alone = (np.std(true - mean) for mean in (found.mean[:, OTHER], alone.mean))
    assert error < 0.85 * error_alone
    assert found.sd[:, OTHER].mean() < 0.95 * alone.sd.mean(), "0.89 to 0.90, by the draws"
    off = np.abs(found.mean[:, :FEELING] - truth[np.searchsorted(city_cells, cells)])
    assert (off <= 1.96 * found.sd[:, :FEELING]).mean() == pytest.approx(0.95, abs=0.03)


def test_what_is_low_alone_does_not_drag_the_others_down(seen, zone):
    cells, found, _ = ratings_of(seen)
    inside = np.isin(cells, zone)
    gap = found.city - found.mean[inside].mean(axis=0)
    assert gap[PATH] > 0.55 * LOW
    assert np.abs(np.delete(gap[:FEELING], PATH)).max() < 0.25


def test_how_people_feel_is_told_from_what_they_feel_alone(seen):
    """The outcome here is dice: it owes nothing to the composite."""
    _, found, _ = ratings_of(seen)
    assert np.std(found.mean[:, FEELING]) < 0.1


def test_the_slope_is_that_of_least_squares():
    x, y = np.array([0.0, 1.0, 2.0, np.nan, 5.0]), np.array([1.0, 3.0, 5.0, 9.0, np.nan])
    assert slope(x, y) == pytest.approx(2)
    assert slope(np.ones(3), np.arange(3.0)) == 0
    assert slope(np.full(2, np.nan), np.ones(2)) == 0
