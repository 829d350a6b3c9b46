"""A basemap lies below the city: of our own origin, or of the one that the settings name."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect
from werkzeug.serving import make_server

from server.api.context import EXTENSION
from server.app import create_app
from server.basemap import add_basemap, basemap_file
from server.cities import CityDirectory
from server.settings import Settings
from tests.basemaps import write_basemap
from tests.world import World

IN_VIEW = re.compile(r"^\d+ places in view$")
STYLE = {
    "version": 8,
    "sources": {},
    "layers": [{"id": "paper", "type": "background", "paint": {"background-color": "#123456"}}],
}


@pytest.fixture
def with_basemap(world: World, tmp_path: Path) -> Iterator[None]:
    home = world.app.extensions[EXTENSION].settings.home
    add_basemap(write_basemap(tmp_path / "map.pmtiles"), home=home)
    yield
    basemap_file(home).unlink()


def test_streets_lie_below_the_places_and_come_from_here_alone(
    page_origin: str, visit: Callable[..., Any], screenshots: Path, with_basemap: None
) -> None:
    seen = visit(f"{page_origin}/#map=13/28.6000/77.2500")
    expect(seen.page.locator(".status")).to_have_text(IN_VIEW)
    seen.page.screenshot(path=screenshots / "basemap-desktop-light.png")
    asked: list[str] = seen.page.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
    assert [name for name in asked if name.endswith("/basemap/tiles.pmtiles")]
    assert seen.faults() == []


def test_the_streets_that_the_city_loaded_stand_in(
    page_origin: str, visit: Callable[..., Any], screenshots: Path
) -> None:
    seen = visit(f"{page_origin}/#map=14/28.6000/77.2500")
    expect(seen.page.locator(".status")).to_have_text(IN_VIEW)
    asked: list[str] = seen.page.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
    assert [name for name in asked if name.endswith("/basemap?city=testville")]
    seen.page.screenshot(path=screenshots / "streets-desktop-light.png")
    assert seen.faults() == []


@dataclass
class Styled:
    """A server whose settings name a style on another one, and what that was asked."""

    origin: str
    other: str
    keys: list[str | None] = field(default_factory=list)


@pytest.fixture
def styled(world: World, built_page: Path, tmp_path: Path) -> Iterator[Styled]:
    keys: list[str | None] = []

    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys.append(self.headers["Authorization"])
            body = json.dumps(STYLE).encode()
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    database = world.town.database
    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{other.server_port}"
        settings = Settings(home=tmp_path, basemap_style=f"{address}/style.json")
        server = make_server(
            "127.0.0.1", 0, create_app(settings, database, CityDirectory(database)), threaded=True
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Styled(f"http://127.0.0.1:{server.server_port}", address, keys)
        server.shutdown()
        other.shutdown()


def test_a_style_of_the_settings_is_drawn_and_its_origin_learns_no_key(
    styled: Styled, visit: Callable[..., Any], planner_key: str
) -> None:
    seen = visit(f"{styled.origin}/#map=13/28.6000/77.2500", key=planner_key)
    expect(seen.page.locator(".status")).to_have_text(IN_VIEW)
    box = seen.page.locator("canvas").bounding_box()
    assert box is not None
    clip = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 20, "width": 20, "height": 20}
    colours = Image.open(BytesIO(seen.page.screenshot(clip=clip))).convert("RGB").getcolors()
    assert max(colours or [])[1] == (0x12, 0x34, 0x56)
    assert styled.keys == [None]
    assert seen.strangers == [f"request to {styled.other}/style.json"]
    assert (seen.console, seen.page.evaluate("window.violations")) == ([], [])
