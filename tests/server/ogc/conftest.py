"""How tests ask a published city over OGC API Features."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import text
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import TestResponse

from server import log
from server.app import create_app
from server.cities import CityDirectory
from server.settings import Settings
from tests.server.publishing.conftest import town  # noqa: F401 - a city of its own for those that publish
from tests.world import World

Ask = Callable[..., TestResponse]
HYPHENED = {"bbox_crs": "bbox-crs", "filter_lang": "filter-lang", "filter_crs": "filter-crs"}


@pytest.fixture
def ask(world: World) -> Ask:
    """Return the answer to a path below the city's landing page."""
    client = world.client()

    def get(path: str = "", headers: dict[str, str] | None = None, **parameters: Any) -> TestResponse:
        told = {HYPHENED.get(name, name): value for name, value in parameters.items()}
        return client.get(f"/ogc/testville{path}", query_string=told or None, headers=headers)

    return get


@pytest.fixture
def found(ask: Ask) -> Callable[..., set[str]]:
    """Return the ids of the features of a collection that parameters ask for; all are on one page."""

    def get(collection: str, **parameters: Any) -> set[str]:
        answer = ask(f"/collections/{collection}/items", **parameters)
        assert answer.status_code == 200, answer.text
        ids = {feature["id"] for feature in answer.json["features"]}
        assert len(ids) == answer.json["numberMatched"] == answer.json["numberReturned"]
        return ids

    return get


@dataclass(frozen=True)
class Served:
    """The city at an address of this machine, and what the server logs."""

    world: World
    address: str
    log: io.StringIO

    def requests(self) -> Iterator[dict[str, Any]]:
        """Yield every request logged so far."""
        lines = (json.loads(line) for line in self.log.getvalue().splitlines())
        yield from (line for line in lines if line.get("event") == "request")

    def asked_for(self) -> set[tuple[str, ...]]:
        """Return the sets of parameters with which items were asked for."""
        items = (one for one in self.requests() if one["route"].endswith("/items"))
        return {tuple(sorted(one["parameters"])) for one in items}


@pytest.fixture
def served(world: World, tmp_path: Path) -> Iterator[Served]:
    """Serve the city; besides its layers one, `cells-whole`, whose first scores are whole numbers alone."""
    app = create_app(Settings(home=tmp_path), world.town.database, CityDirectory(world.town.database))
    sink = io.StringIO()
    log.configure("INFO", sink)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with world.town.database.transaction() as connection:
        for statement in WHOLE_FIRST:
            connection.execute(text(statement))
    try:
        yield Served(world, f"http://127.0.0.1:{server.server_port}/ogc/testville", sink)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        structlog.reset_defaults()
        with world.town.database.transaction() as connection:
            connection.execute(text("DELETE FROM layer WHERE layer = 'cells-whole'"))


class Silent(WSGIRequestHandler):
    """The application logs its requests itself."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


WHOLE_FIRST = (
    """INSERT INTO layer (city_id, run_id, instrument_id, layer, audience, title, fields, features)
       SELECT city_id, run_id, instrument_id, 'cells-whole', audience, title, fields, features
       FROM layer WHERE layer = 'cells'""",
    """INSERT INTO layer_row (city_id, run_id, instrument_id, layer, feature_id, cell, properties)
       SELECT city_id, run_id, instrument_id, 'cells-whole', feature_id, cell,
              properties || jsonb_build_object('score', CASE WHEN place <= 15 THEN 2.0 ELSE 2.7 END)
       FROM (SELECT *, row_number() OVER (ORDER BY feature_id COLLATE "C") AS place
             FROM layer_row WHERE layer = 'cells') AS given""",
)
