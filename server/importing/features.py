"""GeoJSON and GeoPackage files as tables of text: properties as columns, points as `lat` and `lng`."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from arro3.core import RecordBatch, RecordBatchReader
from numpy.typing import NDArray
from pyogrio.raw import open_arrow

from server.errors import Unparsable
from server.importing.chunks import CHUNK_ROWS, Chunk, Table

# The text of a time in a GeoJSON is what is read: GDAL would lose offsets.
pyogrio.set_gdal_config_options({"OGR_GEOJSON_DATE_AS_STRING": True})

_DRIVERS = ("GeoJSON", "GPKG")
_GEODETIC = ("EPSG:4326", "OGC:CRS84", None)


def open_features(path: Path) -> Table:
    """Return the table of the first layer of a GeoJSON or GeoPackage file.

    Features without a point have blank `lat` and `lng`. Raises Unparsable where GDAL cannot read the
    file, or its coordinates are not WGS 84.
    """
    try:
        info = pyogrio.read_info(_source(path))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise Unparsable(f"{path}: is no GeoJSON or GeoPackage that can be read: {error}") from error
    if info["driver"] not in _DRIVERS:
        raise Unparsable(f"{path}: is no GeoJSON or GeoPackage, though it begins like one")
    if info["crs"] not in _GEODETIC:
        raise Unparsable(f"{path}: its coordinates are {info['crs']}; reproject the file to EPSG:4326")
    given = [str(name) for name in info["fields"]]
    hidden = [name for name in given if name in ("lat", "lng")]
    notes = tuple(f"property {name!r} gives way to the feature's own point" for name in hidden)
    names = (*(name for name in given if name not in hidden), "lat", "lng")
    return Table(names, notes, lambda: _chunks(path, names, info["features"]))


def read_batches(path: Path) -> Iterator[tuple[dict[str, list[Any]], NDArray[np.object_]]]:
    """Yield the properties (a list per name) and the shapely geometries of some features at a time."""
    try:
        with open_arrow(_source(path), batch_size=CHUNK_ROWS, datetime_as_string=True) as (
            meta,
            stream,
        ):
            geometry = meta["geometry_name"] or "wkb_geometry"
            for batch in RecordBatchReader.from_stream(stream):
                columns = _columns(RecordBatch.from_arrow(batch))
                shapes = columns.pop(geometry, None)
                yield columns, _shapes(shapes if shapes is not None else [None] * batch.num_rows)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, RuntimeError) as error:
        raise Unparsable(f"{path}: cannot be read to its end: {error}") from error


def _chunks(path: Path, names: Sequence[str], features: int) -> Iterator[Chunk]:
    first = 1
    for properties, shapes in read_batches(path):
        points = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
        lng, lat = (np.where(points, axis, np.nan) for axis in (shapely.get_x(shapes), shapely.get_y(shapes)))
        columns: dict[str, Sequence[str]] = {
            name: [_text(value) for value in properties[name]] for name in names[:-2]
        }
        columns |= {"lat": _numbers(lat), "lng": _numbers(lng)}
        rows = range(first, first + len(shapes))
        first += len(shapes)
        yield Chunk(rows, columns, share=(first - 1) / max(features, first - 1))


def _source(path: Path) -> str:
    with path.open("rb") as file:
        return f"/vsigzip/{path.resolve()}" if file.read(2) == b"\x1f\x8b" else str(path)


def _columns(batch: RecordBatch) -> dict[str, list[Any]]:
    return {str(name): list(batch.column(index).to_pylist()) for index, name in enumerate(batch.schema.names)}


def _shapes(encoded: list[bytes | None]) -> NDArray[np.object_]:
    return np.asarray(shapely.force_2d(shapely.from_wkb(np.array(encoded, dtype=object))), dtype=object)


def _numbers(values: NDArray[np.float64]) -> list[str]:
    return ["" if isnan(value) else repr(value) for value in values.tolist()]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list):
        return ";".join(map(_text, value))
    return json.dumps(value) if isinstance(value, dict) else str(value)
