"""Cities side by side: ours as they are published, others as far as their files can be read."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.app import create_app
from server.cities import CityDirectory
from server.settings import Settings
from tests.world import World

GOOD = {
    "as_of": "2026-10-01T00:00:00Z",
    "instrument": "safetipin-9",
    "indicators": [
        {"id": "common-score", "value": 2.4, "low": 2.1, "high": 2.7, "group": "", "code": "", "new": 1}
    ],
}
PAGES: dict[str, tuple[int, bytes]] = {
    "/good": (200, json.dumps(GOOD).encode()),
    "/moved": (302, b""),
    "/html": (200, b"<html>"),
    "/wrong": (200, b'{"as_of": "2026", "instrument": "x", "indicators": [{"id": 3}]}'),
}


class _Other(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        status, body = PAGES[self.path]
        self.send_response(status)
        self.send_header("Location", "/good")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def other(asked: list[str]) -> Iterator[str]:
    """Return the origin of another server."""
    handler = type("Handler", (_Other,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _client(world: World, home: Path, **sources: str) -> FlaskClient:
    settings = Settings(home=home, programme_sources=sources)
    database = world.town.database
    return create_app(settings, database, CityDirectory(database)).test_client()


def test_our_cities_come_by_name_with_the_figures_that_they_publish(world: World) -> None:
    told = world.client().get("/api/v1/programme").json
    assert told is not None
    assert [city["name"] for city in told["cities"]] == ["Othertown", "Testville"]
    empty, ours = told["cities"]
    assert empty == {
        "slug": "othertown",
        "name": "Othertown",
        "as_of": None,
        "instrument": None,
        "indicators": [],
        "trends": {},
    }
    published = world.client().get("/api/v1/cities/testville/indicators").json
    assert published is not None
    assert ours["indicators"] == published["indicators"]
    assert ours["as_of"] == published["as_of"]
    trends = world.tables["cells"].columns["trend"]
    assert ours["trends"] == {name: trends.count(name) for name in sorted(set(trends))}


def test_the_score_to_compare_cities_by_has_an_interval_around_it(world: World) -> None:
    published = world.client().get("/api/v1/cities/testville/indicators").json
    assert published is not None
    found = [one for one in published["indicators"] if one["id"] == "common-score"]
    assert {one["group"] for one in found} >= {"", "daypart:day", "daypart:night"}
    assert all(one["low"] < one["value"] < one["high"] for one in found)


def test_a_run_from_before_it_was_published_has_all_other_indicators(world: World) -> None:
    from dataclasses import replace  # noqa: PLC0415 - for this test alone

    from server.services.read_indicators import indicators_of  # noqa: PLC0415 - as above

    table = world.tables["city"]
    columns = {name: values for name, values in table.columns.items() if not name.startswith("score_common")}
    ids = {one.id for one in indicators_of(replace(table, columns=columns))}
    assert "common-score" not in ids
    assert "safety-score" in ids


def test_another_servers_city_is_asked_by_the_address_in_the_settings_once(
    world: World, other: str, asked: list[str], tmp_path: Path
) -> None:
    client = _client(world, tmp_path, Pune=f"{other}/good")
    for _ in range(3):
        told = client.get("/api/v1/programme").json
        assert told is not None
        (pune,) = told["others"]
    assert (pune["name"], pune["as_of"], pune["problem"]) == ("Pune", GOOD["as_of"], None)
    assert pune["indicators"] == [{"id": "common-score", "value": 2.4, "low": 2.1, "high": 2.7, "group": ""}]
    assert asked == ["/good"]


def test_what_cannot_be_read_says_why_and_takes_nothing_else_down(
    world: World, other: str, asked: list[str], tmp_path: Path
) -> None:
    told = (
        _client(
            world,
            tmp_path,
            Good=f"{other}/good",
            Moved=f"{other}/moved",
            Html=f"{other}/html",
            Wrong=f"{other}/wrong",
            Away="http://127.0.0.1:9/indicators.json",
        )
        .get("/api/v1/programme")
        .json
    )
    assert told is not None
    problems = {one["name"]: one["problem"] for one in told["others"]}
    assert problems["Good"] is None
    assert problems["Moved"] == "its server answers 302"
    assert "no indicator file" in problems["Html"]
    assert "no indicator file" in problems["Wrong"]
    assert problems["Away"] == "its server gives no answer"
    assert sorted(asked) == ["/good", "/html", "/moved", "/wrong"], "a redirect was followed"
    assert len(told["cities"]) == 2
