"""GeoPackage and FlatGeobuf, written by GDAL."""

import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from server.exporting.arrow import GEOMETRY, arrow_table
from server.exporting.geopackage_style import with_style
from server.layer_table import LayerTable

if TYPE_CHECKING:
    from arro3.core import Table

# The newest GeoPackage that GDAL 3.6 (Debian 12) reads without a warning.
_DATASET_OPTIONS = {"GPKG": {"VERSION": "1.3"}, "FlatGeobuf": {}}

# GDAL's configuration is the process's: one file at a time while the date of its contents is set.
_ONE_AT_A_TIME = Lock()


def encode_geopackage(table: LayerTable) -> bytes:
    """Return a GeoPackage with the layer and its style."""
    package = _encode(table, driver="GPKG", GEOMETRY_NAME=GEOMETRY, IDENTIFIER=table.title)
    return with_style(package, table, geometry=GEOMETRY)


def encode_flatgeobuf(table: LayerTable) -> bytes:
    """Return a FlatGeobuf with its spatial index, which puts the features in the index's order."""
    return _encode(table, driver="FlatGeobuf", TITLE=table.title)


def write_ogr(
    columns: "Table",
    target: io.BytesIO | Path,
    *,
    layer: str,
    driver: str,
    geometry_type: str,
    as_of: datetime,
    layer_options: Mapping[str, str],
) -> None:
    """Write an Arrow table whose column GEOMETRY is WKB on WGS 84; the same table gives the same bytes."""
    from pyogrio import set_gdal_config_options, write_arrow  # noqa: PLC0415 - heavy, not for every start

    with _ONE_AT_A_TIME:
        # A GeoPackage tells when its contents changed.
        set_gdal_config_options({"OGR_CURRENT_DATE": f"{as_of:%Y-%m-%dT%H:%M:%S.000Z}"})
        write_arrow(
            columns,
            target,
            layer=layer,
            driver=driver,
            geometry_name=GEOMETRY,
            geometry_type=geometry_type,
            crs="EPSG:4326",
            dataset_options=_DATASET_OPTIONS[driver],
            layer_options=dict(layer_options),
        )


def _encode(table: LayerTable, *, driver: str, **layer_options: str) -> bytes:
    target = io.BytesIO()
    write_ogr(
        arrow_table(table),
        target,
        layer=table.name,
        driver=driver,
        geometry_type=table.geometry_type,
        as_of=table.as_of,
        layer_options=layer_options,
    )
    return target.getvalue()
