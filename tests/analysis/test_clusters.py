"""Where points crowd: planted crowds are found, scattered points are not, and nobody's spot is shown."""

import numpy as np
import pytest
import shapely

from analysis.clusters import NOBODY, SMALLEST, Reports, clusters
from analysis.observations import NO_DAY
from geo import cells as h3cells
from geo.areas import area_km2

METRE = 1 / 111_195
PLACES = np.array([[77.20, 28.60], [77.23, 28.61], [77.21, 28.64]])


def reports(points, *, person=NOBODY, day=20_000):
    n = len(points)
    return Reports(
        lng=points[:, 0],
        lat=points[:, 1],
        day=np.broadcast_to(np.asarray(day, dtype=np.int32), n).copy(),
        person=np.broadcast_to(np.asarray(person, dtype=np.int64), n).copy(),
    )


def crowds(rng, *, each=60, spread_m=60, noise=300, places=PLACES):
    """Return points: crowds around places, and others scattered over about 10 by 11 km."""
    near = [place + rng.normal(0, spread_m * METRE, (each, 2)) for place in places]
    scattered = rng.uniform([77.15, 28.55], [77.27, 28.66], (noise, 2))
    return np.concatenate([*near, scattered])


def found_in(points, **options):
    return clusters(reports(points), np.random.default_rng(0), **options)


def near(found, place, *, metres=150):
    return [one for one in found if one.shape.distance(shapely.Point(place)) < metres * METRE]


@pytest.mark.parametrize("seed", range(5))
def test_planted_crowds_come_first_and_are_counted(seed):
    rng = np.random.default_rng(seed)
    found = found_in(crowds(rng))
    assert all(any(one.shape.contains(shapely.Point(place)) for one in found[:3]) for place in PLACES)
    assert [one.points for one in found] == sorted((one.points for one in found), reverse=True)
    assert all(45 <= one.points <= 65 for one in found[:3])
    assert all(one.area_km2 < 0.12 for one in found[:3]), "stragglers do not stretch a shape"
    assert all(one.points >= SMALLEST and one.recorded for one in found)


@pytest.mark.parametrize("count", [60, 200, 1_000, 5_000])
def test_points_strewn_by_chance_make_hardly_a_cluster(count):
    found = [
        found_in(np.random.default_rng(seed).uniform([77.15, 28.55], [77.27, 28.66], (count, 2)))
        for seed in range(8)
    ]
    assert sum(map(len, found)) <= 3
    assert all(one.points <= 0.07 * count for clusters_ in found for one in clusters_)


def test_a_crowd_within_a_thin_one_is_found():
    """A quarter with more than the rest of the city, and two corners of it with much more."""
    rng = np.random.default_rng(0)
    quarter = PLACES[0] + rng.uniform(-1_500 * METRE, 1_500 * METRE, (300, 2))
    corners = [PLACES[0] + shift + rng.normal(0, 30 * METRE, (25, 2)) for shift in (-0.005, 0.005)]
    rest = rng.uniform([77.0, 28.4], [77.4, 28.8], (200, 2))
    found = found_in(np.concatenate([quarter, *corners, rest]))
    for shift in (-0.005, 0.005):
        assert any(one.shape.contains(shapely.Point(PLACES[0] + shift)) for one in found)


def test_the_same_points_in_another_order_give_the_same_clusters():
    points = crowds(np.random.default_rng(1))
    first = found_in(points)
    second = found_in(points[np.random.default_rng(2).permutation(len(points))])
    assert [one.shape.wkb for one in first] == [one.shape.wkb for one in second]


def test_of_many_points_some_are_drawn_and_all_are_counted():
    points = crowds(np.random.default_rng(3), each=600, noise=3_000)
    whole, drawn = found_in(points), found_in(points, most=1_500)
    for place in PLACES:
        [one], [other] = near(whole[:3], place), near(drawn[:3], place)
        assert other.points == pytest.approx(one.points, rel=0.05)
    assert [one.shape.wkb for one in drawn] == [one.shape.wkb for one in found_in(points[::-1], most=1_500)]


