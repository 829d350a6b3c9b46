"""Serving layers beside tipg, pygeoapi and the SQL itself.

    python -m bench.serving [--rounds 3] [--seconds 2] [--cells 54]

One store, one layer of `cells` with 8,911 rows (H3 disc of radius --cells), the same rows as a typed, indexed
table for the peers; the audits behind them are in nobody's way, and left out. Ours is `safeaudit serve` with
access rules, logging and metrics on; every server has two workers. wrk asks over 8 connections; the servers
take turns in each round. The floor is pgbench with 8 clients and the statements of `bench.serving_floor`.
Ratios are of medians. Compressed are published tiles alone, for all alike.
"""

import argparse
import os
import re
import statistics
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote

import msgspec
import numpy as np
from sqlalchemy import Connection, insert, text
from sqlalchemy.engine import make_url

from bench.harness import Ground, ground, web_server
from bench.peers import TABLE, pygeoapi, tipg
from bench.serving_floor import box_sql, make_floor, page_sql, tile_sql
from geo import cells
from server.cluster.binaries import find
from server.models.layer import layer
from server.queries.cell_geometry import insert_shapes
from server.queries.runs import insert_run

CONNECTIONS = 8
CORES = os.cpu_count() or 1
MIDDLE = (28.55, 77.15)
BOX = "77.10,28.52,77.17,28.575"
NUMBERS = ("score", "score_low", "score_high", "openness", "lighting", "visibility", "people")
TYPES = {"cell": "text", "resolution": "integer", "class": "text", "needs": "text", "adjusted": "boolean"}
FIELDS = {**TYPES, "audits_min": "integer", "auditors_min": "integer", **dict.fromkeys(NUMBERS, "number")}
SQL_TYPES = {"text": "text", "integer": "int", "boolean": "boolean", "number": "float8"}


@dataclass(frozen=True)
class Race:
    """One question, how each asks it, and which ratios ours must reach."""

    name: str
    ours: str
    peers: dict[str, str]
    goals: dict[str, float]
    sql: str | None = None
    zipped: bool = False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--cells", type=int, default=54)
    options = parser.parse_args()
    with ground() as place, ExitStack() as stack:
        count, bounds = publish(place, radius=options.cells)
        ours = f"http://127.0.0.1:{stack.enter_context(web_server(place.url)).port}"
        others = {
            "tipg": stack.enter_context(tipg(place.url)),
            "pygeoapi": stack.enter_context(pygeoapi(place.url, fields=list(FIELDS), bounds=bounds)),
        }
        print(f"{count:,} cells")
        for race in races(ours, others):
            run(place, race, rounds=options.rounds, seconds=options.seconds)


def publish(place: Ground, *, radius: int) -> tuple[int, tuple[float, ...]]:
    """Put a layer of random values into the store as a run leaves it, and into a table for the peers."""
    found = np.sort(cells.disc(cells.cell_of(*MIDDLE, resolution=9), k=radius))
    shapes = cells.polygons(found)
    city_id, now = place.city.city_id, datetime.now(UTC)
    key = {"city_id": city_id, "instrument_id": "safetipin-9", "layer": "cells"}
    rows = [dict(zip(FIELDS, row, strict=True)) for row in zip(*_values(found), strict=True)]
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
        fields = [{"name": name, "type": kind, "title": name} for name, kind in FIELDS.items()]
        described = {"audience": "public", "title": "cells", "fields": fields, "features": len(rows)}
        connection.execute(insert(layer).values(key | described))
        insert_shapes(connection, city_id=city_id, cells=found.tolist(), shapes=shapes)
        for cell, row in zip(found.tolist(), rows, strict=True):
            _insert(connection, key | {"feature_id": row["cell"], "cell": cell}, row)
        _for_peers(connection)
    with place.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    lat, lng = cells.centre(found)
    return len(rows), (float(lng.min()), float(lat.min()), float(lng.max()), float(lat.max()))


def _values(found: np.ndarray) -> list[list[object]]:
    rng = np.random.default_rng(7)
    count = len(found)
    numbers = [np.round(rng.uniform(0, 5, count), 1).tolist() for _ in NUMBERS]
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


def _for_peers(connection: Connection) -> None:
    columns = ", ".join(
        f"CAST(properties->>'{name}' AS {SQL_TYPES[kind]}) AS \"{name}\"" for name, kind in FIELDS.items()
    )
    for statement in (
        "CREATE SCHEMA peers",
        f"CREATE TABLE peers.{TABLE} AS SELECT {columns}, CAST(geom AS geometry(Polygon, 4326)) AS geom FROM "
        "(SELECT properties, g.geom FROM layer_row JOIN cell_geometry g USING (city_id, cell)) AS shown",
        f"ALTER TABLE peers.{TABLE} ADD PRIMARY KEY (cell)",
        f"CREATE INDEX ON peers.{TABLE} USING gist (geom)",
    ):
        connection.execute(text(statement))
    make_floor(connection, source=f"peers.{TABLE}", fields=list(FIELDS))


