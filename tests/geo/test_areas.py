import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon

from geo import areas, cells
from geo.areas import EARTH_RADIUS_M, Boundary, read_boundary
from geo.errors import BoundaryError, GeoJSONError

METRES_PER_DEGREE = math.radians(EARTH_RADIUS_M)
BOW_TIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}


def box_document(west, south, east, north):
    return shapely.geometry.mapping(shapely.box(west, south, east, north))


def test_the_sphere_has_its_area():
    globe = 4 * math.pi * (EARTH_RADIUS_M / 1000) ** 2
    assert areas.area_km2(shapely.box(-180, -90, 180, 90)) == pytest.approx(globe)
    assert globe == pytest.approx(510_065_622, rel=1e-6)  # WGS 84, same surface by definition


@given(st.floats(-179, 178), st.floats(-89, 88), st.floats(0.001, 1), st.floats(0.001, 1))
def test_a_box_has_the_area_of_a_lune_between_two_parallels(west, south, width, height):
    box = shapely.box(west, south, west + width, south + height)
    zone = math.sin(math.radians(south + height)) - math.sin(math.radians(south))
    expected = (EARTH_RADIUS_M / 1000) ** 2 * math.radians(width) * zone
    assert areas.area_km2(box) == pytest.approx(expected, rel=1e-6)


def test_a_slanting_edge_has_its_exact_integral():
    # Under the edge from (0, 0) to (40, 60): R^2 times the integral of sin(1.5 lng) over lng from 0 to 40
    triangle = shapely.Polygon([(0, 0), (40, 0), (40, 60)])
    expected = (EARTH_RADIUS_M / 1000) ** 2 * (1 - math.cos(math.radians(60))) / 1.5
    assert areas.area_km2(triangle) == pytest.approx(expected)


def test_holes_count_off_and_lines_count_nothing():
    ring = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    expected = areas.area_km2(shapely.box(0, 0, 3, 3)) - areas.area_km2(shapely.box(1, 1, 2, 2))
    assert areas.area_km2(ring) == pytest.approx(expected)
    assert areas.area_km2(shapely.reverse(ring)) == pytest.approx(expected)
    assert areas.area_km2(shapely.GeometryCollection([ring, shapely.LineString([(5, 5), (6, 6)])])) == (
        pytest.approx(expected)
    )


@pytest.mark.parametrize(
    "wrap",
    [
        lambda polygon: polygon,
        lambda polygon: {"type": "Feature", "properties": {"name": "x"}, "geometry": polygon},
        lambda polygon: {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": polygon}]},
        lambda polygon: {"type": "GeometryCollection", "geometries": [polygon]},
    ],
    ids=["geometry", "feature", "collection", "geometries"],
)
def test_any_geojson_is_a_boundary(wrap):
    read = read_boundary(wrap(box_document(77, 28, 78, 29)))
    assert read.notes == ()
    assert read.area.equals(shapely.box(77, 28, 78, 29))
    assert read.area.geom_type == "MultiPolygon"


def test_a_box_as_text():
    assert read_boundary("77, 28, 78, 29").area.equals(shapely.box(77, 28, 78, 29))


def test_a_box_across_the_antimeridian_is_two_polygons():
    fiji = read_boundary("177,-20,-178,-15").area
    assert len(fiji.geoms) == 2
    assert areas.area_km2(fiji) == pytest.approx(areas.area_km2(shapely.box(0, -20, 5, -15)))
    assert len(read_boundary("177,-20,-180,-15").area.geoms) == 1


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "0,0,1,nan", "0,10,1,-10", "5,0,5,1", "0,0,200,1"])
def test_a_text_that_is_no_box_is_named(text):
    with pytest.raises(BoundaryError, match=r"needs|write west,south,east,north"):
        read_boundary(text)


def test_an_invalid_shape_is_repaired_and_said():
    read = read_boundary(BOW_TIE)
    assert read.area.is_valid
    assert read.area.area == pytest.approx(0.5)
    assert len(read.notes) == 1
    assert "1 of 1 shapes repaired: Self-intersection" in read.notes[0]


def test_overlaps_are_merged_and_said():
    one, two = box_document(0, 0, 2, 1), box_document(1, 0, 3, 1)
    read = read_boundary({"type": "GeometryCollection", "geometries": [one, two]})
    assert read.area.area == pytest.approx(3)
    assert read.notes == ("overlapping shapes merged",)


