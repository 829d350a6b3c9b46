"""Run by the system's Python: QGIS without a window reads collections; prints what it saw as JSON.

python3 qgis_client.py ADDRESS COLLECTION…          OGC API Features
python3 qgis_client.py FILE.gpkg COLLECTION         the style within a GeoPackage
"""

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer

BOX = QgsRectangle(77.245, 28.595, 77.255, 28.602)


def told(layer: QgsVectorLayer) -> dict[str, object]:
    rows = [dict(zip(feature.fields().names(), feature.attributes())) for feature in layer.getFeatures()]  # noqa: B905
    return {
        "valid": layer.isValid(),
        "count": layer.featureCount(),
        "read": len(rows),
        "types": {field.name(): field.typeName() for field in layer.fields()},
        "scores": [row.get("score") for row in rows if isinstance(row.get("score"), int | float)],
    }


def collection(address: str, name: str, *further: str) -> QgsVectorLayer:
    parts = [f"url='{address}'", f"typename='{name}'", *further]
    return QgsVectorLayer(" ".join(parts), name, "OAPIF")


def main(address: str, names: list[str]) -> None:
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    seen: dict[str, object] = {}
    if address.startswith("http"):
        seen = {name: told(collection(address, name)) for name in names}
        boxed = collection(address, "cells", "restrictToRequestBBOX='1'")
        seen["boxed"] = len(list(boxed.getFeatures(QgsFeatureRequest().setFilterRect(BOX))))
        timed = collection(address, "hotspots")
        timed.setSubsetString("\"since\" >= '2020-01-01'")
        seen["timed"] = len(list(timed.getFeatures()))
    else:
        layer = QgsVectorLayer(f"{address}|layername={names[0]}", "x", "ogr")
        rules = layer.renderer().rootRule().children()
        seen["rules"] = [[rule.label(), rule.symbol().color().name()] for rule in rules]
    print(json.dumps(seen, default=str))
    sys.stdout.flush()
    os._exit(0)  # QGIS 3.22 falls over its own parts when Python takes it down


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
