"""Zone files: named, mended, kept to the city, replaced whole."""

import json
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely

from geo.areas import read_boundary
from server.cities import City, CityDirectory
from server.database import Database
from server.errors import Invalid, Unparsable
from server.importing.zones import read_zones
from server.queries.zones import ZoneSet, ZoneShape, delete_zones, list_sets, list_zones, replace_zones
from tests.conftest import make_city


def box(west: float, south: float, size: float = 0.02) -> dict[str, Any]:
    return dict(shapely.box(west, south, west + size, south + size).__geo_interface__)


NORTH, SOUTH, FAR = box(77.21, 28.60), box(77.21, 28.56), box(10.0, 10.0)
BOW_TIE = {
    "type": "Polygon",
    "coordinates": [[[77.21, 28.56], [77.23, 28.58], [77.23, 28.56], [77.21, 28.58], [77.21, 28.56]]],
}


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(*features: tuple[object, object], crs: str | None = None) -> Path:
        path = tmp_path / "wards.geojson"
        document: dict[str, Any] = {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "geometry": shape, "properties": {"ward": name, "seats": 3}}
                for name, shape in features
            ],
        }
        if crs:
            document["crs"] = {"type": "name", "properties": {"name": crs}}
        path.write_text(json.dumps(document))
        return path

    return write


def faults(path: Path, city: City, name_field: str = "ward") -> list[str]:
    with pytest.raises(Invalid) as refused:
        read_zones(path, name_field=name_field, city=city)
    return [fault.detail for fault in refused.value.faults]


def test_shapes_are_mended_and_strangers_left_out(file: Any, city: City) -> None:
    line = {"type": "LineString", "coordinates": [[77.21, 28.56], [77.22, 28.57]]}
    path = file((" North \n ward", NORTH), ("South", BOW_TIE), ("far", FAR), ("road", line), ("none", None))
    read = read_zones(path, name_field="ward", city=city)
    assert [zone.name for zone in read.zones] == ["North ward", "South"]
    assert all(zone.area.is_valid and zone.area.area > 0 for zone in read.zones)
    assert sorted(read.notes) == [
        "1 invalid shapes repaired",
        "1 outside the city, left out",
        "2 are no areas, left out",
    ]


def test_numbers_are_names_without_a_point(file: Any, city: City) -> None:
    read = read_zones(file((7.0, NORTH), (8.5, SOUTH)), name_field="ward", city=city)
    assert [zone.name for zone in read.zones] == ["7", "8.5"]


def test_a_missing_name_field_is_answered_by_those_there_are(file: Any, city: City) -> None:
    assert faults(file(("a", NORTH)), city, "name") == ["no field 'name'; they are ward, seats"]


def test_names_that_are_missing_or_given_twice_are_all_named(file: Any, city: City) -> None:
    path = file(("a", NORTH), ("a", SOUTH), (None, NORTH), ("x" * 201, SOUTH), ("b", NORTH))
    assert faults(path, city) == [
        "a name must have 1 to 200 characters, this has 0",
        "a name must have 1 to 200 characters, this has 201",
        "'a' names features 1, 2; names must differ",
    ]
    twice_elsewhere = file(("a", NORTH), ("b", FAR), ("b", FAR))
    assert len(read_zones(twice_elsewhere, name_field="ward", city=city).zones) == 1


def test_a_file_without_a_zone_of_the_city_is_refused(file: Any, city: City) -> None:
    with pytest.raises(Invalid, match="no zone of Testville: 1 outside the city, left out"):
        read_zones(file(("far", FAR)), name_field="ward", city=city)


def test_coordinates_that_are_no_degrees_are_refused(file: Any, city: City, tmp_path: Path) -> None:
    metres = box(8_595_000, 3_320_000, 1_000)
    with pytest.raises(Unparsable, match="reproject"):
        read_zones(file(("a", metres), crs="urn:ogc:def:crs:EPSG::3857"), name_field="ward", city=city)
    with pytest.raises(Invalid, match="reproject"):
        read_zones(file(("a", metres)), name_field="ward", city=city)


