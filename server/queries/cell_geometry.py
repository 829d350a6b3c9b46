"""SQL of cell shapes: each cell of a city is stored once, whatever run shows it."""

from collections.abc import Collection, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

_KNOWN = text("SELECT cell FROM cell_geometry WHERE city_id = :city_id AND cell = ANY(:cells)")
# Web Mercator ends at 85.06 degrees; beyond, only the lng/lat shape tells where the cell is.
_INSERT = text("""
INSERT INTO cell_geometry (city_id, cell, resolution, geom, geom_3857)
SELECT :city_id, cell, (cell >> 52) & 15, shape,
       ST_Transform(ST_ClipByBox2D(shape, ST_MakeEnvelope(-180, -85.06, 180, 85.06, 4326)), 3857)
FROM unnest(CAST(:cells AS bigint[]), CAST(:shapes AS bytea[])) AS given (cell, wkb),
     ST_GeomFromWKB(wkb, 4326) AS shape
ON CONFLICT DO NOTHING
""")


def list_known(connection: Connection, *, city_id: int, cells: Collection[int]) -> set[int]:
    """Return which of the cells have their shape stored."""
    return set(connection.scalars(_KNOWN, {"city_id": city_id, "cells": list(cells)}))


def insert_shapes(
    connection: Connection, *, city_id: int, cells: Sequence[int], shapes: NDArray[np.object_]
) -> None:
    """Store the lng/lat shapes of cells, and the same in Web Mercator; known ones stay as they are."""
    values = {"city_id": city_id, "cells": list(cells), "shapes": shapely.to_wkb(shapes).tolist()}
    connection.execute(_INSERT, values)
