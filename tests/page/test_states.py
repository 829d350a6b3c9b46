"""Whatever is missing, the page says so in words and offers a way on."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Page, expect

from tests.page.routes import cut, held
from tests.page.waiting import until

CITY = "/api/v1/cities/testville"
CELLS = re.compile("/tiles/testville/cells/")

Visit = Callable[..., Any]


def _state(page: Page, name: str) -> Any:
    return page.locator(f"[data-state={name}]")


def test_no_city_at_all(page_origin: str, read: Visit) -> None:
    seen = read(page_origin, answers={"/api/v1/cities": (200, {"cities": []})})
    expect(_state(seen.page, "no-city")).to_contain_text("safeaudit city create")
    assert seen.faults() == []


def test_an_unknown_city_names_those_that_are_here(page_origin: str, read: Visit) -> None:
    seen = read(f"{page_origin}/?city=nowhere")
    expect(_state(seen.page, "unknown-city")).to_contain_text("nowhere")
    seen.page.get_by_role("link", name="Testville").click()
    expect(seen.page.locator("h1")).to_have_text("Testville")


def test_the_address_chooses_among_cities(page_origin: str, read: Visit) -> None:
    page = read(f"{page_origin}/?city=othertown#view=table").page
    expect(page.locator("h1")).to_have_text("Othertown")
    page.get_by_text("Other cities").click()
    page.get_by_role("link", name="Testville").click()
    expect(page.locator("h1")).to_have_text("Testville")


def test_a_city_without_a_run_is_not_called_safe(page_origin: str, visit: Visit) -> None:
    seen = visit(f"{page_origin}/?city=othertown")
    expect(_state(seen.page, "no-run")).to_contain_text("does not mean that all is well")
    expect(seen.page.locator(".status")).to_have_text("0 places in view")
    assert seen.faults() == []


def test_a_night_without_enough_audits_says_so(
    page_origin: str, visit: Visit, layers: dict[str, list[dict[str, Any]]]
) -> None:
    with_run = _runs(page_origin)
    for layer in with_run["runs"][0]["layers"]:
        layer["features"] *= layer["name"] != "cells-night"
    place = layers["cells"][0]["id"]
    answers = {
        f"{CITY}/runs": (200, with_run),
        f"/ogc/testville/collections/cells-night/items/{place}": (404, {"title": "Not there"}),
    }
    page = visit(f"{page_origin}/#when=night&place=cells/{place}", answers=answers).page
    expect(_state(page, "no-cells")).to_contain_text("enough audits by night")
    expect(page.locator(".panel")).to_contain_text("Not enough audits by night to show it")
    page.get_by_role("radio", name="All hours").check()
    expect(_state(page, "no-cells")).to_be_hidden()
    expect(page.locator(".panel")).to_contain_text("out of 5 at all hours")


def test_loading_is_said_until_the_layer_is_there(page_origin: str, read: Visit) -> None:
    page = read(f"{page_origin}/#view=table").page
    with held(page, "**/cells-night.geojson") as asked:
        page.get_by_role("radio", name="Night").check()
        until(page, lambda: asked)
        expect(page.locator(".status")).to_have_text("Loading…")
    expect(page.locator(".status")).to_be_hidden()


def test_a_server_that_is_away_can_be_tried_again(page_origin: str, read: Visit) -> None:
    page = read(f"{page_origin}/#view=table").page
    with cut(page, "**/cells-night.geojson"):
        page.get_by_role("radio", name="Night").check()
        expect(_state(page, "unreachable")).to_contain_text("The server cannot be reached")
    page.get_by_role("button", name="Try again").click()
    expect(_state(page, "unreachable")).to_be_hidden()
    expect(page.locator("[data-subject=cells] tbody tr")).to_have_count(50)


def test_a_map_engine_that_did_not_arrive_can_be_tried_again(page_origin: str, visit: Visit) -> None:
    page = visit(f"{page_origin}/#view=table").page
    with cut(page, "**/assets/map-*.js"):
        page.get_by_role("radio", name="Map").check()
        expect(_state(page, "unreachable")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".status")).to_have_text(re.compile("places in view"))


def test_a_server_away_from_the_start_can_be_tried_again(page_origin: str, read: Visit) -> None:
    answers: dict[str, Any] = {
        "/api/v1/cities": (503, {"title": "Not ready", "detail": "the database is starting"})
    }
    page = read(f"{page_origin}/#view=table", answers=answers).page
    expect(_state(page, "refused")).to_contain_text("503: Not ready: the database is starting")
    answers.clear()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("h1")).to_have_text("Testville")


def test_tiles_that_do_not_arrive_are_told(page_origin: str, visit: Visit) -> None:
    page = visit(f"{page_origin}/#view=table").page
    with cut(page, CELLS):
        page.get_by_role("radio", name="Map").check()
        expect(page.locator(".fault")).to_contain_text("Part of the map did not arrive")


def test_a_layer_that_breaks_its_promise_is_named(
    page_origin: str, read: Visit, layers: dict[str, list[dict[str, Any]]]
) -> None:
    broken = deepcopy(layers["cells"])
    del broken[3]["properties"]["score_low"]
    answers = {f"{CITY}/layers/cells.geojson": (200, {"type": "FeatureCollection", "features": broken})}
    page = read(f"{page_origin}/#view=table", answers=answers).page
    expect(_state(page, "unreadable")).to_contain_text("score_low")


def test_without_webgl_the_table_holds_the_facts(page_origin: str, read: Visit) -> None:
    seen = read(page_origin)
    expect(_state(seen.page, "no-map")).to_contain_text("WebGL")
    asked: list[str] = seen.page.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
    seen.page.get_by_role("button", name="Show the table", exact=True).click()
    expect(_state(seen.page, "no-map")).to_be_hidden()
    seen.page.locator("tbody button").first.click()
    expect(seen.page.locator(".panel")).to_contain_text("out of 5")
    assert not [name for name in asked if re.search(r"/map-", name)], "the map engine was fetched for nothing"
    assert seen.faults() == []


def test_names_from_outside_stay_text(
    page_origin: str, read: Visit, layers: dict[str, list[dict[str, Any]]]
) -> None:
    hostile = deepcopy(layers["hotspots"][0])
    hostile["properties"]["near"] = "<img src=x onerror=alert(1)>"
    place = hostile["id"]
    answers = {f"/ogc/testville/collections/hotspots/items/{place}": (200, hostile)}
    seen = read(f"{page_origin}/#place=hotspots/{place}&view=table", answers=answers)
    expect(seen.page.locator(".panel h2")).to_have_text("Hotspot near <img src=x onerror=alert(1)>")
    expect(seen.page.locator("img")).to_have_count(0)
    assert seen.faults() == []


def _runs(origin: str) -> dict[str, Any]:
    with urlopen(f"{origin}{CITY}/runs") as answer:
        return dict(json.load(answer))
