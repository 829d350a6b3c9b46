"""The five formats say the same, to readers that share no code with the writers."""

import io
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import pandas
import pyarrow.parquet
import pyogrio
import pytest
import shapely

from server.exporting.files import FORMATS
from server.layer_table import LayerTable

needs_gdal = pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="gdal-bin is not installed")
ARROW_NAMES = {"object": "string", "float64": "double"}
NAMES = ["cell", "resolution", "score", "exposure", "needs", "adjusted", "last_audit"]
MakeTable = Callable[..., LayerTable]


def write(table: LayerTable, ending: str, folder: Path) -> Path:
    target = folder / f"cells.{ending}"
    target.write_bytes(FORMATS[ending].encode(table))
    return target


def read(path: Path) -> geopandas.GeoDataFrame:
    if path.suffix == ".parquet":
        return geopandas.read_parquet(path)
    if path.suffix == ".csv":
        frame = pandas.read_csv(path, dtype={name: str for name in ("needs", "last_audit")})
        frame["needs"] = frame["needs"].fillna("").str.removeprefix("'")
        return geopandas.GeoDataFrame(
            frame.drop(columns="geometry"), geometry=geopandas.GeoSeries.from_wkt(frame["geometry"]), crs=4326
        )
    return geopandas.read_file(path, layer="cells")


def values(frame: geopandas.GeoDataFrame) -> list[tuple[Any, ...]]:
    rows = frame.sort_values("cell")[NAMES].itertuples(index=False, name=None)
    return [tuple(None if pandas.isna(value) else value for value in row) for row in rows]


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_holds_the_same_fields_in_the_same_order_and_the_same_values(
    ending: str, table: LayerTable, tmp_path: Path
) -> None:
    frame = read(write(table, ending, tmp_path))
    assert [name for name in frame.columns if name not in ("id", "geometry")] == NAMES
    expected = sorted(zip(*(table.columns[name] for name in NAMES), strict=True))
    assert values(frame) == expected


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_holds_exactly_the_same_shapes(ending: str, table: LayerTable, tmp_path: Path) -> None:
    frame = read(write(table, ending, tmp_path))
    given = dict(zip(table.ids, table.shapes, strict=True))
    for cell, shape in zip(frame["cell"], frame.geometry, strict=True):
        assert shapely.equals_exact(shape, given[cell], tolerance=0.0)


@pytest.mark.parametrize("ending", ["gpkg", "fgb", "parquet"])
@pytest.mark.parametrize("count", [0, 12])
def test_formats_with_types_keep_them_even_when_empty_or_all_null(
    ending: str, count: int, make_table: MakeTable, tmp_path: Path
) -> None:
    path = write(make_table(count), ending, tmp_path)
    if ending == "parquet":
        schema = pyarrow.parquet.read_schema(path)
        types = {name: str(schema.field(name).type) for name in NAMES}
    else:
        info = pyogrio.read_info(path, layer="cells")
        types = dict(zip(info["fields"].tolist(), info["dtypes"].tolist(), strict=True))
        types = {
            name: {"object": "string", "float64": "double"}.get(kind, kind) for name, kind in types.items()
        }
    assert types == {
        "cell": "string",
        "resolution": "int32",
        "score": "double",
        "exposure": "double",
        "needs": "string",
        "adjusted": "bool",
        "last_audit": "string",
    }


@needs_gdal
@pytest.mark.parametrize("ending", ["geojson", "gpkg", "fgb", "csv"])
@pytest.mark.parametrize("count", [0, 12])
def test_gdal_opens_the_layer_without_a_warning(
    ending: str, count: int, make_table: MakeTable, tmp_path: Path
) -> None:
    path = write(make_table(count), ending, tmp_path)
    told = subprocess.run(
        ["ogrinfo", "-ro", "-so", "-oo", "GEOM_POSSIBLE_NAMES=geometry", str(path), "cells"],
        capture_output=True,
        text=True,
        check=False,
    )
    warnings = [line for line in told.stderr.splitlines() if "GEOM_POSSIBLE_NAMES" not in line]
    assert (told.returncode, warnings) == (0, [])
    assert f"Feature Count: {count}" in told.stdout
    if count and ending == "geojson":
        assert "score: Real" in told.stdout


def test_the_same_layer_gives_the_same_bytes(table: LayerTable) -> None:
    assert all(format_.encode(table) == format_.encode(table) for format_ in FORMATS.values())


def test_geoparquet_carries_its_metadata(table: LayerTable, empty: LayerTable) -> None:
    def geo(of: LayerTable) -> dict[str, Any]:
        stored = pyarrow.parquet.read_schema(io.BytesIO(FORMATS["parquet"].encode(of))).metadata
        return json.loads(stored[b"geo"])

    column = geo(table)["columns"]["geometry"]
    assert geo(table)["version"] == "1.1.0"
    assert geo(table)["primary_column"] == "geometry"
    assert "crs" not in column
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["Polygon"])
    assert column["bbox"] == pytest.approx(shapely.total_bounds(table.shapes).tolist())
    assert "bbox" not in geo(empty)["columns"]["geometry"]


def test_cells_across_the_antimeridian_make_all_shapes_multiple_in_all_formats(
    make_table: MakeTable, tmp_path: Path
) -> None:
    fiji = make_table(12, lat=-16.8, lng=180.0)
    assert fiji.geometry_type == "MultiPolygon"
    for ending in FORMATS:
        shapes = read(write(fiji, ending, tmp_path)).geometry
        assert set(shapes.geom_type) == {"MultiPolygon"}, ending
        assert shapes.total_bounds[0] >= -180, ending
        assert shapes.total_bounds[2] <= 180, ending
