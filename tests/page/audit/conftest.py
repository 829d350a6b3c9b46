"""The real server with a city that asks, and phones whose browsers keep what they were given."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import text
from werkzeug.serving import make_server

from server.api import fast_lane
from server.app import create_app
from server.cities import City, CityDirectory
from server.cluster.embedded import Cluster
from server.consent.text import shipped
from server.database import Database, connect
from server.services.approve_consent import approve_consent
from server.settings import Settings
from tests.conftest import OTHERTOWN, TEMPLATE, TESTVILLE, make_city
from tests.page.conftest import NOTE_VIOLATIONS, Visit
from tests.page.flags import PLAIN
from tests.page.waiting import PATIENCE_S, until

HERE = {"latitude": 28.6, "longitude": 77.25, "accuracy": 8}
LANGUAGES = ["en", "es", "hi", "fr", "pt", "sw", "ar"]
ON_THE_PHONE = """async () => {
  const database = await new Promise((resolve) => {
    const request = indexedDB.open('notes');
    request.onsuccess = () => resolve(request.result);
  });
  const all = (table) => new Promise((resolve) => {
    const request = database.transaction(table).objectStore(table).getAll();
    request.onsuccess = () => resolve(request.result);
  });
  const found = { audits: await all('audits'), photos: await all('photos'), people: await all('people') };
  const [sending] = (await all('settings')).filter(({ name }) => name === 'sending');
  database.close();
  return { ...found, failures: sending?.value.failures ?? 0 };
}"""
SEND_NOW = "document.querySelector('.mine [data-part=waiting] .primary')?.click()"


@dataclass(frozen=True)
class Town:
    """The server of "testville", which takes photos and has a consent text; "othertown" has neither."""

    origin: str
    port: int
    database: Database
    city: City
    home: Path

    def ids(self) -> set[str]:
        """Return the id of every audit that was not taken back."""
        return set(
            self.select("SELECT audit_id::text FROM audit GROUP BY audit_id HAVING bool_and(state = 'kept')")
        )

    def select(self, query: str) -> list[Any]:
        """Return the first column of what a query finds."""
        with self.database.transaction() as connection:
            return list(connection.execute(text(query)).scalars())


@pytest.fixture(scope="session")
def town(built_page: Path, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    name = f"test_{os.getpid()}_phones"
    cluster.create_database(name, template=TEMPLATE)
    database = connect(cluster.database_url(name), pool_size=8)
    answers_for = {"photos": True, "controller": "City office", "contact": "office@example.org"}
    make_city(database, "testville", area=TESTVILLE, languages=LANGUAGES, settings=answers_for)
    make_city(database, "othertown", area=OTHERTOWN)
    cities = CityDirectory(database)
    with database.transaction() as connection:
        approve_consent(connection, city=cities.get("testville"), consent=shipped())
    home = tmp_path_factory.mktemp("phones")
    settings = Settings(home=home, enrolments_per_hour=10_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_lane, "_KNOWN_FOR_S", 0)  # a token that is over is over at once
        app = create_app(settings, database, cities)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Town(f"http://127.0.0.1:{server.port}", server.port, database, cities.get("testville"), home)
    server.shutdown()
    server.server_close()
    database.dispose()
    cluster.drop_database(name)


@dataclass
class Phone(Visit):
    """A browser on a phone, standing at HERE; what it keeps goes when its context is closed."""

    context: BrowserContext | None = field(default=None)

    def enter(self) -> None:
        """Agree to the consent text and start."""
        self.page.get_by_role("button", name="I agree, start").click()
        expect(self.page.get_by_role("button", name="Mark this spot")).to_be_visible()

    def audit(self, **answers: int) -> None:
        """Mark this spot, answer and save, as quickly as the phone finds where it is."""
        self.page.get_by_role("button", name="Mark this spot").click()
        expect(self.page.locator(".place .status")).to_contain_text("Accurate to 8 m")
        for name, level in (answers or {"lighting": 1, "people": 2}).items():
            self.page.locator(f'input[name="{name}"][value="{level}"]').check()
        self.page.get_by_role("button", name="Save").click()
        expect(self.page.get_by_role("button", name="Mark this spot")).to_be_visible()

    def open(self, tab: str) -> None:
        """Go to a view by its tab."""
        self.page.get_by_role("navigation").get_by_role("button", name=tab).click()

    def kept(self) -> dict[str, Any]:
        """Return what is on the phone, and how often in a row sending failed."""
        return dict(self.page.evaluate(ON_THE_PHONE))

    def enrolled(self) -> None:
        """Wait until the server knows this phone."""
        until(self.page, lambda: all(one["token"] for one in self.kept()["people"]))

    def delivered(self) -> None:
        """Wait until no audit of anybody on this phone waits to be sent."""
        until(self.page, lambda: all(one["state"] in ("sent", "draft") for one in self.kept()["audits"]))

    def controlled(self) -> None:
        """Wait until the service worker stands behind the page, with all its files."""
        until(
            self.page, lambda: self.page.evaluate("navigator.serviceWorker.controller?.state === 'activated'")
        )

    def send_now(self) -> None:
        """Press "Send now" among what is hers until all is sent, which the page may also do by itself."""
        self.open("Mine")
        everything = self.page.get_by_role("heading", name="Everything has been sent.")

        def pressed() -> bool:
            self.page.evaluate(SEND_NOW)
            return everything.is_visible()

        until(self.page, pressed)


@pytest.fixture
def phone(launch: Callable[..., Any], town: Town) -> Iterator[Callable[..., Phone]]:
    """Return a function that takes out a phone and opens an address; it forgets everything afterwards.

    With `worker`, the page's service worker is at work as well; without, what is sent is sent by the page.
    """
    with contextlib.ExitStack() as opened:

        def take(
            path: str = "/audit?city=testville",
            *,
            origin: str = town.origin,
            geolocation: dict[str, float] | None = HERE,
            worker: bool = False,
            **options: Any,
        ) -> Phone:
            defaults: dict[str, Any] = {
                "viewport": {"width": 390, "height": 844},
                "has_touch": True,
                "reduced_motion": "reduce",
                "geolocation": geolocation,
                "permissions": ["geolocation"] if geolocation else [],
            }
            context = launch(PLAIN).new_context(**(defaults | options))
            opened.callback(context.close)
            if not worker:
                context.add_init_script("delete Navigator.prototype.serviceWorker")
            return watched(context, context.new_page(), origin + path, origin)

        yield take


def watched(context: BrowserContext, page: Page, address: str, origin: str) -> Phone:
    """Return a phone that opens an address and keeps count of what must not happen."""
    made = Phone(page, origin, context=context)
    page.add_init_script(NOTE_VIOLATIONS)
    page.on("console", lambda said: made.console.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: made.console.append(str(error)))
    context.on("request", lambda request: made.note(request.url))
    context.set_default_timeout(PATIENCE_S * 1000)
    page.goto(address)
    return made


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    """A picture of 3 megapixels: far more than what is sent."""
    import cv2  # noqa: PLC0415 - slow to load
    import numpy as np  # noqa: PLC0415

    noise = np.random.default_rng(3).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    _, packed = cv2.imencode(".jpg", cv2.resize(noise, (2000, 1500)))
    assert packed.nbytes > 1_000_000
    return packed.tobytes()
