"""SQL of features asked for: which of a layer satisfy a predicate, and how a tile shows them."""

from typing import Any

from psycopg.errors import QueryCanceled
from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, select, text
from sqlalchemy.exc import OperationalError

from server.errors import BadParameter
from server.models.layer import cell_geometry, layer_row
from server.predicates import Always, Predicate
from server.queries.layers import PublishedLayer
from server.queries.predicates import condition

EVERYTHING = Always(True)
TILE_EXTENT = 4096
_BUFFER = 64
_PATIENCE_MS = 2000
_SET_PATIENCE = text(f"SET LOCAL statement_timeout = {_PATIENCE_MS}")


def list_matching(connection: Connection, layer: PublishedLayer, predicate: Predicate) -> list[str]:
    """Return the ids of the features that satisfy a predicate, in any order.

    BadParameter where that takes the store longer than two seconds; the transaction is over then.
    """
    query = _rows_of(layer, func.array_agg(layer_row.c.feature_id)).where(
        condition(predicate, _lnglat(layer))
    )
    return list(_patiently(connection, query) or ())


def make_tile(
    connection: Connection, layer: PublishedLayer, predicate: Predicate, *, place: tuple[int, int, int]
) -> bytes:
    """Return a Mapbox Vector Tile, at z, x, y, of the features that satisfy a predicate; empty without any.

    Its one layer has the name of the published one; what has no value is left out. Errors as `list_matching`.
    """
    frame = func.ST_TileEnvelope(*place)
    shape = cell_geometry.c.geom_3857 if layer.of_cells else func.ST_Transform(layer_row.c.geom, 3857)
    around = func.ST_TileEnvelope(*place, text("margin => :margin").bindparams(margin=_BUFFER / TILE_EXTENT))
    shown = (
        _rows_of(
            layer,
            func.ST_AsMVTGeom(shape, frame, TILE_EXTENT, _BUFFER, True).label("shape"),
            layer_row.c.properties,
        )
        .where(shape.op("&&")(around))
        .where(condition(predicate, _lnglat(layer)))
        .subquery("shown")
    )
    tile = select(func.ST_AsMVT(literal_column("shown"), layer.name, TILE_EXTENT, "shape")).select_from(shown)
    return bytes(_patiently(connection, tile) or b"")


def _rows_of(layer: PublishedLayer, *columns: ColumnElement[Any]) -> Select[Any]:
    query = select(*columns).where(
        layer_row.c.city_id == layer.city_id,
        layer_row.c.run_id == layer.run_id,
        layer_row.c.instrument_id == layer.instrument_id,
        layer_row.c.layer == layer.name,
    )
    if not layer.of_cells:
        return query
    same = (cell_geometry.c.city_id == layer_row.c.city_id) & (cell_geometry.c.cell == layer_row.c.cell)
    return query.join(cell_geometry, same)


def _lnglat(layer: PublishedLayer) -> ColumnElement[Any]:
    return cell_geometry.c.geom if layer.of_cells else layer_row.c.geom


def _patiently(connection: Connection, query: Select[Any]) -> Any:
    connection.execute(_SET_PATIENCE)
    try:
        return connection.execute(query).scalar_one()
    except OperationalError as error:
        if isinstance(error.orig, QueryCanceled):
            raise BadParameter(
                f"the filter takes longer than {_PATIENCE_MS / 1000:g} s; ask for less"
            ) from None
        raise
