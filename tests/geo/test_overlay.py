"""Shapes over cells: nothing is lost, nothing counted twice, metres are metres."""

import numpy as np
import pytest
import shapely

from geo import cells as h3cells
from geo.areas import area_km2
from geo.overlay import length_m, shares, within
from geo.plane import Plane


def around(lat, lng, *, k=4):
    return np.sort(h3cells.disc(h3cells.cell_of(lat, lng, resolution=9), k=k))


def shapes(*found):
    array = np.empty(len(found), dtype=object)
    array[:] = found
    return array


def totals(found, count):
    return np.bincount(found.shape, found.share, minlength=count)


@pytest.mark.parametrize(("lat", "lng"), [(28.6, 77.2), (-36.8, 174.8), (64.1, -21.9), (-16.8, 180.0)])
def test_what_lies_within_the_cells_is_shared_out_whole(lat, lng):
    step, turn = 0.004, -360 if lng == 180.0 else 0
    lines = shapes(
        shapely.LineString([(lng - step, lat), (lng, lat + step)]),
        shapely.LineString([(lng - step, lat), (lng - step, lat - 0.001)]),
        shapely.Polygon([(lng - step, lat - step), (lng, lat - step), (lng, lat), (lng - step, lat)]),
        shapely.MultiPoint([(lng - step, lat), (lng + turn + step, lat + step)]),
    )
    cells = around(lat, lng)
    found = shares(lines, cells)
    assert totals(found, 4) == pytest.approx(np.ones(4), abs=1e-9)
    assert found.share.min() >= 0
    assert len(set(zip(found.shape.tolist(), found.cell.tolist(), strict=True))) == len(found.share)


def test_shares_of_an_area_are_those_of_its_size():
    cells = around(28.6, 77.2, k=1)
    whole = h3cells.polygon(int(cells[0]))
    area = shapely.union_all([whole, h3cells.polygon(int(cells[1]))])
    found = shares(shapes(area), cells[:1])
    assert found.share[0] == pytest.approx(area_km2(whole) / area_km2(area), rel=1e-4)


def test_what_lies_elsewhere_has_no_share():
    far = shapes(shapely.Point(10, 10), shapely.LineString([(10, 10), (11, 11)]), shapely.box(1, 1, 2, 2))
    assert not len(shares(far, around(28.6, 77.2)).share)
    assert not len(shares(far, around(28.6, 77.2)[:0]).share)
    assert not len(shares(far[:0], around(28.6, 77.2)).share)


def test_lengths_are_great_circles_and_parts_are_not_joined():
    degree = np.pi / 180 * 6_371_007.18
    lines = shapes(
        shapely.LineString([(0, 0), (0, 1)]),
        shapely.LineString([(0, 60), (0.01, 60)]),
        shapely.MultiLineString([[(0, 0), (1, 0)], [(5, 0), (5, 1)]]),
        shapely.Point(3, 3),
        shapely.LineString([(179.995, 0), (180, 0)]),
    )
    expected = [degree, 0.01 * degree / 2, 2 * degree, 0, 0.005 * degree]
    assert length_m(lines) == pytest.approx(expected, rel=1e-6)
    assert length_m(lines[:0]).shape == (0,)


def test_lines_are_cut_at_an_area():
    lines = shapes(shapely.LineString([(0, 0), (2, 0)]), shapely.LineString([(0.2, 0), (0.8, 0)]))
    cut = within(lines, shapely.box(0, -1, 1, 1))
    assert shapely.length(cut) == pytest.approx([1, 0.6])
    assert shapely.length(lines) == pytest.approx([2, 0.6]), "what was given stays as it was"


@pytest.mark.parametrize(("lat", "lng"), [(28.6, 77.2), (52.95, -1.15), (-16.8, 179.99)])
def test_the_plane_is_in_metres_and_goes_back(lat, lng):
    points = np.array([[lng, lat], [lng, lat + 0.1], [lng - 0.1, lat]])
    plane = Plane.around(shapely.points(points))
    flat = plane.flat(points)
    assert plane.degrees(flat) == pytest.approx(points)
    line = shapely.linestrings([points[[0, 2]]])
    assert np.linalg.norm(flat[0] - flat[1]) == pytest.approx(11_119.5, rel=1e-4)
    assert np.linalg.norm(flat[0] - flat[2]) == pytest.approx(length_m(line)[0], rel=5e-3)


def test_the_plane_is_whole_across_the_antimeridian():
    points = np.array([[179.99, -16.8], [-179.99, -16.8]])
    flat = Plane.around(shapely.points(points)).flat(points)
    assert np.linalg.norm(flat[0] - flat[1]) < 2_200
