"""Whatever is missing, the page says so in words and offers a way on."""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from playwright.sync_api import Page, expect

CITY = "/api/v1/cities/sample"
EMPTY = (200, {"type": "FeatureCollection", "features": []})
NO_WEBGL = ["--no-sandbox", "--disable-3d-apis"]

Answers = dict[str, tuple[int, Any]]
Serve = Callable[[Answers], str]
Visit = Callable[..., Any]


@pytest.fixture
def answers(small_city: Answers) -> Answers:
    """Return answers that a test may change while they are served."""
    return deepcopy(small_city)


def _state(page: Page, name: str) -> Any:
    return page.locator(f"[data-state={name}]")


def test_no_city_at_all(serve: Serve, visit: Visit) -> None:
    seen = visit(serve({"/api/v1/cities": (200, {"cities": []})}))
    expect(_state(seen.page, "no-city")).to_contain_text("safeaudit city create")
    assert seen.faults() == []


def test_an_unknown_city_names_those_that_are_here(serve: Serve, visit: Visit, answers: Answers) -> None:
    seen = visit(f"{serve(answers)}/?city=nowhere")
    expect(_state(seen.page, "unknown-city")).to_contain_text("nowhere")
    seen.page.get_by_role("link", name="Sample City").click()
    expect(seen.page.locator("h1")).to_have_text("Sample City")
    assert seen.faults() == []


def test_the_address_chooses_among_cities(serve: Serve, visit: Visit, answers: Answers) -> None:
    other = {**answers["/api/v1/cities"][1]["cities"][0], "slug": "other", "name": "Other City"}
    answers["/api/v1/cities"][1]["cities"].append(other)
    answers["/api/v1/cities/other"] = (200, other)
    page = visit(f"{serve(answers)}/?city=other").page
    expect(page.locator("h1")).to_have_text("Other City")
    page.get_by_text("Other cities").click()
    page.get_by_role("link", name="Sample City").click()
    expect(page.locator("h1")).to_have_text("Sample City")


@pytest.mark.parametrize("answer", [(404, {"title": "Not there"}), EMPTY], ids=["404", "no feature"])
def test_a_city_without_a_run_is_not_called_safe(
    serve: Serve, visit: Visit, answers: Answers, answer: tuple[int, Any]
) -> None:
    for layer in ("cells", "hotspots"):
        answers[f"{CITY}/layers/{layer}.geojson"] = answer
    page = visit(serve(answers)).page
    expect(_state(page, "no-run")).to_contain_text("does not mean that all is well")
    expect(page.locator(".status")).to_have_text("0 places in view")


def test_a_night_without_enough_audits_says_so(serve: Serve, visit: Visit, answers: Answers) -> None:
    answers[f"{CITY}/layers/cells-night.geojson"] = EMPTY
    chosen = answers[f"{CITY}/layers/cells.geojson"][1]["features"][0]["id"]
    page = visit(f"{serve(answers)}/#when=night&place={chosen}").page
    expect(_state(page, "no-cells")).to_contain_text("enough audits by night")
    expect(page.locator(".panel")).to_contain_text("Not enough audits by night to show it")
    page.get_by_role("radio", name="All hours").check()
    expect(_state(page, "no-cells")).to_be_hidden()
    expect(page.locator(".panel")).to_contain_text("out of 5 at all hours")


def test_loading_is_said_until_the_layer_is_there(serve: Serve, visit: Visit, answers: Answers) -> None:
    page = visit(f"{serve(answers)}/#view=table").page
    held: list[Any] = []
    page.route("**/cells-night.geojson", lambda route: held.append(route))  # noqa: PLW0108 - a bound builtin is refused
    page.get_by_role("radio", name="Night").check()
    expect(page.locator(".status")).to_have_text("Loading…")
    held[0].continue_()
    expect(page.locator(".status")).to_be_hidden()


def test_a_server_that_is_away_can_be_tried_again(serve: Serve, visit: Visit, answers: Answers) -> None:
    page = visit(f"{serve(answers)}/#view=table").page
    page.route("**/cells-night.geojson", lambda route: route.abort())
    page.get_by_role("radio", name="Night").check()
    expect(_state(page, "unreachable")).to_contain_text("The server cannot be reached")
    page.unroute("**/cells-night.geojson")
    page.get_by_role("button", name="Try again").click()
    expect(_state(page, "unreachable")).to_be_hidden()
    expect(page.locator(".table").nth(1).locator("tbody tr")).to_have_count(50)


def test_a_map_engine_that_did_not_arrive_can_be_tried_again(
    serve: Serve, visit: Visit, answers: Answers
) -> None:
    page = visit(f"{serve(answers)}/#view=table").page
    page.route("**/assets/map-*.js", lambda route: route.abort())
    page.get_by_role("radio", name="Map").check()
    expect(_state(page, "unreachable")).to_be_visible()
    page.unroute("**/assets/map-*.js")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".status")).to_have_text(re.compile("places in view"))


def test_a_server_away_from_the_start_can_be_tried_again(
    serve: Serve, visit: Visit, answers: Answers
) -> None:
    cities = answers.pop("/api/v1/cities")
    answers["/api/v1/cities"] = (503, {"title": "Not ready", "detail": "the database is starting"})
    page = visit(serve(answers)).page
    expect(_state(page, "refused")).to_contain_text("503: Not ready: the database is starting")
    answers["/api/v1/cities"] = cities
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("h1")).to_have_text("Sample City")


def test_a_layer_that_breaks_its_promise_is_named(serve: Serve, visit: Visit, answers: Answers) -> None:
    del answers[f"{CITY}/layers/cells.geojson"][1]["features"][3]["properties"]["score_low"]
    page = visit(serve(answers)).page
    expect(_state(page, "unreadable")).to_contain_text("score_low")


def test_without_webgl_the_table_holds_the_facts(serve: Serve, visit: Visit, answers: Answers) -> None:
    seen = visit(serve(answers), flags=NO_WEBGL)
    asked: list[str] = seen.page.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
    expect(_state(seen.page, "no-map")).to_contain_text("WebGL")
    seen.page.get_by_role("button", name="Show the table", exact=True).click()
    expect(_state(seen.page, "no-map")).to_be_hidden()
    seen.page.locator("tbody button").first.click()
    expect(seen.page.locator(".panel")).to_contain_text("out of 5")
    assert not [name for name in asked if re.search(r"/map-", name)], "the map engine was fetched for nothing"
    assert seen.faults() == []


def test_names_from_outside_stay_text(serve: Serve, visit: Visit, answers: Answers) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    answers[f"{CITY}/layers/hotspots.geojson"][1]["features"][0]["properties"]["near"] = hostile
    seen = visit(f"{serve(answers)}/#place=h1&view=table")
    expect(seen.page.locator(".panel h2")).to_have_text(f"Hotspot near {hostile}")
    assert seen.page.locator("img").count() == 0
    assert seen.faults() == []
