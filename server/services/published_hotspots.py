"""The hotspots everybody sees, by the cells they cover."""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from sqlalchemy import Connection

from analysis.disclosure.layer import Value
from geo.cells import centre
from server.queries.layers import PUBLIC, list_latest, read_table

FIELDS = ("id", "status", "needs", "kind", "trend", "since", "near", "score")


def published_hotspots(
    connection: Connection, *, city_id: int, instrument_id: str, cells: Sequence[int]
) -> dict[int, Mapping[str, Value]]:
    """Return, of those cells that a hotspot of the latest public run covers, what is published of it."""
    lat, lng = centre(np.array(cells, dtype=np.int64))
    found: dict[int, Mapping[str, Value]] = {}
    for layer in list_latest(connection, city_id=city_id):
        if (layer.name, layer.audience, layer.instrument_id) != ("hotspots", PUBLIC, instrument_id):
            continue
        table = read_table(connection, layer)
        for row, shape in enumerate(table.shapes):
            told = {"id": table.ids[row]} | {name: table.columns[name][row] for name in FIELDS[1:]}
            found |= {
                cells[place]: told for place in np.flatnonzero(shapely.contains_xy(shape, lng, lat)).tolist()
            }
    return found
