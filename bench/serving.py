"""Serving layers beside tipg, pygeoapi and the SQL itself.

    python -m bench.serving [--rounds 3] [--seconds 2] [--cells 54 | --home FOLDER]

One store, one layer of `cells`, the same rows as a typed, indexed table for the peers. With --home it is that
of a million audits imported and analysed by `python -m bench.whole_run --home FOLDER --runs 1`; without, of
random values (8,911 rows, an H3 disc of radius --cells), for the analysis takes minutes. Ours is `safeaudit
serve` with access rules, logging and metrics on; every server has two workers. wrk asks over 8 connections;
the servers take turns in each round. The floor is pgbench with 8 clients and the statements of
`bench.serving_floor`. Ratios are of medians. Compressed are published tiles alone, for all alike.
"""

import argparse
import os
import re
import statistics
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

import numpy as np
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from bench.harness import ground, web_server
from bench.peers import TABLE, pygeoapi, tipg
from bench.random_layer import publish_random
from bench.serving_floor import box_sql, make_floor, page_sql, tile_sql
from bench.whole_run import SLUG
from server.cli.context import open_store
from server.cluster.binaries import find
from server.queries.layers import PublishedLayer, list_latest

CONNECTIONS = 8
CORES = os.cpu_count() or 1
MIDDLE = (28.55, 77.15)
BOX = "77.10,28.52,77.17,28.575"
SQL_TYPES = {"text": "text", "integer": "int", "boolean": "boolean", "number": "float8"}


@dataclass(frozen=True)
class Shown:
    """The layer that all serve."""

    url: str
    slug: str
    layer: PublishedLayer
    bounds: tuple[float, ...]
    """Of the city: west, south, east, north."""


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
    parser.add_argument("--home", type=Path, help="a store that python -m bench.whole_run --home left")
    options = parser.parse_args()
    with served(options.home, radius=options.cells) as shown, ExitStack() as stack:
        ours = f"http://127.0.0.1:{stack.enter_context(web_server(shown.url)).port}"
        fields = _names(shown.layer)
        others = {
            "tipg": stack.enter_context(tipg(shown.url)),
            "pygeoapi": stack.enter_context(pygeoapi(shown.url, fields=fields, bounds=shown.bounds)),
        }
        print(f"{shown.layer.features:,} cells")
        values = f"{ours}/tiles/{shown.slug}/cells/values.json"
        print(f"cells as ids and values: {_size(values, True):,} B compressed (goal at most 60,000)")
        for race in races(ours, others, shown):
            run(shown, race, rounds=options.rounds, seconds=options.seconds)


@contextmanager
def served(home: Path | None, *, radius: int) -> Iterator[Shown]:
    """Yield a layer in a running store: of the audits analysed in a home, else of random values."""
    with ExitStack() as stack:
        if home is None:
            place = stack.enter_context(ground())
            publish_random(place, radius=radius)
            url, database, city = place.url, place.database, place.city
        else:
            os.environ["SAFEAUDIT_HOME"] = str(home)
            store = stack.enter_context(open_store())
            url, database, city = store.url, store.database, store.cities.get(SLUG)
        with database.transaction() as connection:
            layer = next(one for one in list_latest(connection, city_id=city.city_id) if one.name == "cells")
            _for_peers(connection, layer)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        yield Shown(url, city.slug, layer, tuple(city.area.bounds))


def _for_peers(connection: Connection, layer: PublishedLayer) -> None:
    """Put the layer into a typed, indexed table, whatever was there before."""
    columns = ", ".join(
        f"CAST(properties->>'{one.name}' AS {SQL_TYPES[one.type]}) AS \"{one.name}\"" for one in layer.fields
    )
    rows = (
        "SELECT properties, g.geom FROM layer_row JOIN cell_geometry g USING (city_id, cell) "
        "WHERE city_id = :city_id AND run_id = :run_id AND instrument_id = :instrument_id AND layer = 'cells'"
    )
    key = {name: getattr(layer, name) for name in ("city_id", "run_id", "instrument_id")}
    for statement in (
        "DROP SCHEMA IF EXISTS peers CASCADE",
        "CREATE SCHEMA peers",
        f"CREATE TABLE peers.{TABLE} AS SELECT {columns}, CAST(geom AS geometry(Polygon, 4326)) AS geom "
        f"FROM ({rows}) AS shown",
        f"ALTER TABLE peers.{TABLE} ADD PRIMARY KEY (cell)",
        f"CREATE INDEX ON peers.{TABLE} USING gist (geom)",
    ):
        connection.execute(text(statement), key if ":run_id" in statement else {})
    make_floor(connection, source=f"peers.{TABLE}", fields=_names(layer))


def _names(layer: PublishedLayer) -> list[str]:
    return [one.name for one in layer.fields]


def races(ours: str, others: dict[str, str], shown: Shown) -> list[Race]:
    """Return every question with the addresses of all who answer it."""
    items = f"{ours}/ogc/{shown.slug}/collections/cells/items"
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
        tile = f"{ours}/tiles/{shown.slug}/cells/{path}.mvt"
        peer = {"tipg": f"{others['tipg']}/collections/peers.{TABLE}/tiles/WebMercatorQuad/{path}"}
        found.append(Race(f"published tile z{zoom}", tile, peer, {"tipg": goal}, zipped=True))
        sql = tile_sql((zoom, x, y), where="score >= 0", fields=_names(shown.layer))
        goals = {"tipg": 1.4, "SQL": 0.8 if zoom == 11 else 0.65}
        found.append(Race(f"live tile z{zoom}", f"{tile}?filter={quote('score >= 0')}", peer, goals, sql))
    return found


def _tile(zoom: int) -> tuple[int, int]:
    """Return the tile at the middle of the city."""
    lat, lng = MIDDLE
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2
    return int((lng + 180) / 360 * 2**zoom), int(y * 2**zoom)


def run(shown: Shown, race: Race, *, rounds: int, seconds: int) -> None:
    """Let all take turns, and print requests a second and ratios."""
    asked: dict[str, Callable[[], float]] = {"ours": lambda: _wrk(race.ours, race.zipped, seconds)}
    asked |= {name: partial(_wrk, address, race.zipped, seconds) for name, address in race.peers.items()}
    if race.sql is not None:
        asked["SQL"] = lambda: _pgbench(shown, race.sql or "", seconds)
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
    cost_ms = CORES * 1000 / medians["ours"]
    print(f"    one of ours takes at most {cost_ms:.2f} ms of processor, who asks included")
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


def _pgbench(shown: Shown, sql: str, seconds: int) -> float:
    address = make_url(shown.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(sql + ";\n")
        script.flush()
        command = [find()["pgbench"], "--no-vacuum", "--protocol=prepared", f"--time={seconds}", "--jobs=2"]
        command += [f"--client={CONNECTIONS}", f"--file={script.name}", address]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(re.search(r"tps = ([\d.]+)", told)[1])  # type: ignore[index]


if __name__ == "__main__":
    main()
