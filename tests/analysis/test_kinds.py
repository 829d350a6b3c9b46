"""Hotspots that are low in the same respects go by the same plain words."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely

from analysis.detector import detect
from analysis.estimates import pooled
from analysis.hotspots import Voices, find
from analysis.instrument import Instrument, Kind, Question, Role
from analysis.kinds import MANY_WAYS, kinds
from analysis.score import equal_weights
from analysis.simulation.city import simulate
from analysis.simulation.scenario import Scenario
from geo.lattice import Lattice

EVERY = (("lighting", 0.4), ("walk_path", 0.3), ("people", 0.3))
NAMES = ("lighting", "openness", "visibility", "people", "security", "walk_path", "transport", "gender_usage")
WORDS = {
    ("lighting", "people"): {"dark and deserted", "deserted and dark"},
    ("walk_path", "transport"): {
        "hard to walk and far from transport",
        "far from transport and hard to walk",
    },
}


@pytest.fixture(scope="module")
def estimates(diced):
    """Cells whose ratings all differ alike, by about one level."""
    observations = diced(300, auditors=30, seed=1)
    found = detect(observations, equal_weights(observations.instrument), np.random.default_rng(0))
    rng = np.random.default_rng(2)
    return replace(
        found,
        parameter_city=np.full(4, 2.0),
        parameter_mean=2 + np.tile(rng.standard_normal((len(found), 1)), 4),
    )


def kinds_of(estimates, gaps, causes=EVERY):
    """Return the kinds of hotspots that lie so far below the city in lighting, walk path and people."""
    pool = pooled(estimates)
    pools = [replace(pool, parameter_mean=2.0 - np.array([*gap, 9.0])) for gap in gaps]
    return kinds(estimates, pools, [causes] * len(gaps))


def test_those_alike_share_their_words_however_deep_they_are(estimates):
    rng = np.random.default_rng(3)
    shapes = np.array([[0.7, 0.0, 0.68], [0.0, 1.0, 0.05]])[np.arange(20) % 2]
    gaps = (shapes + 0.05 * rng.standard_normal((20, 3))) * rng.uniform(0.3, 2, (20, 1))
    lowest = np.argmax(gaps, axis=1)
    assert set(lowest[::2]) == {0, 2}, "by themselves they would be called the one way and the other"
    found = kinds_of(estimates, gaps)
    assert set(found[1::2]) == {"hard to walk"}
    assert len(set(found[::2])) == 1
    assert found[0] in WORDS["lighting", "people"]
    order = rng.permutation(20)
    assert kinds_of(estimates, gaps[order]) == [found[row] for row in order]


def test_what_is_low_throughout_is_not_named_after_a_part(estimates):
    assert kinds_of(estimates, [[0.5, 0.5, 0.5]] * 3) != [MANY_WAYS] * 3, "two of three are most of it"
    even = np.full((1, 8), 0.5)
    assert planted_kinds(even) == [MANY_WAYS]


def planted_kinds(gaps):
    questions = tuple(
        Question(name=f"rating_{number}", kind=Kind.RATING, role=Role.PLACE, top=3) for number in range(8)
    )
    city = simulate(
        instrument=Instrument(id="eight", version=1, questions=questions),
        area=shapely.box(77.19, 28.59, 77.22, 28.62),
        first_day=date(2026, 1, 1),
        seed=0,
        audits=300,
        auditors=20,
    )
    found = detect(city.observations(), equal_weights(city.instrument), np.random.default_rng(0))
    rng = np.random.default_rng(1)
    found = replace(
        found, parameter_city=np.full(8, 2.0), parameter_mean=2 + rng.standard_normal((len(found), 8))
    )
    pools = [replace(pooled(found), parameter_mean=2.0 - gap) for gap in gaps]
    return kinds(found, pools, [tuple((f"rating_{number}", 0.1) for number in range(8))] * len(pools))


def test_a_rating_without_words_is_called_by_its_name():
    assert planted_kinds(np.array([[1.0, 0, 0, 0, 0, 0, 0, 0.9]])) == ["low rating 0 and low rating 7"]


def test_a_kind_is_only_claimed_where_a_named_rating_is_a_cause(estimates):
    assert kinds_of(estimates, [[1.0, 0.0, 0.0]], causes=EVERY[:1]) == ["dark"]
    assert kinds_of(estimates, [[1.0, 0.0, 0.0]], causes=EVERY[1:]) == [MANY_WAYS]
    assert kinds_of(estimates, [[1.0, 0.0, 0.0]], causes=()) == [MANY_WAYS]


def test_what_nobody_answered_and_how_people_feel_name_nothing(estimates):
    assert kinds_of(estimates, [[np.nan, 0.2, 0.0], [np.nan, 0.3, 0.0]]) == ["hard to walk"] * 2
    assert kinds_of(estimates, [[np.nan, np.nan, np.nan], [-0.5, -0.5, -0.5]]) == [MANY_WAYS] * 2
    unknown = replace(estimates, parameter_mean=np.full_like(estimates.parameter_mean, np.nan))
    assert kinds_of(unknown, [[0.5, 0.1, 0.1]]) == [MANY_WAYS]
    assert kinds_of(estimates, []) == []


def test_planted_kinds_are_told():
    """Whatever hotspot lies in a planted place is called after its causes, in one order for all."""
    right = {causes: [] for causes in WORDS}
    for seed in range(2):
        city = simulate(
            instrument=Instrument(
                id="eight",
                version=1,
                questions=tuple(
                    Question(name=name, kind=Kind.RATING, role=Role.PLACE, top=3) for name in NAMES
                ),
            ),
            area=shapely.box(77.12, 28.52, 77.28, 28.66),
            first_day=date(2026, 1, 1),
            seed=seed,
            audits=9000,
            auditors=150,
            scenario=Scenario(kinds=tuple(WORDS), night_only_share=0.0, zones=12, delta=0.6),
        )
        seen = detect(city.observations(), equal_weights(city.instrument), np.random.default_rng(0))
        nobody = Voices(cell=seen.cell[:0], auditor=seen.cell[:0], woman=np.zeros(0, dtype=bool))
        for spot in find(seen, Lattice(seen.cell), nobody):
            zones = city.truth.zone[city.truth.lattice.index_of(np.array(spot.cells))]
            if (zones >= 0).mean() > 0.5:
                causes = city.truth.zones[np.bincount(zones[zones >= 0]).argmax()].causes
                right[causes].append(spot.kind in WORDS[causes])
    assert all(right.values()), "both kinds were found"
    together = [one for ones in right.values() for one in ones]
    assert len(together) >= 6
    assert np.mean(together) >= 0.9
