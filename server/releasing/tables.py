"""The rows of a release as CSV, GeoParquet and GeoPackage: the same rows in the same order."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.cells import from_text, polygons
from server.exporting.arrow import GEOMETRY
from server.exporting.csv import safe_text
from server.exporting.ogr import write_ogr
from server.exporting.parquet import geo_metadata
from server.layer_table import geometry_type_of, settled
from server.releasing.columns import Column

if TYPE_CHECKING:
    from arro3.core import Table

_ROWS_AT_ONCE = 50_000


def write_csv(columns: Sequence[Column], path: Path) -> None:
    """Write a header and one line per row (RFC 4180, UTF-8); nothing stands where there is no value."""
    texts = [
        np.array(["" if word is None else safe_text(str(word)) for word in column.words], dtype=object)
        for column in columns
    ]
    rows = len(columns[0].index)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.name for column in columns])
        for first in range(0, rows, _ROWS_AT_ONCE):
            part = slice(first, first + _ROWS_AT_ONCE)
            values = (words[column.index[part]] for words, column in zip(texts, columns, strict=True))
            writer.writerows(zip(*(one.tolist() for one in values), strict=True))


def write_spatial(columns: Sequence[Column], folder: Path, *, title: str, as_of: datetime) -> None:
    """Write audits.parquet (GeoParquet 1.1) and audits.gpkg; each row has the polygon of its cell."""
    from arro3.io import write_parquet  # noqa: PLC0415 - heavy, not for every start

    cells = np.array([from_text(str(text)) for text in columns[0].words], dtype=np.int64)
    shapes = settled(polygons(cells))
    table = _arrow_table(columns, shapes)
    target = io.BytesIO()  # the library panics where a file cannot be written
    write_parquet(
        table,
        target,
        compression="zstd(3)",
        key_value_metadata=geo_metadata(geometry_type_of(shapes), shapes),
        skip_arrow_metadata=True,
    )
    (folder / "audits.parquet").write_bytes(target.getbuffer())
    write_ogr(
        table,
        folder / "audits.gpkg",
        layer="audits",
        driver="GPKG",
        geometry_type=geometry_type_of(shapes),
        as_of=as_of,
        layer_options={"GEOMETRY_NAME": GEOMETRY, "IDENTIFIER": title},
    )


def _arrow_table(columns: Sequence[Column], shapes: NDArray[np.object_]) -> "Table":
    """Return the columns and, last, the polygon of each row's cell as WKB."""
    from arro3.core import Array, DataType, Field, Schema, Table  # noqa: PLC0415 - heavy, as above

    types = {"text": DataType.string(), "integer": DataType.int32()}
    fields, arrays = [], []
    for column in columns:
        type_ = types[column.type]
        fields.append(Field(column.name, type_, nullable=None in column.words))
        arrays.append(Array(list(column.words), type=type_).take(Array.from_numpy(column.index)))
    binary = DataType.binary()
    fields.append(Field(GEOMETRY, binary, nullable=False))
    outlines = Array(list(shapely.to_wkb(shapes)), type=binary)
    arrays.append(outlines.take(Array.from_numpy(columns[0].index)))
    return Table.from_arrays(arrays, schema=Schema(fields))
