"""SQL of the published scores of cells; runs as the role that sees published layers alone."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, and_, select

from geo.cells import from_text, to_texts
from server.models.layer import layer as layers
from server.models.layer import layer_row
from server.queries.layers import of_latest_public_run


def find_score(
    connection: Connection, *, city_id: int, instrument_id: str, layer: str, cell: str
) -> dict[str, Any] | None:
    """Return what the latest public run says of a cell, or None.

    No run, no layer, a cell never audited and a cell not shown are all the same: no row.
    """
    return find_scores(
        connection, city_id=city_id, instrument_id=instrument_id, layer=layer, cells={from_text(cell)}
    ).get(cell)


def find_scores(
    connection: Connection, *, city_id: int, instrument_id: str, layer: str, cells: Iterable[int]
) -> dict[str, dict[str, Any]]:
    """Return what the latest public run says of those of the cells that it shows, by their texts."""
    key = ("city_id", "run_id", "instrument_id", "layer")
    same = (layer_row.c[name] == layers.c[name] for name in key)
    query = (
        select(layer_row.c.feature_id, layer_row.c.properties)
        .join(layers, and_(*same))
        .where(
            of_latest_public_run(city_id),
            layers.c.instrument_id == instrument_id,
            layers.c.layer == layer,
            layer_row.c.feature_id.in_(to_texts(cells)),
        )
    )
    return {row.feature_id: row.properties for row in connection.execute(query)}
