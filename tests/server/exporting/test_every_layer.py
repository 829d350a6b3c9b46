"""Every layer of a published city says the same in all five formats, value by value."""

import json
from pathlib import Path
from typing import Any

import geopandas
import pandas
import pytest
import shapely

from analysis.disclosure.titles import TITLES
from server.exporting.files import FORMATS
from server.layer_table import LayerTable
from tests.world import World

DTYPES = {"text": str, "integer": "Int64", "number": "float64", "boolean": str}


def read(path: Path, table: LayerTable) -> geopandas.GeoDataFrame:
    if path.suffix == ".parquet":
        return geopandas.read_parquet(path)
    if path.suffix != ".csv":
        return geopandas.read_file(path, layer=table.name)
    types = {field.name: DTYPES[field.type] for field in table.fields}
    frame = pandas.read_csv(path, dtype=types, keep_default_na=False, na_values={
        field.name: [""] for field in table.fields if field.type != "text"
    })  # fmt: skip
    for field in table.fields:
        if field.type == "boolean":
            frame[field.name] = frame[field.name].map({"true": True, "false": False})
    shapes = geopandas.GeoSeries.from_wkt(frame["geometry"])
    return geopandas.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes, crs=4326)


def told(value: Any, *, csv: bool) -> Any:
    """Return a value as a format can tell it: CSV has no null text, and disarms formulas."""
    if not pandas.api.types.is_scalar(value) or pandas.isna(value):
        return "" if csv else None
    if isinstance(value, pandas.Timestamp):  # GDAL's reading of a text such as 2026-10-31 in GeoJSON
        return value.date().isoformat()
    return value.removeprefix("'") if csv and isinstance(value, str) else value


@pytest.mark.parametrize("ending", FORMATS)
def test_every_layer_is_the_same_in_every_format(world: World, tmp_path: Path, ending: str) -> None:
    assert set(world.tables) == set(TITLES)
    for name, table in world.tables.items():
        assert len(table) > 0, name
        path = tmp_path / f"{name}.{ending}"
        path.write_bytes(FORMATS[ending].encode(table))
        frame = read(path, table)
        names = [field.name for field in table.fields]
        assert len(frame) == len(table)
        assert [column for column in frame.columns if column != "geometry"][-len(names) :] == names
        csv = ending == "csv"
        rows = [
            ({field: told(row[field], csv=csv) for field in names}, row["geometry"])
            for row in frame.to_dict("records")
        ]
        expected = [
            ({field: told(table.columns[field][place], csv=csv) for field in names}, table.shapes[place])
            for place in range(len(table))
        ]
        for those in (rows, expected):  # FlatGeobuf has an order of its own
            those.sort(key=lambda row: (row[0][names[0]], row[0].get("group") or ""))
        for (found, shape), (given, outline) in zip(rows, expected, strict=True):
            assert found == given, (name, ending)
            assert shapely.equals_exact(shape, outline, tolerance=0.0), (name, ending)


def test_features_have_the_same_ids_everywhere(world: World) -> None:
    for name, table in world.tables.items():
        names = [field.name for field in table.fields]
        assert table.columns["cell" if "cell" in names else "id"] == list(table.ids), name
        assert len(set(table.ids)) == len(table), name
        document = json.loads(FORMATS["geojson"].encode(table))
        assert [feature["id"] for feature in document["features"]] == list(table.ids), name
