"""What was saved reaches the server, once, whatever happens to network, browser and tabs."""

import random
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, expect

from server.api import pages
from tests.collect.proxy import BadNetwork, Fault
from tests.page.audit.conftest import HERE, SEND_NOW, Phone, Town, watched
from tests.page.flags import PLAIN
from tests.page.routes import cut
from tests.page.waiting import until

COPY_THE_WAITING = """async (count) => {
  const database = await new Promise((resolve) => {
    const request = indexedDB.open('notes');
    request.onsuccess = () => resolve(request.result);
  });
  const audits = database.transaction('audits', 'readwrite').objectStore('audits');
  const [one] = await new Promise((resolve) => {
    const request = audits.getAll();
    request.onsuccess = () => resolve(request.result);
  });
  for (let made = 1; made < count; made += 1) audits.put({ ...one, id: crypto.randomUUID() });
  await new Promise((resolve) => { audits.transaction.oncomplete = resolve; });
  database.close();
}"""

CACHES = "caches.keys()"


class _Early(random.Random):
    """Chance by which whatever breaks off breaks off early: no request passes a reset by being short."""

    def uniform(self, *_: float) -> float:
        return 2.0


@dataclass(frozen=True)
class Wire:
    """What lies between phones and the town. It fails service workers too, which an emulated one may miss."""

    origin: str
    network: BadNetwork

    def suffer(self, fault: Fault) -> None:
        """Let every request end so from now on."""
        self.network.weights = {fault: 1}
        self.network.hang_up()


@pytest.fixture
def wire(town: Town) -> Iterator[Wire]:
    network = BadNetwork(("127.0.0.1", town.port), {Fault.NONE: 1}, _Early(7))
    with network.listening() as (host, port):
        yield Wire(f"http://{host}:{port}", network)


def test_an_audit_made_offline_arrives_once_with_its_photo_though_the_browser_was_closed(
    launch: Callable[..., Browser], chromium: str, town: Town, wire: Wire, tmp_path: Path, jpeg: bytes
) -> None:
    before, photos = town.ids(), town.select("SELECT octet_length(sha256) FROM photo")
    address = f"{wire.origin}/audit?city=testville"
    own_phone = partial(_own_phone, launch(PLAIN).browser_type, chromium, tmp_path)
    one = own_phone(address)
    assert one.context
    one.enter()
    one.controlled()
    wire.suffer(Fault.RESET)
    one.page.get_by_role("button", name="Mark this spot").click()
    expect(one.page.locator(".place .status")).to_contain_text("Accurate to 8 m")
    one.page.locator('input[name="lighting"][value="1"]').check()
    one.page.locator("input[type=file]").set_input_files(
        {"name": "spot.jpg", "mimeType": "image/jpeg", "buffer": jpeg}
    )
    expect(one.page.locator(".photos img")).to_be_visible()
    one.page.get_by_role("button", name="Save").click()
    expect(one.page.locator(".badge")).to_have_text("1")
    one.context.close()

    again = own_phone(address)
    assert again.context
    again.open("Mine")
    expect(again.page.get_by_role("heading", name="1 waits to be sent")).to_be_visible()
    assert town.ids() == before
    wire.suffer(Fault.NONE)
    again.send_now()
    [sent] = town.ids() - before
    assert town.select(f"SELECT count(*) FROM audit WHERE audit_id = '{sent}'") == [1]
    assert len(town.select("SELECT audit_id FROM photo")) == len(photos) + 1
    kept = again.kept()
    assert (kept["audits"], kept["photos"]) == ([], [])
    again.context.close()


