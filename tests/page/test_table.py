"""Whoever reads rather than looks finds the same facts, by keyboard alone, and the files behind them.

These tests know the layers only by asking `page_origin` for them, so they hold for any server with a run.
"""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

Layers = dict[str, list[dict[str, Any]]]
IN_VIEW = re.compile(r"^[\d,]+ places? in view$")


def test_the_table_holds_the_same_facts_as_the_layer(
    page_origin: str, read: Callable[..., Any], layers: Layers
) -> None:
    page = read(f"{page_origin}/#view=table").page
    rows = _all_rows(page)
    expected = {
        facts["cell"]: (
            f"{facts['score']:.1f}",
            f"between {facts['score_low']:.1f} and {facts['score_high']:.1f}",
            f"at least {facts['auditors_min']} people, {facts['audits_min']} audits",
        )
        for facts in (cell["properties"] for cell in layers["cells"])
    }
    assert {row[0]: (row[1], row[2], row[4]) for row in rows} == expected


def test_the_table_can_be_narrowed_to_one_need(
    page_origin: str, read: Callable[..., Any], layers: Layers
) -> None:
    page = read(f"{page_origin}/#view=table").page
    need = next(cell["properties"]["needs"] for cell in layers["cells"] if cell["properties"]["needs"]).split(
        ";"
    )[0]
    page.locator("[data-subject=cells]").get_by_label("Show what needs").select_option(need)
    wanted = {c["properties"]["cell"] for c in layers["cells"] if need in c["properties"]["needs"].split(";")}
    assert {row[0] for row in _all_rows(page)} == wanted


def test_night_shows_the_layer_of_the_night_and_the_address_keeps_it(
    page_origin: str, read: Callable[..., Any], layers: Layers
) -> None:
    page = read(f"{page_origin}/#view=table").page
    page.get_by_role("radio", name="Night").check()
    night = {cell["properties"]["cell"] for cell in layers["cells-night"]}
    expect(page.locator(".status")).to_have_text("")
    assert {row[0] for row in _all_rows(page)} == night
    again = read(page.url).page
    expect(again.get_by_role("radio", name="Night")).to_be_checked()
    assert {row[0] for row in _all_rows(again)} == night


def test_everything_can_be_reached_by_keyboard(
    page_origin: str, visit: Callable[..., Any], layers: Layers
) -> None:
    seen = visit(page_origin)
    page = seen.page
    expect(page.locator(".status")).to_have_text(IN_VIEW)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Skip the map, show the table")).to_be_focused()
    page.keyboard.press("Enter")
    first = page.locator("[data-subject=cells]").locator("tbody button").first
    expect(first).to_be_visible()
    _tab_to(page, first)
    page.keyboard.press("Enter")
    expect(page.locator(".panel h2")).to_be_focused()
    expect(page.locator(".panel")).to_contain_text(f"{layers['cells'][0]['properties']['score']:.1f}")
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    expect(first).to_be_focused()
    assert seen.faults() == []


def test_every_public_layer_can_be_had_in_every_format(
    page_origin: str, read: Callable[..., Any], slug: str
) -> None:
    page = read(f"{page_origin}/#view=table").page
    page.locator(".downloads summary").click()
    addresses = page.locator(".downloads dd a").evaluate_all(
        "links => links.map((a) => a.getAttribute('href'))"
    )
    public = "cells cells-day cells-night hotspots hotspots-night zones interventions city"
    assert set(addresses) == {
        f"/api/v1/cities/{slug}/layers/{layer}.{ending}"
        for layer in public.split()
        for ending in ("geojson", "gpkg", "fgb", "parquet", "csv")
    }
    expect(page.locator(".downloads").get_by_role("link", name="Interface for programs")).to_be_visible()


def test_the_way_to_qgis_names_the_address_of_the_server(
    page_origin: str, read: Callable[..., Any], slug: str
) -> None:
    page = read(f"{page_origin}/#view=table").page
    page.locator(".qgis summary").click()
    expect(page.locator(".qgis code")).to_have_text(f"{page_origin}/ogc/{slug}")


def _all_rows(page: Page) -> list[list[str]]:
    table = page.locator("[data-subject=cells]")
    expect(table.locator("tbody tr").first).to_be_visible()
    rows: list[list[str]] = []
    while True:
        rows += table.locator("tbody tr").evaluate_all(
            "rows => rows.map((r) => [...r.cells].map((c) => c.textContent))"
        )
        following = table.get_by_role("button", name="Next")
        if not following.is_visible() or following.is_disabled():
            return rows
        following.click()


def _tab_to(page: Page, wanted: Any) -> None:
    for _ in range(40):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("forty tabs do not reach it")
