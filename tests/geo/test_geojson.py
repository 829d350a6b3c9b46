import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import geojson
from geo.errors import GeoJSONError

lngs, lats = st.floats(-180, 180), st.floats(-90, 90)


def test_a_polygon_is_written_counter_clockwise_to_seven_decimals():
    clockwise = shapely.Polygon([(0, 0), (0, 1.123456789), (1, 1), (1, 0)])
    assert geojson.write(clockwise) == {
        "type": "Polygon",
        "coordinates": [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.1234568], [0.0, 0.0]]],
    }


@given(lng=lngs, lat=lats)
def test_a_point_comes_back(lng, lat):
    back = geojson.read(geojson.write(shapely.Point(lng, lat)))
    assert (back.x, back.y) == pytest.approx((lng, lat), abs=5.1e-8)


@given(
    west=st.floats(-170, 170), south=st.floats(-80, 80), width=st.floats(0.01, 9), height=st.floats(0.01, 9)
)
def test_a_polygon_with_a_hole_comes_back(west, south, width, height):
    box = shapely.box(west, south, west + width, south + height)
    ring = box.difference(shapely.affinity.scale(box, 0.5, 0.5))
    assert shapely.equals_exact(geojson.read(geojson.write(ring)), ring, 1e-7, normalize=True)


def test_heights_are_left_out():
    assert geojson.read({"type": "Point", "coordinates": [1, 2, 300]}).has_z is False


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"type": "Circle", "coordinates": [0, 0]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": "here"},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": [float("nan"), 0]},
        {"type": "Point", "coordinates": [object(), 0]},
        {"type": "Feature", "geometry": None, "properties": {}},
        {"type": "FeatureCollection", "features": []},
        [],
        None,
    ],
)
def test_what_is_no_geojson_is_refused(document):
    with pytest.raises(GeoJSONError, match="GeoJSON"):
        geojson.read(document)


@pytest.mark.parametrize("point", [[181, 0], [0, 91], [500000, 4100000]])
def test_coordinates_off_the_earth_name_the_remedy(point):
    with pytest.raises(GeoJSONError, match="reproject the file to EPSG:4326"):
        geojson.read({"type": "Point", "coordinates": point})
