"""A layer of `cells` with random values, put into a store as a run leaves it; no audits are behind it."""

from datetime import UTC, datetime

import msgspec
import numpy as np
from sqlalchemy import Connection, insert, text

from bench.harness import Ground
from geo import cells
from server.models.layer import layer
from server.queries.cell_geometry import insert_shapes
from server.queries.runs import insert_run

_MIDDLE = (28.55, 77.15)
_NUMBERS = ("score", "score_low", "score_high", "openness", "lighting", "visibility", "people")
_TYPES = {"cell": "text", "resolution": "integer", "class": "text", "needs": "text", "adjusted": "boolean"}
_FIELDS = {**_TYPES, "audits_min": "integer", "auditors_min": "integer", **dict.fromkeys(_NUMBERS, "number")}


def publish_random(place: Ground, *, radius: int) -> None:
    """Publish a layer of a disc of cells around a middle."""
    found = np.sort(cells.disc(cells.cell_of(*_MIDDLE, resolution=9), k=radius))
    shapes = cells.polygons(found)
    city_id, now = place.city.city_id, datetime.now(UTC)
    key = {"city_id": city_id, "instrument_id": "safetipin-9", "layer": "cells"}
    rows = [dict(zip(_FIELDS, row, strict=True)) for row in zip(*_values(found), strict=True)]
    with place.database.transaction() as connection:
        record = {
            "as_of": now,
            "seed": 0,
            "started_at": now,
            "finished_at": now,
            "public": True,
            "parameters": {},
        }
        key["run_id"] = insert_run(connection, city_id=city_id, values=record)
        fields = [{"name": name, "type": kind, "title": name} for name, kind in _FIELDS.items()]
        described = {"audience": "public", "title": "cells", "fields": fields, "features": len(rows)}
        connection.execute(insert(layer).values(key | described))
        insert_shapes(connection, city_id=city_id, cells=found.tolist(), shapes=shapes)
        for cell, row in zip(found.tolist(), rows, strict=True):
            _insert(connection, key | {"feature_id": row["cell"], "cell": cell}, row)


def _values(found: np.ndarray) -> list[list[object]]:
    rng = np.random.default_rng(7)
    count = len(found)
    numbers = [np.round(rng.uniform(0, 5, count), 1).tolist() for _ in _NUMBERS]
    words = [str(rng.choice(["severe", "hot", "watch", "none", "cold"])) for _ in range(count)]
    needs = [
        ";".join(rng.choice(["lighting", "walk_path", "people"], rng.integers(0, 3))) for _ in range(count)
    ]
    bounds = [rng.choice([5, 10, 20, 50, 100], count).tolist() for _ in range(2)]
    return [
        *(cells.to_texts(found), [9] * count, words, needs, (rng.random(count) < 0.5).tolist()),
        *bounds,
        *numbers,
    ]


def _insert(connection: Connection, key: dict[str, object], row: dict[str, object]) -> None:
    values = key | {"properties": msgspec.json.encode(row).decode()}
    names = ", ".join(values)
    places = ", ".join(
        f":{name}" if name != "properties" else "CAST(:properties AS jsonb)" for name in values
    )
    connection.execute(text(f"INSERT INTO layer_row ({names}) VALUES ({places})"), values)
