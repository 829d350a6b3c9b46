"""SQL of vector tiles of whole layers."""

from sqlalchemy import Connection, func, literal_column, select, text

from server.models.layer import cell_geometry, layer_row
from server.queries.layers import PublishedLayer

TILE_EXTENT = 4096
_BUFFER = 64


def make_tile(connection: Connection, layer: PublishedLayer, *, place: tuple[int, int, int]) -> bytes:
    """Return a Mapbox Vector Tile, at z, x, y, of a layer; empty where it has no feature.

    Its one layer has the name of the published one; what has no value is left out. Features come in the order
    of their ids: that of stored shapes would tell which cells anybody audited first.
    """
    frame = func.ST_TileEnvelope(*place)
    shape = cell_geometry.c.geom_3857 if layer.of_cells else func.ST_Transform(layer_row.c.geom, 3857)
    around = func.ST_TileEnvelope(*place, text("margin => :margin").bindparams(margin=_BUFFER / TILE_EXTENT))
    placed = func.ST_AsMVTGeom(shape, frame, TILE_EXTENT, _BUFFER, True).label("shape")
    rows = select(placed, layer_row.c.properties).where(
        layer_row.c.city_id == layer.city_id,
        layer_row.c.run_id == layer.run_id,
        layer_row.c.instrument_id == layer.instrument_id,
        layer_row.c.layer == layer.name,
        shape.op("&&")(around),
    )
    if layer.of_cells:
        same = (cell_geometry.c.city_id == layer_row.c.city_id) & (cell_geometry.c.cell == layer_row.c.cell)
        rows = rows.join(cell_geometry, same)
    shown = rows.order_by(layer_row.c.feature_id.collate("C")).subquery("shown")
    tile = select(func.ST_AsMVT(literal_column("shown"), layer.name, TILE_EXTENT, "shape")).select_from(shown)
    return bytes(connection.execute(tile).scalar_one() or b"")
