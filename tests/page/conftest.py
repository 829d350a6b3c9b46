"""The real server with a published city, and a real browser that notices every fault."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright
from werkzeug.serving import make_server

from server.actors import Role
from server.api.pages import built_page as folder_of_the_page
from tests.page.flags import DRAWING, PLAIN
from tests.page.offices import desk, office  # noqa: F401 - fixtures
from tests.page.waiting import PATIENCE_S
from tests.world import World

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""

Answers = dict[str, tuple[int, Any]]
"""What is answered in the server's stead: path -> status and body."""


@pytest.fixture(scope="session")
def built_page() -> Path:
    folder = folder_of_the_page()
    if not (folder / "index.html").is_file():
        pytest.skip("the page is not built: run `make install`, or `npm ci && npm run build` in web/")
    return folder


@pytest.fixture(scope="session")
def page_origin(built_page: Path, world: World) -> Iterator[str]:
    """Return the origin of a server with two cities, of which the first has a run."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="session")
def slug(page_origin: str) -> str:
    return str(_get(f"{page_origin}/api/v1/cities")["cities"][0]["slug"])


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Return the folder for the pictures."""
    folder = Path(os.environ.get("SAFEAUDIT_SCREENSHOTS", "/tmp/safeaudit-screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def planner_key(world: World) -> str:
    return world.keys[Role.PLANNER]


@pytest.fixture(scope="session")
def layers(page_origin: str, slug: str, planner_key: str) -> dict[str, list[dict[str, Any]]]:
    """Return the features of each layer, as the server tells them."""
    root = f"{page_origin}/api/v1/cities/{slug}/layers"
    names = ("cells", "cells-night", "hotspots", "zones", "cells-now", "gaps", "dark-spots")
    return {name: _get(f"{root}/{name}.geojson", planner_key)["features"] for name in names}


def _get(address: str, key: str = "") -> dict[str, Any]:
    with urlopen(Request(address, headers={"Authorization": f"Bearer {key}"} if key else {})) as answer:
        return dict(json.load(answer))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the browser to look with."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium to look with: `apt-get install chromium`")


@pytest.fixture(scope="session")
def launch(chromium: str) -> Iterator[Callable[[list[str]], Browser]]:
    """Return a function that starts a browser with these flags, once for each set of flags."""
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

    def barriers(self, *, colours_alone: bool = False) -> list[str]:
        """Return what axe-core finds that keeps people out: its serious and critical findings.

        `colours_alone` asks for what may differ between light and dark.
        """
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        options = {"resultTypes": ["violations"], **({"runOnly": ["cat.color"]} if colours_alone else {})}
        found = self.page.evaluate("options => axe.run(document, options)", options)["violations"]
        grave = [one for one in found if one["impact"] in ("serious", "critical")]
        return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in grave]

    def note(self, url: str) -> None:
        if not url.startswith((self.origin, "data:", f"blob:{self.origin}")):
            self.strangers.append(f"request to {url}")


@pytest.fixture
def visit(launch: Callable[[list[str]], Browser]) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens an address at the size of a screen.

    `answers` are given in the server's stead, and may be changed meanwhile; `key` is a planner's; `language`
    is that chosen before; `script` runs before the page's own.
    """
    with contextlib.ExitStack() as opened:

        def go(
            address: str,
            *,
            width: int = 1280,
            height: int = 800,
            dark: bool = False,
            flags: list[str] = DRAWING,
            answers: Answers | None = None,
            key: str = "",
            slug: str = "testville",
            language: str = "",
            script: str = "",
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
            if key:
                page.add_init_script(f"sessionStorage.setItem('safeaudit-key:{slug}', '{key}')")
            if script:
                page.add_init_script(script)
            if language:
                page.add_init_script(f"localStorage.setItem('language', '{language}')")
            if answers is not None:
                page.route("**", lambda route: _answer(route, answers))
            page.on("console", lambda said: made.console.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: made.console.append(str(error)))
            page.on("request", lambda request: made.note(request.url))
            context.set_default_timeout(PATIENCE_S * 1000)
            page.goto(address)
            return made

        yield go


@pytest.fixture
def read(visit: Callable[..., Visit]) -> Callable[..., Visit]:
    """Return `visit` with a browser that has no WebGL, for what is no map."""
    return partial(visit, flags=PLAIN)


def _answer(route: Route, answers: Answers) -> None:
    path = urlsplit(route.request.url).path
    if path not in answers:
        route.continue_()
        return
    status, body = answers[path]
    kind = "application/json" if status < 400 else "application/problem+json"
    route.fulfill(status=status, content_type=kind, body=json.dumps(body))
