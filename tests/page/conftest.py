"""A small city on a small server, and a real browser that notices every fault."""

from __future__ import annotations

import contextlib
import json
import mimetypes
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from geo import cells, geojson

DIST = Path(__file__).parents[2] / "server" / "web" / "dist"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; worker-src 'self'; font-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SOFTWARE_WEBGL = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""

Answer = tuple[int, Any]
Answers = dict[str, Answer]


@pytest.fixture(scope="session")
def small_city() -> Answers:
    """Return what the server says of one city: path -> status and body."""
    middle = cells.cell_of(12.9716, 77.5946, resolution=9)
    around = [int(cell) for cell in cells.disc(middle, k=8)]
    outline = cells.outline(cells.disc(middle, k=8))
    shown = [cell for index, cell in enumerate(around) if index % 9 != 4]
    layers = {
        "cells": [_cell(cell, index) for index, cell in enumerate(shown)],
        "cells-day": [_cell(cell, index + 3) for index, cell in enumerate(shown[:150])],
        "cells-night": [_cell(cell, index + 7) for index, cell in enumerate(shown[:60])],
        "hotspots": [_hotspot("h1", around[40], near="Market Road"), _hotspot("h2", around[120], near="")],
        "hotspots-night": [_hotspot("n1", around[20], near="")],
    }
    city = {"slug": "sample", "name": "Sample City", "bbox": list(outline.bounds)}
    answers: Answers = {
        "/api/v1/cities": (200, {"cities": [city]}),
        "/api/v1/cities/sample": (200, {**city, "k": 5, "boundary": geojson.write(outline)}),
    }
    for name, features in layers.items():
        collection = {"type": "FeatureCollection", "features": features}
        answers[f"/api/v1/cities/sample/layers/{name}.geojson"] = (200, collection)
    return answers


def _cell(cell: int, index: int) -> dict[str, Any]:
    score = round(2.5 + 2.4 * float(np.sin(index / 11)), 1)
    half = (0.4, 0.9, 1.6)[index % 3]
    return _feature(
        cells.polygon(cell),
        cell=cells.to_text(cell),
        resolution=9,
        score=score,
        score_low=round(max(score - half, 0), 1),
        score_high=round(min(score + half, 5), 1),
        needs=("lighting;walk_path", "", "transport")[index % 3],
        auditors_min=(5, 10, 20)[index % 3],
        audits_min=(10, 50, 100)[index % 3],
        last_audit=f"2026-{index % 12 + 1:02d}",
        trend=("new", "worse", "same", "better", "too_short")[index % 5],
        adjusted=index % 4 != 0,
        **{"class": ("severe", "hot", "watch", "none", "cold")[index % 5]},
    )


def _hotspot(name: str, cell: int, *, near: str) -> dict[str, Any]:
    score = {"score": 1.4, "score_low": 1.2, "score_high": 2.0}
    words = {"needs": "lighting;walk_path", "kind": "dark_and_empty", "trend": "worse", "since": "2026-04"}
    size = {"cells": 7, "area_km2": 0.74, "auditors_min": 10, "status": "open"}
    return _feature(cells.outline(cells.disc(cell, k=1)), id=name, near=near, **score, **words, **size)


def _feature(shape: Any, **properties: Any) -> dict[str, Any]:
    name = properties.get("cell") or properties["id"]
    return {"type": "Feature", "id": name, "geometry": geojson.write(shape), "properties": properties}


class _Handler(BaseHTTPRequestHandler):
    """The built page and canned answers, under the policy that the real server sends."""

    answers: Answers

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        file = DIST / ("index.html" if path == "/" else path[1:])
        if path in self.answers:
            status, body = self.answers[path]
            kind = "application/json" if status < 400 else "application/problem+json"
            self._send(status, kind, json.dumps(body).encode())
        elif file.resolve().is_relative_to(DIST) and file.is_file():
            self._send(200, mimetypes.guess_type(file.name)[0] or "text/javascript", file.read_bytes())
        else:
            self._send(404, "application/problem+json", b'{"title": "Not there", "status": 404}')

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # the browser may have left
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def built_page() -> Path:
    if not (DIST / "index.html").is_file():
        pytest.skip("the page is not built: run `make install`, or `npm ci && npm run build` in web/")
    return DIST


@pytest.fixture(scope="session")
def serve(built_page: Path) -> Iterator[Callable[[Answers], str]]:
    """Return a function that serves the page with these answers and returns the origin."""
    with contextlib.ExitStack() as started:

        def start(answers: Answers) -> str:
            handler = type("Handler", (_Handler,), {"answers": answers})
            server = started.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), handler))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            started.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}"

        yield start


@pytest.fixture(scope="session")
def page_origin(serve: Callable[[Answers], str], small_city: Answers) -> str:
    """Return the origin of a server that has a city with a run: override it to test another server."""
    return serve(small_city)


@pytest.fixture(scope="session")
def slug(page_origin: str) -> str:
    return str(_get(f"{page_origin}/api/v1/cities")["cities"][0]["slug"])


@pytest.fixture(scope="session")
def layers(page_origin: str, slug: str) -> dict[str, list[dict[str, Any]]]:
    """Return the features of each layer, as the server tells them."""
    root = f"{page_origin}/api/v1/cities/{slug}/layers"
    return {name: _get(f"{root}/{name}.geojson")["features"] for name in ("cells", "cells-night", "hotspots")}


def _get(address: str) -> dict[str, Any]:
    with urlopen(address) as answer:
        return dict(json.load(answer))


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[[list[str]], Browser]]:
    """Return a function that starts a browser with these flags, once for each set of flags."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium to look with: `apt-get install chromium`")
    running: dict[tuple[str, ...], Browser] = {}
    with sync_playwright() as playwright:

        def start(flags: list[str]) -> Browser:
            key = tuple(flags)
            if key not in running:
                running[key] = playwright.chromium.launch(executable_path=chromium, args=flags)
            return running[key]

        yield start
        for browser in running.values():
            browser.close()


@dataclass
class Visit:
    """A page that keeps count of what must not happen."""

    page: Page
    origin: str
    console: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def faults(self) -> list[str]:
        """Return console errors, requests to other origins and violations of the policy."""
        violations: list[str] = self.page.evaluate("window.violations")
        return [*self.console, *self.strangers, *violations]

    def note(self, url: str) -> None:
        if not url.startswith((self.origin, "data:", f"blob:{self.origin}")):
            self.strangers.append(f"request to {url}")


@pytest.fixture
def visit(launch: Callable[[list[str]], Browser]) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens an address at the size of a screen."""
    with contextlib.ExitStack() as opened:

        def go(
            address: str,
            *,
            width: int = 1280,
            height: int = 800,
            dark: bool = False,
            flags: list[str] = SOFTWARE_WEBGL,
        ) -> Visit:
            context = launch(flags).new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if dark else "light",
                has_touch=width < 600,
                reduced_motion="reduce",
            )
            opened.callback(context.close)
            page = context.new_page()
            made = Visit(page, "/".join(address.split("/")[:3]))
            page.add_init_script(NOTE_VIOLATIONS)
            page.on("console", lambda said: made.console.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: made.console.append(str(error)))
            page.on("request", lambda request: made.note(request.url))
            page.set_default_timeout(30_000)
            page.goto(address)
            return made

        yield go
