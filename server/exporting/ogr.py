"""GeoPackage and FlatGeobuf, written by GDAL in memory."""

import io
from threading import Lock

from server.exporting.arrow import GEOMETRY, arrow_table
from server.layer_table import LayerTable

# GDAL's configuration is the process's: one file at a time while the date of its contents is set.
_ONE_AT_A_TIME = Lock()


def encode_geopackage(table: LayerTable) -> bytes:
    """Return a GeoPackage 1.3, the newest that GDAL 3.6 (Debian 12) reads without a warning."""
    return _encode(
        table,
        driver="GPKG",
        dataset_options={"VERSION": "1.3"},
        layer_options={"GEOMETRY_NAME": GEOMETRY, "IDENTIFIER": table.title},
    )


def encode_flatgeobuf(table: LayerTable) -> bytes:
    """Return a FlatGeobuf with its spatial index, which puts the features in the index's order."""
    return _encode(table, driver="FlatGeobuf", dataset_options={}, layer_options={"TITLE": table.title})


def _encode(
    table: LayerTable, *, driver: str, dataset_options: dict[str, str], layer_options: dict[str, str]
) -> bytes:
    from pyogrio import set_gdal_config_options, write_arrow  # noqa: PLC0415 - heavy, not for every start

    target = io.BytesIO()
    columns = arrow_table(table)
    with _ONE_AT_A_TIME:
        # A GeoPackage tells when its contents changed: the same layer gives the same bytes.
        set_gdal_config_options({"OGR_CURRENT_DATE": f"{table.as_of:%Y-%m-%dT%H:%M:%S.000Z}"})
        write_arrow(
            columns,
            target,
            layer=table.name,
            driver=driver,
            geometry_name=GEOMETRY,
            geometry_type=table.geometry_type,
            crs="EPSG:4326",
            dataset_options=dataset_options,
            layer_options=layer_options,
        )
    return target.getvalue()