def test_a_hundred_audits_pass_a_failing_network_without_loss_or_doubling(
    phone: Callable[..., Phone], town: Town, wire: Wire
) -> None:
    before = town.ids()
    one = phone(origin=wire.origin)
    one.enter()
    one.enrolled()
    wire.suffer(Fault.RESET)
    one.audit(lighting=0)
    until(one.page, lambda: one.kept()["failures"])
    one.page.evaluate(COPY_THE_WAITING, 100)
    one.open("Mine")
    expect(one.page.get_by_role("heading", name="100 wait to be sent")).to_be_visible()
    for fault in (Fault.RESET, Fault.LOSE_REPLY, Fault.CUT_REPLY):
        wire.suffer(fault)
        _press_until(one, partial(wire.network.happened.get, fault))
        assert len(one.kept()["audits"]) == 100, "some left the phone unacknowledged"
    _press_until(one, lambda: town.ids() != before)
    assert len(one.kept()["audits"]) == 100, "some left the phone unacknowledged"
    wire.suffer(Fault.NONE)
    one.send_now()
    assert one.kept()["audits"] == []
    assert len(town.ids() - before) == 100


def _press_until(one: Phone, reached: Callable[[], object]) -> None:
    """Press "Send now" again and again."""
    until(one.page, lambda: one.page.evaluate(SEND_NOW) or reached())


def _own_phone(kind: BrowserType, chromium: str, folder: Path, address: str) -> Phone:
    """Return a phone that still has in `folder` what it was given before."""
    options: dict[str, Any] = {
        "geolocation": HERE,
        "permissions": ["geolocation"],
        "reduced_motion": "reduce",
    }
    context = kind.launch_persistent_context(
        folder,
        executable_path=chromium,
        args=PLAIN,
        viewport={"width": 390, "height": 844},
        **options,
    )
    return watched(context, context.pages[0], address, "/".join(address.split("/")[:3]))


def test_what_a_closed_page_left_is_sent_by_the_worker(
    phone: Callable[..., Phone], town: Town, wire: Wire
) -> None:
    before = town.ids()
    one = phone(origin=wire.origin, worker=True)
    one.enter()
    one.controlled()
    assert one.context
    wire.suffer(Fault.RESET)
    one.audit(people=1)
    expect(one.page.locator(".badge")).to_have_text("1")
    one.page.goto("about:blank")
    assert town.ids() == before
    wire.suffer(Fault.NONE)
    devtools = one.context.new_cdp_session(one.page)
    registered: list[Any] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated", lambda told: registered.extend(told["registrations"])
    )
    devtools.send("ServiceWorker.enable")
    until(one.page, lambda: registered)
    devtools.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": wire.origin,
            "registrationId": registered[0]["registrationId"],
            "tag": "send",
            "lastChance": False,
        },
    )
    until(one.page, lambda: town.ids() != before)
    assert len(town.ids() - before) == 1


def test_a_newer_page_is_taken_over_with_a_full_queue(
    phone: Callable[..., Phone],
    town: Town,
    wire: Wire,
    built_page: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    before = town.ids()
    one = phone(origin=wire.origin, worker=True)
    one.enter()
    one.controlled()
    assert one.context
    wire.suffer(Fault.RESET)
    one.audit(people=1)
    expect(one.page.locator(".badge")).to_have_text("1")
    newer = tmp_path / "dist"
    shutil.copytree(built_page, newer)
    worker = newer / "audit" / "worker.js"
    worker.write_text(re.sub(r"version:`(\w+)`", "version:`newer`", worker.read_text()))
    assert "`newer`" in worker.read_text()
    monkeypatch.setattr(pages, "built_page", lambda: newer)
    # The network is back for the page's files alone: what waits still waits.
    with cut(one.context, "**/api/**"):
        wire.suffer(Fault.NONE)
        one.page.reload()
        # Browsers look for a newer worker when a page opens, and when they please.
        look = "navigator.serviceWorker.ready.then((own) => own.update()).then(() => true, () => false)"
        until(one.page, lambda: one.page.evaluate(look))
        expect(one.page.locator("[data-state=update]")).to_contain_text("What waits stays on the phone.")
        with one.page.expect_event("load"):
            one.page.get_by_role("button", name="Use it now").click()
        expect(one.page.locator("[data-state=update]")).to_have_count(0)
        until(one.page, lambda: one.page.evaluate(CACHES) == ["audit-newer"])
    one.send_now()
    expect(one.page.locator(".badge")).to_be_hidden()
    assert len(town.ids() - before) == 1
