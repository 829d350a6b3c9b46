"""SQL of the published score of one cell; runs as the role that sees published layers alone."""

from typing import Any

from sqlalchemy import Connection, and_, select

from server.models.layer import layer as layers
from server.models.layer import layer_row
from server.queries.layers import of_latest_public_run


def find_score(
    connection: Connection, *, city_id: int, instrument_id: str, layer: str, cell: str
) -> dict[str, Any] | None:
    """Return what the latest public run says of a cell, or None.

    No run, no layer, a cell never audited and a cell not shown are all the same: no row.
    """
    key = ("city_id", "run_id", "instrument_id", "layer")
    same = (layer_row.c[name] == layers.c[name] for name in key)
    query = (
        select(layer_row.c.properties)
        .join(layers, and_(*same))
        .where(
            of_latest_public_run(city_id),
            layers.c.instrument_id == instrument_id,
            layers.c.layer == layer,
            layer_row.c.feature_id == cell,
        )
    )
    found: dict[str, Any] | None = connection.scalar(query)
    return found