def test_lines_beside_polygons_are_left_out_and_said():
    line = {"type": "LineString", "coordinates": [[0, 0], [5, 5]]}
    read = read_boundary({"type": "GeometryCollection", "geometries": [line, box_document(0, 0, 1, 1)]})
    assert read.area.area == pytest.approx(1)
    assert read.notes == ("points and lines left out: only polygons enclose an area",)


@pytest.mark.parametrize(
    "document",
    [
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0], [0, 0]]]},
    ],
)
def test_what_encloses_nothing_is_no_boundary(document):
    with pytest.raises(BoundaryError, match="encloses no area"):
        read_boundary(document)


def test_projected_coordinates_are_refused_with_the_remedy():
    with pytest.raises(GeoJSONError, match="reproject the file to EPSG:4326"):
        read_boundary(box_document(500_000, 3_000_000, 600_000, 3_100_000))


@pytest.mark.parametrize("lat", [0.0, 28.6, -54.8, 69.65])
@pytest.mark.parametrize("metres", [1.0, 50.0, 200.0])
def test_metres_outside_in_every_direction(lat, metres):
    boundary = Boundary(read_boundary(f"10,{lat - 0.2},10.5,{lat + 0.2}").area)
    north_south = metres / METRES_PER_DEGREE
    lats = np.array([lat + 0.2 + north_south, lat - 0.2 - north_south, lat, lat])
    east_west = north_south / math.cos(math.radians(lat))
    lngs = np.array([10.2, 10.2, 10.5 + east_west, 10 - east_west])
    assert boundary.distance_m(lats, lngs) == pytest.approx([metres] * 4, rel=1e-3)


def test_metres_from_a_slanting_edge():
    # 30 km edge from (0,45) to (0.3,45.2); its perpendicular foot computed in a local equirectangular plane
    triangle = shapely.MultiPolygon([shapely.Polygon([(0, 45), (0.3, 45.2), (0.3, 45)])])
    east, north = 0.3 * math.cos(math.radians(45.1)), 0.2
    length = math.hypot(east, north)
    off = 100 / METRES_PER_DEGREE
    lng = 0.15 - off * north / length / math.cos(math.radians(45.1))
    lat = 45.1 + off * east / length
    assert Boundary(triangle).distance_m([lat], [lng])[0] == pytest.approx(100, abs=1.5)


def test_inside_is_zero_and_nan_stays_nan():
    boundary = Boundary(read_boundary("10,10,11,11").area)
    assert boundary.distance_m([10.5, 10.0, np.nan], [10.5, 10.0, 10.5]).tolist()[:2] == [0, 0]
    assert np.isnan(boundary.distance_m([np.nan], [10.5])[0])
    assert boundary.distance_m([], []).shape == (0,)


def test_far_away_is_far_away():
    boundary = Boundary(read_boundary("10,10,11,11").area)
    assert (boundary.distance_m([0.0, 90.0, -90.0, 10.5], [0.0, 0.0, 0.0, -170.0]) > 1e5).all()


@pytest.mark.parametrize(("box", "lng"), [("179.5,-17,180,-16", -179.999), ("-180,-17,-179.5,-16", 179.999)])
def test_the_antimeridian_is_no_wall(box, lng):
    expected = 0.001 * METRES_PER_DEGREE * math.cos(math.radians(16.5))
    found = Boundary(read_boundary(box).area).distance_m([-16.5], [lng])
    assert found[0] == pytest.approx(expected, rel=1e-3)


def test_a_cell_is_as_large_as_h3_says():
    delhi = cells.cell_of(28.6, 77.2, resolution=9)
    assert areas.area_km2(cells.polygon(delhi)) == pytest.approx(
        cells.area_km2(np.array([delhi]))[0], rel=1e-4
    )


def test_what_two_areas_share_is_an_area():
    one, beside, apart = (MultiPolygon([shapely.box(x, 0, x + 1, 1)]) for x in (0, 1, 5))
    across = MultiPolygon([shapely.box(0.5, 0, 1.5, 0.5)])
    assert areas.common(one, across).equals(shapely.box(0.5, 0, 1, 0.5))
    assert areas.common(one, beside).is_empty
    assert areas.common(one, apart).is_empty


def test_a_mended_shape_is_the_area_it_encloses():
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    assert areas.mended(bow_tie).is_valid
    assert areas.mended(bow_tie).area == pytest.approx(2)
    assert areas.mended(shapely.Point(1, 1)).is_empty
