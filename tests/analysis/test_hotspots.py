import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.hotspots import find, match
from analysis.recipe import analyse
from geo.lattice import Lattice

sets = st.lists(st.frozensets(st.integers(0, 12), min_size=1, max_size=6), max_size=5)


@pytest.fixture(scope="module")
def everything(diced):
    return analyse(diced(4000, auditors=120, seed=5), seed=0).everything


def reclassed(variant, classes):
    """Return the variant with the given classes by cell, none elsewhere."""
    estimates = variant.estimates
    estimates.klass[:] = "none"
    for cell, klass in classes.items():
        estimates.klass[estimates.cell == cell] = klass
    return variant


def test_the_planted_zone_is_one_hotspot_with_its_reasons(everything, zone):
    (spot,) = everything.hotspots()
    assert set(zone.tolist()) <= set(spot.cells)
    assert spot.rank == 1
    assert spot.pool.score_low < spot.pool.score < spot.pool.score_high < 3.2
    assert {name for name, _ in spot.causes} == {"lighting", "walk_path", "people"}
    assert set(spot.needs) == {"lighting", "walk_path"}
    assert len(spot.kind.split(" and ")) == 2
    assert spot.area_km2 == pytest.approx(0.105 * len(spot.cells), rel=0.1)
    assert spot.trend == "same"


def test_kinds_speak_plainly(diced):
    (spot,) = analyse(diced(4000, auditors=120, seed=6, low="people", shift=2), seed=0).everything.hotspots()
    assert spot.kind == "deserted"
    assert spot.needs == ()


def test_people_are_counted_once_in_a_hotspot(everything):
    (spot,) = everything.hotspots()
    inside = np.isin(everything.voices.cell, spot.cells)
    assert spot.auditors == len(set(everything.voices.auditor[inside].tolist()))
    women = inside & everything.voices.woman
    assert spot.women == len(set(everything.voices.auditor[women].tolist()))
    assert spot.auditors < inside.sum(), "auditors come to several cells"


def test_components_touch_and_watch_does_not_join(diced, city_cells):
    variant = analyse(diced(2000, auditors=60, seed=7, shift=0), seed=0).everything
    lattice = Lattice(variant.estimates.cell)
    first = int(city_cells[0])
    beside = [
        cell
        for cell in variant.estimates.cell[
            lattice.disc_matrix(1).toarray()[lattice.index_of(city_cells[:1])[0]] > 0
        ].tolist()
        if cell != first
    ]
    far = int(city_cells[-1])
    spots = reclassed(variant, {first: "hot", beside[0]: "severe", beside[1]: "watch", far: "hot"}).hotspots()
    assert {spot.cells for spot in spots} == {tuple(sorted((first, beside[0]))), (far,)}
    assert [spot.rank for spot in spots] == [1, 2]
    assert spots[0].deficit >= spots[1].deficit


def test_hotspots_join_only_the_cells_they_are_given(everything, zone):
    part = everything.where(~np.isin(everything.estimates.cell, zone))
    cells = {cell for spot in part.hotspots() for cell in spot.cells}
    assert not cells & set(zone.tolist())


def test_no_cells_no_hotspots(everything):
    nothing = everything.where(np.zeros(len(everything.estimates), dtype=bool))
    assert find(nothing.estimates, Lattice(nothing.estimates.cell), nothing.voices) == []


@given(sets, sets)
def test_ids_differ_and_are_kept_only_by_who_has_half(new, previous):
    old = {f"old{number}": cells for number, cells in enumerate(previous)}
    ids = match(new, old)
    assert len(set(ids)) == len(ids) == len(new)
    for name, cells in zip(ids, new, strict=True):
        if name in old:
            assert 2 * len(cells & old[name]) >= len(old[name])


@given(sets)
def test_unchanged_hotspots_keep_their_ids(cells):
    distinct = list(dict.fromkeys(cells))
    first = match(distinct, {})
    assert match(distinct, dict(zip(first, distinct, strict=True))) == first
    assert match(distinct[::-1], dict(zip(first, distinct, strict=True))) == first[::-1]


def test_the_larger_half_keeps_the_id():
    assert match([{1, 2}, {3, 4, 5}], {"old": {1, 2, 3, 4, 5}})[1] == "old"
    assert "old" not in match([{1, 2}], {"old": {1, 2, 3, 4, 5}})


def test_a_new_hotspot_never_takes_an_id_that_was_anothers():
    (name,) = match([{1, 2}], {})
    moved = match([{1, 2}, {7, 8, 9}], {name: {7, 8, 9}})
    assert moved[1] == name
    assert moved[0] != name