def test_overlaps_and_zones_without_a_centre_are_said(file: Any, city: City) -> None:
    path = file(("a", NORTH), ("b", box(77.22, 28.61)), ("yard", box(77.211, 28.561, 0.0001)))
    assert read_zones(path, name_field="ward", city=city).notes == (
        "1 pairs of zones overlap, such as 'a' and 'b'; a cell in both counts in both",
        "1 hold no centre of a cell, so no figures, such as 'yard'",
    )


def test_neighbours_that_share_an_edge_do_not_overlap(file: Any, city: City) -> None:
    path = file(("a", NORTH), ("b", box(77.23, 28.60)))
    assert read_zones(path, name_field="ward", city=city).notes == ()


def test_a_geopackage_gives_the_same(file: Any, city: City, tmp_path: Path) -> None:
    path = file(("a", NORTH), ("b", SOUTH))
    packed = tmp_path / "wards.gpkg"
    pyogrio.write_dataframe(pyogrio.read_dataframe(path), packed)
    read = [read_zones(one, name_field="ward", city=city).zones for one in (path, packed)]
    assert [zone.name for zone in read[1]] == ["a", "b"]
    assert all(one.area.equals(other.area) for one, other in zip(*read, strict=True))


def test_a_set_is_replaced_whole_and_others_stay(database: Database, city: City) -> None:
    def load(name: str, *zones: str) -> None:
        shapes = [ZoneShape(name=zone, area=read_boundary("77.21,28.56,77.22,28.57").area) for zone in zones]
        with database.transaction() as connection:
            described = ZoneSet(name=name, licence="CC0", attribution="Survey")
            replace_zones(connection, city_id=city.city_id, described=described, shapes=shapes)

    load("wards", "a", "b")
    load("beats", "a")
    load("wards", "c")
    with database.transaction() as connection:
        sets = list_sets(connection, city_id=city.city_id)
        assert [(one.name, one.zones, one.licence, one.attribution) for one in sets] == [
            ("beats", 1, "CC0", "Survey"),
            ("wards", 1, "CC0", "Survey"),
        ]
        [zone] = list_zones(connection, city_id=city.city_id, set_name="wards")
        assert zone.name == "c"
        assert zone.area.geom_type == "MultiPolygon"
        assert list_sets(connection, city_id=city.city_id + 1) == []
        assert delete_zones(connection, city_id=city.city_id, name="wards")
        assert not delete_zones(connection, city_id=city.city_id, name="wards")
        assert list_zones(connection, city_id=city.city_id, set_name="wards") == []


REAL = {
    "bogota_localidades": ("name", 19, "-74.46,3.72,-73.98,4.84", "overlap"),
    "london_boroughs": ("name", 33, "-0.6,51.2,0.4,51.8", None),
    "mumbai_wards": ("name", 24, "72.7,18.8,73.1,19.4", None),
    "nairobi_wards": ("ward", 85, "36.6,-1.5,37.2,-1.1", "1 invalid shapes repaired"),
    "nottingham_wards": ("ward_name", 20, "-1.3,52.8,-1.0,53.1", None),
    "nyc_boroughs": ("name", 5, "-74.3,40.4,-73.6,41.0", "1 invalid shapes repaired"),
    "san_francisco_neighbourhoods": ("name", 37, "-122.6,37.6,-122.3,37.9", "3 invalid shapes repaired"),
    "seattle_neighbourhoods": ("name", 90, "-122.5,47.4,-122.2,47.8", None),
}


@pytest.mark.parametrize("name", REAL)
def test_real_zones_are_read_with_their_defects(
    database: Database, cities: CityDirectory, shared_data: Path, name: str
) -> None:
    field, count, bounds, said = REAL[name]
    make_city(database, "real", area=read_boundary(bounds).area)
    path = shared_data / "zones" / f"{name}.geojson"
    read = read_zones(path, name_field=field, city=cities.get("real"))
    assert len(read.zones) == count
    assert all(zone.area.is_valid for zone in read.zones)
    assert said is None or any(said in note for note in read.notes)