def races(ours: str, others: dict[str, str]) -> list[Race]:
    """Return every question with the addresses of all who answer it."""
    items = f"{ours}/ogc/benchtown/collections/cells/items"
    theirs = {
        "tipg": f"{others['tipg']}/collections/peers.{TABLE}/items",
        "pygeoapi": f"{others['pygeoapi']}/collections/cells/items",
    }
    stated = "score < 2.5"
    ten = {"tipg": 10.0, "pygeoapi": 10.0}
    found = [
        Race(
            f"items {limit}",
            f"{items}?limit={limit}",
            {k: f"{v}?limit={limit}" for k, v in theirs.items()},
            ten,
        )
        for limit in (100, 1000)
    ]
    found.append(
        Race(
            "items in a box",
            f"{items}?bbox={BOX}&limit=1000",
            {k: f"{v}?bbox={BOX}&limit=1000" for k, v in theirs.items()},
            ten | {"SQL": 0.65},
            page_sql(where=box_sql(BOX), limit=1000),
        )
    )
    found.append(
        Race(
            "items by a filter",
            f"{items}?filter={quote(stated)}&limit=100",
            {},
            {"SQL": 0.8},
            page_sql(where=stated, limit=100),
        )
    )
    for zoom, goal in ((11, 14.0), (12, 10.0)):
        x, y = _tile(zoom)
        path = f"{zoom}/{x}/{y}"
        tile = f"{ours}/tiles/benchtown/cells/{path}.mvt"
        peer = {"tipg": f"{others['tipg']}/collections/peers.{TABLE}/tiles/WebMercatorQuad/{path}"}
        found.append(Race(f"published tile z{zoom}", tile, peer, {"tipg": goal}, zipped=True))
        sql = tile_sql((zoom, x, y), where="score >= 0", fields=list(FIELDS))
        goals = {"tipg": 1.4, "SQL": 0.8 if zoom == 11 else 0.65}
        found.append(Race(f"live tile z{zoom}", f"{tile}?filter={quote('score >= 0')}", peer, goals, sql))
    return found


def _tile(zoom: int) -> tuple[int, int]:
    """Return the tile at the middle of the city."""
    lat, lng = MIDDLE
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2
    return int((lng + 180) / 360 * 2**zoom), int(y * 2**zoom)


def run(place: Ground, race: Race, *, rounds: int, seconds: int) -> None:
    """Let all take turns, and print requests a second and ratios."""
    asked: dict[str, Callable[[], float]] = {"ours": lambda: _wrk(race.ours, race.zipped, seconds)}
    asked |= {name: partial(_wrk, address, race.zipped, seconds) for name, address in race.peers.items()}
    if race.sql is not None:
        asked["SQL"] = lambda: _pgbench(place, race.sql or "", seconds)
    sizes = {
        "ours": _size(race.ours, race.zipped),
        **{name: _size(address, race.zipped) for name, address in race.peers.items()},
    }
    rates: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, ask in asked.items():
            rates[name].append(ask())
    medians = {name: statistics.median(found) for name, found in rates.items()}
    told = [
        f"{name} {rate:,.1f}/s" + (f" ({sizes[name]:,} B)" if name in sizes else "")
        for name, rate in medians.items()
    ]
    print(f"{race.name}: " + ", ".join(told))
    for name, goal in race.goals.items():
        ratio = medians["ours"] / max(medians[name], 1e-9)
        took = f", {CORES * 1000 / medians['SQL']:.1f} ms of SQL" if name == "SQL" else ""
        print(f"    {ratio:.2f} x {name} (goal {goal:g}{took})", flush=True)


def _size(address: str, zipped: bool) -> int:
    headers = {"Accept-Encoding": "gzip"} if zipped else {}
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return len(answer.read())


def _wrk(address: str, zipped: bool, seconds: int) -> float:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "60s"]
    command += [*(["-H", "Accept-Encoding: gzip"] if zipped else []), address]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told:
        raise SystemExit(f"{address}: {told}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])  # type: ignore[index]


def _pgbench(place: Ground, sql: str, seconds: int) -> float:
    address = make_url(place.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(sql + ";\n")
        script.flush()
        command = [find()["pgbench"], "--no-vacuum", "--protocol=prepared", f"--time={seconds}", "--jobs=2"]
        command += [f"--client={CONNECTIONS}", f"--file={script.name}", address]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(re.search(r"tps = ([\d.]+)", told)[1])  # type: ignore[index]


if __name__ == "__main__":
    main()
