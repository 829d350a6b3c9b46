"""The style of a layer inside its GeoPackage, where QGIS looks for one: the table `layer_styles`."""

import sqlite3
from contextlib import closing

from server.layer_table import LayerTable
from server.styles.look import look_of
from server.styles.qml import qml

# As QGIS itself makes it (QgsVectorLayer.saveStyleToDatabase).
_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
    styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30),
    ui TEXT(30), update_time DATETIME)
"""
_REGISTER = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)
VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)
"""
_STYLE = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,
                          styleQML, styleSLD, useAsDefault, description, owner, update_time)
VALUES ('', '', ?, ?, 'safeaudit', ?, '', 1, ?, '', ?)
"""


def with_style(package: bytes, table: LayerTable, *, geometry: str) -> bytes:
    """Return a GeoPackage with the style of its layer, which QGIS takes by itself; same in, same out."""
    moment = f"{table.as_of:%Y-%m-%dT%H:%M:%S.000Z}"
    style = qml(look_of(table.fields)).decode()
    with closing(sqlite3.connect(":memory:")) as store:
        store.deserialize(package)
        with store:
            store.execute(_TABLE)
            store.execute(_REGISTER, (moment,))
            store.execute(_STYLE, (table.name, geometry, style, table.title, moment))
        return store.serialize()
