"""GeoParquet 1.1, the geometry as WKB in OGC:CRS84."""

import io

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from server.exporting.arrow import GEOMETRY, arrow_table
from server.layer_table import LayerTable


def encode_geoparquet(table: LayerTable) -> bytes:
    """Return one Parquet file with the `geo` key of https://geoparquet.org/releases/v1.1.0/."""
    from arro3.io import write_parquet  # noqa: PLC0415 - heavy, not for every start

    target = io.BytesIO()
    write_parquet(
        arrow_table(table),
        target,
        compression="zstd(3)",
        key_value_metadata=geo_metadata(table.geometry_type, table.shapes),
        skip_arrow_metadata=True,
    )
    return target.getvalue()


def geo_metadata(geometry_type: str, shapes: NDArray[np.object_]) -> dict[str, str]:
    """Return the `geo` key of a file whose shapes, each at least once, are these, in the column GEOMETRY.

    Left out `crs` means longitude, latitude on WGS 84 (OGC:CRS84).
    """
    column: dict[str, object] = {
        "encoding": "WKB",
        "geometry_types": [geometry_type],
        "orientation": "counterclockwise",
    }
    if len(shapes):
        column["bbox"] = [float(edge) for edge in shapely.total_bounds(shapes)]
    geo = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    return {"geo": msgspec.json.encode(geo).decode()}