def test_the_area_is_that_of_the_shape_and_a_corner_has_one():
    corners = np.repeat(PLACES, 15, axis=0)
    found = found_in(corners)
    assert len(found) == 3
    for one in found:
        assert one.points == 15
        assert one.area_km2 == pytest.approx(np.pi * 0.025**2, rel=0.02)
        assert one.area_km2 == pytest.approx(area_km2(one.shape), rel=0.01)


@pytest.mark.parametrize("count", [0, 1, SMALLEST, 2 * SMALLEST - 1])
def test_few_points_are_no_clusters(count):
    assert found_in(np.repeat(PLACES[:1], count, axis=0)) == []


def test_one_crowd_alone_is_the_city_and_no_cluster():
    assert found_in(np.repeat(PLACES[:1], 100, axis=0)) == []


def test_times_are_the_first_and_last_known():
    points = np.repeat(PLACES, 15, axis=0)
    day = np.where(np.arange(45) % 15 == 0, NO_DAY, 20_000 + np.arange(45))
    day[30:] = NO_DAY
    found = clusters(reports(points, day=day), np.random.default_rng(0))
    told = {near(found, place)[0].first_day: near(found, place)[0].last_day for place in PLACES}
    assert told == {20_001: 20_014, 20_016: 20_029, NO_DAY: NO_DAY}


def test_across_the_antimeridian_a_cluster_is_split_there():
    places = np.array([[180.0, -16.8], [179.95, -16.85], [-179.95, -16.75]])
    points = crowds(np.random.default_rng(0), places=places, noise=0)
    points[:, 0] = (points[:, 0] + 180) % 360 - 180
    found = found_in(points)
    assert len(found) == 3
    bounds = np.array([one.shape.bounds for one in found])
    assert bounds.min() >= -180
    assert bounds.max() <= 180
    assert sorted(len(one.shape.geoms) for one in found) == [1, 1, 2]
    assert all(one.area_km2 == pytest.approx(area_km2(one.shape), rel=0.02) for one in found)


def test_peoples_reports_are_shown_by_a_circle_that_no_one_place_makes():
    rng = np.random.default_rng(5)
    points = crowds(rng, noise=0)
    person = np.arange(len(points)) % 20
    found = clusters(reports(points, person=person), rng)
    assert len(found) == 3
    for one in found:
        assert not one.recorded
        assert 15 <= one.people <= 20
        edge = shapely.get_coordinates(one.shape)
        middle = np.array(one.shape.centroid.coords[0])
        scale = [0.878 / METRE, 1 / METRE]
        radius = np.linalg.norm((edge - middle) * scale, axis=1)
        assert radius.std() < 0.02 * radius.mean(), "a circle, not a hull"


def test_one_persons_many_reports_weigh_as_one_in_the_circle():
    """Twenty people here, another one twenty times to the north: the circle stays with the twenty."""
    rng = np.random.default_rng(1)
    here = PLACES[0] + rng.normal(0, 40 * METRE, (40, 2))
    here[20:, 1] += 90 * METRE
    far = PLACES[1] + rng.normal(0, 40 * METRE, (40, 2))
    person = np.concatenate([np.arange(20), np.full(20, 20), np.arange(40) + 50])
    [one] = near(clusters(reports(np.concatenate([here, far]), person=person), rng), PLACES[0])
    assert one.people >= 18
    assert one.points >= 30, "both are in it"
    assert (one.shape.centroid.y - PLACES[0][1]) / METRE < 25


def test_reports_of_audits_are_of_counted_auditors_once_a_cell(audits):
    cell = int(h3cells.cell_of(28.6, 77.2, resolution=11))
    other = int(h3cells.cell_of(28.61, 77.2, resolution=11))
    seen = audits(
        [[0, 0, 0, 0]] * 5,
        cell=[cell, cell, cell, other, cell],
        auditor=[0, 0, 1, 0, 2],
        counted=[True, True, True, True, False],
        day=[100, 300, 200, 400, 500],
    )
    found = Reports.of_audits(seen)
    assert sorted(zip(found.person.tolist(), found.day.tolist(), strict=True)) == [
        (0, 300),
        (0, 400),
        (1, 200),
    ]
    lat, lng = h3cells.centre(np.array([cell]))
    assert np.count_nonzero((found.lat == lat) & (found.lng == lng)) == 2
    assert len(Reports.of_audits(audits([], cell=1, auditor=0))) == 0
