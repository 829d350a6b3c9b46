"""Every view at phone and desktop size, in light and dark: drawn to look at, and checked for barriers."""

import gzip
import json
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Response, ViewportSize, expect

from tests.page.audit.conftest import Phone

SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "desktop": {"width": 1280, "height": 800},
}
SCRIPT_LIMIT_KB = 120
TWENTY_AUDITS_LIMIT_KB = 1000


def test_every_view_fits_is_faultless_and_shuts_nobody_out(
    phone: Callable[..., Phone], screenshots: Path
) -> None:
    one = phone()

    def look(name: str) -> None:
        for scheme, (size, screen) in product(SCHEMES, SIZES.items()):
            one.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            one.page.set_viewport_size(screen)
            one.page.screenshot(path=screenshots / f"audit-{name}-{size}-{scheme}.png")
            overflow = one.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert overflow <= 0, f"{name} is {overflow} px wider than the screen"
            assert size != "phone" or one.barriers(colours_alone=scheme == "dark") == [], name

    expect(one.page.get_by_role("button", name="I agree, start")).to_be_visible()
    look("welcome")
    one.enter()
    look("home")
    one.page.get_by_role("button", name="Mark this spot").click()
    expect(one.page.locator(".place .status")).to_contain_text("Accurate")
    one.page.get_by_role("button", name="Set the pin").click()
    expect(one.page.locator(".plane")).to_be_visible()
    look("pin")
    one.page.locator('input[name="people"][value="2"]').check()
    one.page.locator('[data-question="people"]').scroll_into_view_if_needed()
    look("questions")
    one.page.get_by_role("button", name="Save").click()
    one.open("Mine")
    expect(one.page.get_by_role("heading", name="1 on the server")).to_be_visible()
    look("mine")
    one.open("Settings")
    expect(one.page.get_by_role("heading", name="Erase everything")).to_be_visible()
    look("settings")
    assert one.faults() == []


def test_arabic_looks_right_to_left(phone: Callable[..., Phone], screenshots: Path) -> None:
    one = phone(locale="ar")
    one.page.get_by_role("button", name="أوافق، لنبدأ").click()
    one.page.get_by_role("button", name="علّم هذه النقطة").click()
    expect(one.page.locator(".place .status")).to_contain_text("الدقة")
    one.page.screenshot(path=screenshots / "audit-questions-phone-arabic.png")
    assert one.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    # What is read first stands on the right.
    title, leave = one.page.locator("h1").bounding_box(), one.page.locator(".leave").bounding_box()
    assert title
    assert leave
    assert title["x"] > leave["x"]
    assert one.barriers() == []


def test_what_is_pressed_is_large_enough_for_a_thumb(phone: Callable[..., Phone]) -> None:
    one = phone()
    one.enter()
    one.page.get_by_role("button", name="Mark this spot").click()
    expect(one.page.locator(".place .status")).to_contain_text("Accurate")
    small = one.page.evaluate(_SMALL, 48)
    assert small == []


def test_the_page_is_light_and_so_are_twenty_audits(phone: Callable[..., Phone], built_page: Path) -> None:
    one = phone("/healthz")
    received: list[Response] = []
    sent: list[int] = []
    one.page.on("response", lambda answer: received.append(answer))  # noqa: PLW0108 - a bound builtin is refused
    one.page.on("request", lambda request: sent.append(len(request.post_data or "")))
    one.page.goto(one.page.url.replace("/healthz", "/audit?city=testville"))
    one.enter()
    one.audit(**dict.fromkeys(["lighting", "openness", "visibility", "people", "feeling"], 2))
    one.delivered()
    assert [answer for answer in received if answer.url.endswith("/audits/batch")]
    packed = {answer.url: len(gzip.compress(answer.body(), 6)) / 1000 for answer in received}
    scripts = {url: kb for url, kb in packed.items() if url.endswith(".js")}
    assert scripts
    assert not [url for url in scripts if "pin-" in url or "ground" in url]
    assert sum(scripts.values()) <= SCRIPT_LIMIT_KB
    largest_kb = max(sent) / 1000
    assert sum(packed.values()) + 20 * largest_kb <= TWENTY_AUDITS_LIMIT_KB
    weights = f"scripts {sum(scripts.values()):.0f} kB, all {sum(packed.values()):.0f} kB"
    print(f"{weights}, an audit {largest_kb:.1f} kB")


def test_the_page_is_an_app_with_a_neutral_name(phone: Callable[..., Phone], built_page: Path) -> None:
    manifest = json.loads((built_page / "audit" / "manifest.webmanifest").read_text())
    assert manifest["name"] == manifest["short_name"] == "Notes"
    assert manifest["display"] == "standalone"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    one = phone(worker=True)
    expect(one.page).to_have_title("Notes")
    assert one.context
    devtools = one.context.new_cdp_session(one.page)
    faults = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one["errorId"] for one in faults if one["errorId"] != "in-incognito"] == []
    markup = (built_page / "audit.html").read_text()
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", markup) == []


_SMALL = """(least) => [...document.querySelectorAll('button, .level, select, summary, input[type=file]')]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.textContent.slice(0, 30), one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < least || height < least)
  .map(([text, { width, height }]) => `${text}: ${width} by ${height}`)"""
