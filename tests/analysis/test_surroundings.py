"""Streets and people around the cells: exposure, names of places, and who comes first."""

import numpy as np
import pytest
import shapely

from analysis.ranking import by_burden
from analysis.streets import NEAR_M, Streets
from analysis.surroundings import NOWHERE, Population, Surroundings
from geo import cells as h3cells
from geo.overlay import length_m

METRE = 1 / 111_195
"""Degrees of latitude."""


def objects(values):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def streets(*told):
    """Return streets of (coordinates, name)."""
    lines = [shapely.LineString(line) for line, _ in told]
    return Streets(
        lines=objects(lines), name=objects([name for _, name in told]), owner=objects([""] * len(told))
    )


@pytest.fixture(scope="module")
def middle(city_cells):
    """Return lng, lat of the centre of the middle cell, and the cell as an array."""
    cell = np.array([h3cells.cell_of(28.6, 77.2, resolution=9)])
    lat, lng = h3cells.centre(cell)
    return float(lng[0]), float(lat[0]), cell


def test_people_of_an_area_are_spread_evenly_and_points_stand_where_they_are(city_cells, middle):
    lng, lat, cell = middle
    areas = Population(
        shapes=objects([shapely.union_all(h3cells.polygons(city_cells[:4])), shapely.Point(lng, lat)]),
        people=np.array([400.0, 7.0]),
    )
    people = areas.within(city_cells)
    assert people[:4] == pytest.approx(100, rel=0.01)
    assert people[np.searchsorted(city_cells, cell[0])] == 7
    assert people.sum() == pytest.approx(407)


def test_people_outside_the_cells_are_nobodys(city_cells):
    far = Population(shapes=objects([shapely.box(0, 0, 1, 1)]), people=np.array([9.0]))
    assert far.within(city_cells).tolist() == [0.0] * len(city_cells)


@pytest.mark.parametrize("people", [[-1.0], [float("nan")], [1.0, 2.0]])
def test_impossible_numbers_of_people_are_refused(people):
    with pytest.raises(ValueError, match="people"):
        Population(shapes=objects([shapely.Point(0, 0)]), people=np.array(people))


def test_exposure_is_people_then_street_km_then_unknown(city_cells, middle):
    lng, lat, _ = middle
    road = streets(([(lng - 0.003, lat), (lng + 0.003, lat)], ""))
    people = Population(shapes=objects([shapely.Point(lng, lat)]), people=np.array([50.0]))
    both = Surroundings(streets=road, population=people).exposure(city_cells)
    assert (both.unit, both.values.sum()) == ("people", 50)
    one = Surroundings(streets=road).exposure(city_cells)
    assert one.unit == "street km"
    assert one.values.sum() == pytest.approx(length_m(road.lines)[0] / 1000, rel=1e-6)
    assert np.count_nonzero(one.values) == 3
    none = NOWHERE.exposure(city_cells)
    assert (none.unit, np.isnan(none.values).all()) == ("", True)


def test_a_place_is_at_the_crossing_closest_to_its_middle(middle):
    lng, lat, cell = middle
    east = ([(lng - 0.01, lat), (lng + 0.01, lat)], "Mall Road")
    north = ([(lng + 0.001, lat - 0.01), (lng + 0.001, lat + 0.01)], "Bank Street")
    further = ([(lng + 0.002, lat - 0.01), (lng + 0.002, lat + 0.01)], "Canal Street")
    nameless = ([(lng, lat - 0.01), (lng, lat + 0.01)], "")
    assert streets(east, north, further, nameless).near_cells(cell) == "Bank Street and Mall Road"
    assert streets(east, nameless).near_cells(cell) == "Mall Road"
    assert streets(north, further).near_cells(cell) == "Bank Street", "parallel streets do not cross"
    assert streets(east, (north[0], "Mall Road")).near_cells(cell) == "Mall Road"
    assert streets(nameless).near_cells(cell) == Streets.none().near_cells(cell) == ""


@pytest.mark.parametrize(("beyond", "named"), [(-10, "Ring Road"), (10, "")])
def test_a_street_names_what_is_near_it_and_nothing_else(middle, beyond, named):
    lng, _, cell = middle
    north = h3cells.polygon(int(cell[0])).bounds[3] + (NEAR_M + beyond) * METRE
    assert streets(([(lng - 0.01, north), (lng + 0.01, north)], "Ring Road")).near_cells(cell) == named


def test_a_crossing_too_far_away_names_nothing(middle):
    lng, lat, cell = middle
    east = ([(lng - 0.02, lat), (lng + 0.02, lat)], "Mall Road")
    far = ([(lng + 0.015, lat - 0.01), (lng + 0.015, lat + 0.01)], "Bank Street")
    assert streets(east, far).near_cells(cell) == "Mall Road"


def test_the_largest_burden_comes_first():
    deficit = np.array([0.5, 0.3, 0.1, -0.2, -0.1])
    first = np.arange(5)
    unknown = np.full(5, np.nan)
    assert by_burden(deficit, unknown, first=first).tolist() == [0, 1, 2, 4, 3]
    people = np.array([10.0, 100.0, 0.0, 1e6, 1e6])
    assert by_burden(deficit, people, first=first).tolist() == [1, 0, 2, 4, 3]
    assert by_burden(np.zeros(3), np.full(3, np.nan), first=np.array([5, 3, 4])).tolist() == [1, 2, 0]
