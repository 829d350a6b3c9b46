"""Run by the system's Python: QGIS without a window reads layers; prints what it saw as JSON.

python3 qgis_client.py ADDRESS FOLDER COLLECTION…   OGC API Features, and FOLDER/COLLECTION.gpkg where it is
python3 qgis_client.py FILE.gpkg COLLECTION         the style within a GeoPackage

With PLANNERS_TOKEN in the environment QGIS sends it as a password, by the connection's own user and password
for half of the collections, and for the others by an entry of its store of authentications.
"""

import json
import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (
    NULL,
    QgsApplication,
    QgsAuthMethodConfig,
    QgsFeatureRequest,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDate, Qt

BOX = QgsRectangle(77.245, 28.595, 77.255, 28.602)
TOKEN = os.environ.get("PLANNERS_TOKEN", "")


def plain(value: object) -> object:
    if value == NULL:
        return None
    return value.toString(Qt.ISODate) if isinstance(value, QDate) else value


def told(layer: QgsVectorLayer) -> dict[str, object]:
    names = layer.fields().names()
    rows = [[plain(value) for value in feature.attributes()] for feature in layer.getFeatures()]
    return {
        "valid": layer.isValid(),
        "count": layer.featureCount(),
        "read": len(rows),
        "types": {field.name(): field.typeName() for field in layer.fields()},
        "values": {name: [row[place] for row in rows] for place, name in enumerate(names)},
    }


def stored_password() -> str:
    """Keep the token in QGIS's own store of authentications, as the dialog does; return the entry's id."""
    manager = QgsApplication.authManager()
    manager.setMasterPassword("of this profile alone", True)
    entry = QgsAuthMethodConfig("Basic")
    entry.setName("planner")
    entry.setConfig("username", "planner")
    entry.setConfig("password", TOKEN)
    manager.storeAuthenticationConfig(entry)
    return entry.id()


def collection(address: str, name: str, *further: str) -> QgsVectorLayer:
    parts = [f"url='{address}'", f"typename='{name}'", *further]
    return QgsVectorLayer(" ".join(parts), name, "OAPIF")


def read(address: str, folder: str, names: list[str]) -> dict[str, object]:
    seen: dict[str, object] = {"live": {}, "kept": {}}
    ways = [[]]
    if TOKEN:
        ways = [["username='planner'", f"password='{TOKEN}'"], [f"authcfg={stored_password()}"]]
    for place, name in enumerate(names):
        seen["live"][name] = told(collection(address, name, *ways[place % len(ways)]))
        package = Path(folder) / f"{name}.gpkg"
        if package.exists():
            seen["kept"][name] = told(QgsVectorLayer(f"{package}|layername={name}", name, "ogr"))
    boxed = collection(address, "cells", "restrictToRequestBBOX='1'")
    seen["boxed"] = len(list(boxed.getFeatures(QgsFeatureRequest().setFilterRect(BOX))))
    timed = collection(address, "hotspots")
    timed.setSubsetString("\"since\" >= '2020-01-01'")
    seen["timed"] = len(list(timed.getFeatures()))
    return seen


def main(address: str, names: list[str]) -> None:
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    if address.startswith("http"):
        seen = read(address, names[0], names[1:])
    else:
        layer = QgsVectorLayer(f"{address}|layername={names[0]}", "x", "ogr")
        rules = layer.renderer().rootRule().children()
        seen = {"rules": [[rule.label(), rule.symbol().color().name()] for rule in rules]}
    print(json.dumps(seen, default=str))
    sys.stdout.flush()
    os._exit(0)  # QGIS 3.22 falls over its own parts when Python takes it down


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
