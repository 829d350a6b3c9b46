"""Reference data: mended, cut to the city, replaced whole."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from geo.areas import read_boundary
from geo.cells import covering
from server.cities import City, CityDirectory
from server.database import Database
from server.errors import Invalid
from server.importing.reference import ReferenceReader
from server.publishing.surroundings import read_surroundings
from server.queries.reference import ReferenceSet, replace_reference
from tests.conftest import make_city

BOW_TIE = [[77.21, 28.56], [77.22, 28.57], [77.22, 28.56], [77.21, 28.57], [77.21, 28.56]]
SQUARE = [[77.21, 28.56], [77.22, 28.56], [77.22, 28.57], [77.21, 28.57], [77.21, 28.56]]


def collection(*geometries: object) -> str:
    features = [
        {"type": "Feature", "geometry": geometry, "properties": {"people": index, "note": None}}
        for index, geometry in enumerate(geometries)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def load(database: Database, city: City, reader: ReferenceReader, kind: str, name: str = "set") -> int:
    with database.transaction() as connection:
        described = ReferenceSet(kind=kind, name=name, licence="CC0")
        return replace_reference(
            connection, city_id=city.city_id, described=described, features=reader.features()
        )


def stored(database: Database) -> list[tuple[object, ...]]:
    columns = "kind, name, feature_id, ST_IsValid(geom), occurred_at, properties"
    query = f"SELECT {columns} FROM reference_feature ORDER BY name, feature_id"
    with database.transaction() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_invalid_shapes_are_repaired_and_strangers_left_out(
    database: Database, city: City, tmp_path: Path
) -> None:
    path = tmp_path / "people.geojson"
    path.write_text(
        collection(
            {"type": "Polygon", "coordinates": [BOW_TIE]},
            {"type": "Polygon", "coordinates": [SQUARE]},
            {"type": "LineString", "coordinates": SQUARE},
            {"type": "Point", "coordinates": [10, 10]},
            None,
        )
    )
    reader = ReferenceReader(path, kind="population", city=city)
    assert load(database, city, reader, "population") == 2
    assert reader.notes == [
        "people are read from 'people'",
        "1 invalid shapes repaired",
        "2 are no areas or points, left out",
        "1 outside the city, left out",
    ]
    assert [(row[2], row[3], row[5]) for row in stored(database)] == [
        ("1", True, {"people": 0}),
        ("2", True, {"people": 1}),
    ]


def test_a_set_is_replaced_whole_and_others_stay(database: Database, city: City, tmp_path: Path) -> None:
    path = tmp_path / "incidents.csv"
    path.write_text("latitude,longitude,date_time\n28.6,77.25,2026-10-05 21:00\n28.6,77.26,never\n,77.2,\n")
    for _ in range(2):
        reader = ReferenceReader(path, kind="incidents", city=city)
        assert load(database, city, reader, "incidents") == 2
    assert "times are read from 'date_time'" in reader.notes
    assert "1 times not readable, features kept without" in reader.notes
    path.write_text("lat,lng\n28.6,77.25\n")
    load(database, city, ReferenceReader(path, kind="incidents", city=city), "incidents", name="other")
    found = stored(database)
    assert [(row[1], row[2]) for row in found] == [("set", "1"), ("other", "1"), ("set", "2")] or len(
        found
    ) == 3
    times = [row[4] for row in found if row[1] == "set"]
    assert [None if one is None else one.isoformat() for one in times] == ["2026-10-05T15:30:00+00:00", None]


def test_impossible_numbers_of_people_are_left_out_and_the_first_is_named(
    database: Database, city: City, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("lat,lng,POP\n28.6,77.25,12.5\n28.6,77.25,-1\n28.6,77.25,many\n28.6,77.25,\n")
    reader = ReferenceReader(path, kind="population", city=city)
    assert load(database, city, reader, "population") == 1
    assert reader.notes == [
        "people are read from 'POP'",
        "feature 2: POP is '-1'",
        "3 without a number of people of at least 0, left out",
    ]


def test_an_option_of_another_kind_and_a_column_that_is_not_there_are_both_told(
    city: City, tmp_path: Path
) -> None:
    path = tmp_path / "streets.geojson"
    path.write_text(collection({"type": "LineString", "coordinates": SQUARE}))
    with pytest.raises(Invalid) as refused:
        ReferenceReader(
            path, kind="streets", city=city, columns={"number-field": "people", "name-field": "title"}
        )
    assert [(fault.pointer, fault.detail) for fault in refused.value.faults] == [
        ("/number-field", "streets have no use for it"),
        ("/name-field", "no column 'title'; columns are people, note, lat, lng"),
    ]


def test_the_last_population_counts_and_all_streets_do(
    database: Database, city: City, tmp_path: Path
) -> None:
    path = tmp_path / "some.geojson"
    path.write_text(collection({"type": "LineString", "coordinates": SQUARE[:2]}))
    for name in ("roads", "paths"):
        reader = ReferenceReader(path, kind="streets", city=city, columns={"name-field": "people"})
        load(database, city, reader, "streets", name=name)
    path.write_text("lat,lng,people\n28.6,77.25,12\n")
    for name in ("z-2020", "a-2026"):
        load(database, city, ReferenceReader(path, kind="population", city=city), "population", name=name)
    with database.transaction() as connection:
        found = read_surroundings(connection, city, as_of=datetime.now(UTC))
    assert found.streets.name.tolist() == ["0", "0"]
    assert found.population.people.tolist() == [12.0]
    cells = covering(city.area, resolution=9)
    assert found.exposure(cells).values.sum() == 12


def test_what_has_no_coordinates_or_no_such_time_is_refused(city: City, tmp_path: Path) -> None:
    path = tmp_path / "incidents.csv"
    path.write_text("x,y\n1,2\n")
    with pytest.raises(Invalid, match="no coordinates"):
        list(ReferenceReader(path, kind="incidents", city=city).features())
    with pytest.raises(Invalid) as refused:
        ReferenceReader(path, kind="incidents", city=city, columns={"time-field": "when"})
    assert "no column 'when'; columns are x, y" in refused.value.faults[0].detail


def test_san_francisco_incidents_and_neighbourhoods(
    database: Database, cities: CityDirectory, shared_data: Path, tmp_path: Path
) -> None:
    make_city(
        database,
        "sf",
        area=read_boundary("-122.53,37.70,-122.35,37.84").area,
        time_zone="America/Los_Angeles",
    )
    city = cities.get("sf")
    path = shared_data / "incidents/san_francisco_robbery_2019.csv"
    assert load(database, city, ReferenceReader(path, kind="incidents", city=city), "incidents") == 951
    assert all(row[4] is not None for row in stored(database))
    path = shared_data / "zones/san_francisco_neighbourhoods.geojson"
    with pytest.raises(Invalid) as refused:
        ReferenceReader(path, kind="population", city=city)
    assert "--number-field" not in refused.value.faults[0].pointer
    assert "give --number-field; columns are" in refused.value.faults[0].detail
    numbered = tmp_path / "neighbourhoods.geojson"
    document = json.loads(path.read_text())
    for number, feature in enumerate(document["features"]):
        feature["properties"]["Inhabitants"] = 1000 + number
    numbered.write_text(json.dumps(document))
    reader = ReferenceReader(numbered, kind="population", city=city)
    assert load(database, city, reader, "population") == 37
    assert "3 invalid shapes repaired" in reader.notes
    with database.transaction() as connection:
        around = read_surroundings(connection, city, as_of=datetime.now(UTC))
    cells = covering(city.area, resolution=9)
    inside = around.population.within(cells).sum()
    assert 0.95 * 37_666 < inside <= 37_666
