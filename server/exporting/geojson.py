"""GeoJSON (RFC 7946): feature id at the top level, floats always with their decimal point."""

from collections.abc import Iterator

import msgspec
import shapely

from server.layer_table import LayerTable


def encode_geojson(table: LayerTable) -> bytes:
    """Return one FeatureCollection; `name` is what GDAL calls the layer."""
    document = {
        "type": "FeatureCollection",
        "name": table.name,
        "title": table.title,
        "features": list(_features(table)),
    }
    return msgspec.json.encode(document)


def _features(table: LayerTable) -> Iterator[dict[str, object]]:
    names = [field.name for field in table.fields]
    rows = zip(*(table.columns[name] for name in names), strict=True)
    # Written by GEOS in one call, with the shortest digits that give the same float again.
    shapes = shapely.to_geojson(table.shapes)
    for id_, row, shape in zip(table.ids, rows, shapes, strict=True):
        yield {
            "type": "Feature",
            "id": id_,
            "properties": dict(zip(names, row, strict=True)),
            "geometry": msgspec.Raw(shape.encode()),
        }
