"""GeoJSON (RFC 7946): feature id at the top level, floats always with their decimal point."""

from collections.abc import Iterator

import msgspec
import shapely

from server.layer_table import LayerTable


def encode_geojson(table: LayerTable) -> bytes:
    """Return one FeatureCollection; `name` is what GDAL calls the layer."""
    head = msgspec.json.encode({"type": "FeatureCollection", "name": table.name, "title": table.title})
    return b'%s,"features":[%s]}' % (head[:-1], b",".join(encode_features(table)))


def encode_features(table: LayerTable) -> Iterator[bytes]:
    """Yield each feature by itself, in order."""
    names = [field.name for field in table.fields]
    rows = zip(*(table.columns[name] for name in names), strict=True)
    # Written by GEOS in one call, with the shortest digits that give the same float again.
    shapes = shapely.to_geojson(table.shapes)
    for id_, row, shape in zip(table.ids, rows, shapes, strict=True):
        feature = {
            "type": "Feature",
            "id": id_,
            "properties": dict(zip(names, row, strict=True)),
            "geometry": msgspec.Raw(shape.encode()),
        }
        yield msgspec.json.encode(feature)
