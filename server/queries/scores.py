"""SQL of the published score of one cell; runs as the role that sees published layers alone."""

from typing import Any

from sqlalchemy import Connection, text

# Joined so that no run, no layer, a cell never audited and a cell not shown are all: no row.
_ROW = text("""
SELECT layer_row.properties
FROM layer
JOIN layer_row USING (city_id, run_id, instrument_id, layer)
WHERE layer.city_id = :city_id AND layer.instrument_id = :instrument_id AND layer.layer = :layer
  AND layer.audience = 'public' AND layer_row.feature_id = :cell
  AND layer.run_id = (SELECT max(run_id) FROM run
                      WHERE run.city_id = :city_id AND run.public AND run.finished_at IS NOT NULL)
""")


def find_score(
    connection: Connection, *, city_id: int, instrument_id: str, layer: str, cell: str
) -> dict[str, Any] | None:
    """Return what the latest public run says of a cell, or None."""
    values = {"city_id": city_id, "instrument_id": instrument_id, "layer": layer, "cell": cell}
    found: dict[str, Any] | None = connection.scalar(_ROW, values)
    return found
