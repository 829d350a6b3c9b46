"""How soon a large city is seen. The time is printed: what a busy machine takes is no defect.

The first hexagons are drawn when the graphics card says so. The page is at rest once it has asked for all,
which may be sooner where software stands in for the card.
"""

import json
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, text
from werkzeug.serving import make_server

from geo import cells
from server.app import create_app
from server.cities import CityDirectory
from server.cluster.embedded import Cluster
from server.database import Database, connect
from server.models.layer import layer
from server.queries.cell_geometry import insert_shapes
from server.queries.layers import refresh_statistics
from server.queries.runs import insert_run
from server.settings import Settings
from tests.conftest import database_like, make_city

RADIUS = 54
"""In steps of cells: 8,911 of them."""
BROWSER_STARTS_MS = 2_000
"""Its own start keeps both processors busy, and is not the page's."""
FIELDS = {
    "cell": "text",
    "resolution": "integer",
    "score": "number",
    "score_low": "number",
    "score_high": "number",
    "class": "text",
    "needs": "text",
    "auditors_min": "integer",
    "audits_min": "integer",
    "last_audit": "text",
    "trend": "text",
    "adjusted": "boolean",
}
NOTE_FIRST_HEXAGONS = """
const draw = WebGL2RenderingContext.prototype.drawElements;
WebGL2RenderingContext.prototype.drawElements = function (mode, indices, ...rest) {
  draw.call(this, mode, indices, ...rest);
  // Nothing but cells has so many corners: four triangles a hexagon, a thousand of these.
  if (indices < 12_000) return;
  WebGL2RenderingContext.prototype.drawElements = draw;
  const fence = this.fenceSync(this.SYNC_GPU_COMMANDS_COMPLETE, 0);
  const look = () => {
    if (this.getSyncParameter(fence, this.SYNC_STATUS) !== this.SIGNALED) requestAnimationFrame(look);
    else window.firstS = performance.now() / 1000;
  };
  requestAnimationFrame(look);
};
"""
SEEN = """async () => {
  const counted = () => Number((document.querySelector('.status')?.textContent ?? '').replace(/\\D/g, ''));
  while (!(counted() > 0)) await new Promise(requestAnimationFrame);
  const allS = performance.now() / 1000;
  while (!window.firstS) await new Promise(requestAnimationFrame);
  return [window.firstS, allS, counted()];
}"""

FETCHED_AHEAD = """() => performance.getEntriesByType('resource')
  .map(({ name }) => new URL(name).pathname).filter((path) => path.startsWith('/tiles/'))"""
"""By the page itself: the map asks through its worker, which keeps its own account."""


@dataclass(frozen=True)
class Shown:
    """A server's origin, and how often each tile was asked of it."""

    origin: str
    tiles: Counter[str]


@pytest.fixture(scope="module")
def large_city(
    cluster: Cluster, built_page: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shown]:
    """Return a server with a city of 8,911 cells, all of them shown."""
    with database_like(cluster) as name:
        database = connect(cluster.database_url(name), pool_size=8)
        cities = CityDirectory(database)
        _publish(database, cities, np.sort(cells.disc(cells.cell_of(12.97, 77.59, resolution=9), k=RADIUS)))
        app = create_app(Settings(home=tmp_path_factory.mktemp("large")), database, cities)
        tiles: Counter[str] = Counter()

        def counted(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if environ["PATH_INFO"].startswith("/tiles/"):
                tiles[environ["PATH_INFO"]] += 1
            return app(environ, start_response)

        server = make_server("127.0.0.1", 0, counted, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Shown(f"http://127.0.0.1:{server.server_port}", tiles)
        server.shutdown()
        database.dispose()


def _publish(database: Database, cities: CityDirectory, shown: cells.Cells) -> None:
    make_city(database, "large", area=cells.outline(shown))
    city_id, now = cities.get("large").city_id, datetime.now(UTC)
    fields = [{"name": name, "type": kind, "title": name} for name, kind in FIELDS.items()]
    made = {"k": 5, "resolution": 9, "software": "0", "instruments": {}}
    record = {
        "as_of": now,
        "seed": 0,
        "started_at": now,
        "finished_at": now,
        "public": True,
        "parameters": made,
    }
    with database.transaction() as connection:
        run_id = insert_run(connection, city_id=city_id, values=record)
        key = {"city_id": city_id, "run_id": run_id, "instrument_id": "safetipin-9", "layer": "cells"}
        described = {"audience": "public", "title": "cells", "fields": fields, "features": len(shown)}
        connection.execute(insert(layer).values(key | described))
        insert_shapes(connection, city_id=city_id, cells=shown.tolist(), shapes=cells.polygons(shown))
        statement = text("""
            INSERT INTO layer_row (city_id, run_id, instrument_id, layer, feature_id, cell, properties)
            SELECT :city_id, :run_id, :instrument_id, :layer, feature_id, cell, properties FROM
            json_to_recordset(CAST(:rows AS json)) AS r(feature_id text, cell bigint, properties jsonb)""")
        connection.execute(statement, key | {"rows": json.dumps(_rows(shown))})
        refresh_statistics(connection)


def _rows(shown: cells.Cells) -> list[dict[str, Any]]:
    rng = np.random.default_rng(7)
    rows = []
    for cell, score in zip(shown.tolist(), np.round(rng.uniform(0, 5, len(shown)), 1).tolist(), strict=True):
        half = float(rng.choice([0.4, 0.9, 1.6]))
        low, high = round(max(score - half, 0), 1), round(min(score + half, 5), 1)
        values = (
            cells.to_text(cell),
            9,
            score,
            low,
            high,
            "none",
            "lighting",
            5,
            10,
            "2026-10",
            "same",
            True,
        )
        told = dict(zip(FIELDS, values, strict=True))
        rows.append({"feature_id": told["cell"], "cell": cell, "properties": told})
    return rows


def test_a_large_city_is_drawn_whole_and_how_soon(
    large_city: Shown, visit: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    visit("about:blank").page.wait_for_timeout(BROWSER_STARTS_MS)
    for round_ in ("first visit, tiles unmade", "again", "and again"):
        large_city.tiles.clear()
        seen = visit(large_city.origin, script=NOTE_FIRST_HEXAGONS)
        first_s, all_s, count = seen.page.evaluate(SEEN)
        with capsys.disabled():
            told = f"first hexagons {first_s:.2f} s after navigation, all {count:,} at rest {all_s:.2f} s"
            print(f"\n{told} ({round_}; load {os.getloadavg()[0]:.1f})")
        assert count == 3 * RADIUS * (RADIUS + 1) + 1
        assert seen.faults() == []
        ahead = seen.page.evaluate(FETCHED_AHEAD)
        assert len(ahead) > 1
        assert large_city.tiles == Counter(ahead), "each tile is asked for once, and before the map does"
        seen.page.close()
