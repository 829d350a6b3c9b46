"""What people and scripts read without a library: GeoJSON and CSV."""

import csv
import io
import json

import shapely

from server.exporting.files import FORMATS
from server.layer_table import LayerTable


def test_geojson_floats_carry_a_decimal_point_and_ids_stand_at_the_top(table: LayerTable) -> None:
    text = FORMATS["geojson"].encode(table).decode()
    document = json.loads(text, parse_float=lambda digits: ("float", digits))
    assert document["name"] == "cells"
    for feature in document["features"]:
        assert feature["id"] == feature["properties"]["cell"]
        assert feature["properties"]["score"][0] == "float"
        assert feature["properties"]["resolution"] == 9
        assert feature["properties"]["exposure"] is None


def test_geojson_coordinates_have_seven_decimals_and_shells_turn_counter_clockwise(table: LayerTable) -> None:
    document = json.loads(FORMATS["geojson"].encode(table))
    for feature in document["features"]:
        shell = feature["geometry"]["coordinates"][0]
        assert all(round(number, 7) == number for point in shell for number in point)
        assert shapely.LinearRing(shell).is_ccw


def test_csv_has_the_geometry_last_and_nothing_a_spreadsheet_computes(table: LayerTable) -> None:
    header, *lines = csv.reader(io.StringIO(FORMATS["csv"].encode(table).decode(), newline=""))
    assert header[-1] == "geometry"
    needs = [line[header.index("needs")] for line in lines]
    assert "'=1+1" in needs
    assert not any(text.startswith(("=", "+", "-", "@", "\t", "\r")) for text in needs)
    assert all("." in line[header.index("score")] for line in lines)
    assert {line[header.index("adjusted")] for line in lines} == {"true", "false"}


def test_empty_layers_are_valid_texts(empty: LayerTable) -> None:
    assert json.loads(FORMATS["geojson"].encode(empty))["features"] == []
    assert len(FORMATS["csv"].encode(empty).decode().splitlines()) == 1
