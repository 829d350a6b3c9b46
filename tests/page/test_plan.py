"""Planners draw, mark, hand over, moderate, run and report, on the real server."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from server.cities import CityDirectory
from server.database import Database
from server.jobs import job_app
from server.photos.album import open_album
from server.settings import Settings
from tests.page.flags import DRAWING, PLAIN
from tests.page.offices import Office
from tests.page.waiting import until_drawn

Visit = Callable[..., Any]
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
BOX = [[77.24, 28.59], [77.26, 28.59], [77.26, 28.61], [77.24, 28.59]]


def test_without_a_key_the_page_asks_for_one(office: Office, visit: Visit) -> None:
    seen = visit(f"{office.origin}/plan", flags=PLAIN)
    seen.page.get_by_label("Key").fill(office.keys["testville"])
    seen.page.get_by_role("button", name="Use it in this tab").click()
    expect(seen.page.locator("h1")).to_have_text("Plan: Testville")
    assert seen.faults() == []


def test_an_area_drawn_on_the_map_is_kept_and_its_work_changed(office: Office, desk: Visit) -> None:
    seen = desk(flags=DRAWING)
    page = seen.page
    page.get_by_role("radio", name="Work").check()
    page.get_by_role("button", name="Add new work").click()
    page.get_by_role("button", name="Keep").click()
    until_drawn(page)
    box = page.locator(".map canvas").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for right, down in ((-40, -40), (40, -40), (40, 40), (300, 40)):
        page.mouse.click(middle[0] + right, middle[1] + down)
    expect(page.locator(".area [role=status]")).to_have_text("An area of 4 corners.")
    page.get_by_role("button", name="Take back the last corner").click()
    _describe(page, "Lamps at the corner", "street lights", "2027-01-10")
    page.get_by_label("light", exact=True).check()
    page.get_by_role("button", name="Keep").click()
    item = page.locator("li", has_text="Lamps at the corner")
    expect(item).to_contain_text("Street lights, planned; from Jan 10, 2027")
    kept = office.works()["Lamps at the corner"]
    assert kept["targets"] == ["lighting"]
    assert len(kept["area"]["coordinates"][0][0]) == 4
    item.get_by_role("button", name="Change").click()
    page.get_by_label("Status").select_option("requested")
    page.get_by_role("button", name="Keep").click()
    expect(item).to_contain_text("asked for")
    assert office.works()["Lamps at the corner"]["status"] == "requested"
    assert seen.faults() == []


def test_an_area_is_loaded_from_a_file_and_a_wrong_one_is_named(office: Office, desk: Visit) -> None:
    page = desk().page
    page.get_by_role("radio", name="Work").check()
    page.get_by_role("button", name="Add new work").click()
    page.get_by_label("GeoJSON file").set_input_files(
        {"name": "x.geojson", "mimeType": "application/json", "buffer": b"{}"}
    )
    expect(page.locator(".area [role=status]")).to_contain_text("holds no area")
    shape = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [BOX]}}
    page.get_by_label("GeoJSON file").set_input_files(
        {"name": "y.geojson", "mimeType": "application/json", "buffer": json.dumps(shape).encode()}
    )
    expect(page.locator(".area [role=status]")).to_have_text("An area is chosen.")
    _describe(page, "Patrol", "patrol", "2027-02-01")
    page.get_by_label("It is complete").fill("2027-01-01")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator(".work [role=alert]")).to_contain_text("to")
    page.get_by_label("It is complete").fill("2027-03-01")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("li", has_text="Patrol")).to_be_visible()
    assert office.works()["Patrol"]["area"]["coordinates"] == [[BOX]]


def test_work_begins_from_a_hotspot_and_is_marked_done(office: Office, desk: Visit) -> None:
    page = desk().page
    first = page.locator(".list").first.locator("li").first
    first.get_by_role("button", name="Plan work here").click()
    expect(page.get_by_label("light", exact=True)).to_be_checked()
    _describe(page, "Everything at once", "renewal", "2026-01-10")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("li", has_text="Everything at once")).to_be_visible()
    page.get_by_role("radio", name="Places").check()
    line = page.locator(".list").first.locator("li").first.locator(".row", has_text="Everything at once")
    line.get_by_role("button", name="Mark as done").click()
    expect(line).to_contain_text("Everything at once: done")
    assert office.works()["Everything at once"]["status"] == "done"


def test_a_dark_place_is_handed_over_as_a_file_and_not_sent_nowhere(office: Office, desk: Visit) -> None:
    page = desk().page
    place = page.locator("section", has_text="Dark places, by rank").locator(".list > li").first
    place.get_by_text("Ask an agency").click()
    place.get_by_role("button", name="Send by Open311").click()
    expect(place.get_by_role("status")).to_contain_text("names no endpoint")
    with page.expect_download() as saved:
        place.get_by_role("button", name="Download the request").click()
    assert "lat" in json.loads(Path(saved.value.path()).read_text())
    expect(place.get_by_role("status")).to_contain_text("is written")


def test_a_hidden_audit_is_looked_into_and_restored_with_a_reason(office: Office, desk: Visit) -> None:
    with office.database.transaction() as connection:
        audit = connection.execute(text("SELECT audit_id::text FROM audit LIMIT 1")).scalar_one()
    body = json.dumps({"audit": audit, "action": "hide", "reason": "a test"}).encode()
    headers = {"Authorization": f"Bearer {office.keys['testville']}", "Content-Type": "application/json"}
    urlopen(Request(f"{office.origin}/api/v1/cities/testville/moderation", body, headers)).close()
    seen = desk()
    page = seen.page
    page.get_by_role("radio", name="Moderation").check()
    expect(page.get_by_text("Nothing is here.")).to_be_visible()
    page.get_by_role("combobox", name="Show").select_option("hidden")
    item = page.locator(".list > li")
    item.get_by_role("button", name="Look into it").click()
    expect(item.locator("tbody tr")).to_have_count(1)
    item.get_by_role("button", name="Restore").click()
    expect(item.get_by_label(re.compile("^Why"))).to_be_focused()
    assert office.asked("moderation?state=hidden")["cases"], "restored without a reason"
    item.get_by_label(re.compile("^Why")).fill("it was right")
    item.get_by_role("button", name="Restore").click()
    expect(item).to_have_count(0)
    assert office.asked("moderation?state=hidden")["cases"] == []
    assert seen.faults() == []


def test_a_run_is_followed_until_it_is_published(office: Office, desk: Visit, tmp_path: Path) -> None:
    page = desk("othertown").page
    page.get_by_role("radio", name="Run and report").check()
    page.get_by_role("button", name="Start a run").click()
    expect(page.get_by_text("It waits for its turn.")).to_be_visible()
    expect(page.locator("progress:not([value])")).to_be_visible()
    _work(office.database, tmp_path)
    expect(page.get_by_text("Published as run")).to_be_visible(timeout=60_000)
    assert office.asked("runs", slug="othertown")["runs"]


def test_a_city_without_a_run_says_so_and_can_be_planned_for(office: Office, desk: Visit) -> None:
    answers = {"/api/v1/cities/othertown/runs": (200, {"runs": []})}
    page = desk("othertown", flags=DRAWING, answers=answers).page
    expect(page.locator("[data-state=no-run]")).to_contain_text("does not mean that all is well")
    expect(page.locator(".map canvas")).to_be_visible()


def test_without_webgl_lists_and_files_stand_in_for_the_map(desk: Visit) -> None:
    page = desk().page
    expect(page.locator(".map [data-state=no-map]")).to_contain_text("WebGL")
    expect(page.locator(".list li").first).to_be_visible()


def test_the_report_is_had_in_a_language(office: Office, desk: Visit) -> None:
    page = desk().page
    page.get_by_role("radio", name="Run and report").check()
    page.get_by_label("Language of the report").select_option("es")
    with page.expect_download() as saved:
        page.get_by_role("button", name="As a page").click()
    assert 'lang="es"' in Path(saved.value.path()).read_text()


@pytest.mark.parametrize("size", SIZES)
def test_every_part_fits_its_screen_and_keeps_nobody_out(desk: Visit, screenshots: Path, size: str) -> None:
    width, height = SIZES[size]
    seen = desk(width=width, height=height, flags=DRAWING)
    page = seen.page
    for part in ("Places", "Work", "Moderation", "Run and report", "form"):
        if part == "form":
            page.get_by_role("radio", name="Work").check()
            page.get_by_role("button", name="Add new work").click()
        else:
            page.get_by_role("radio", name=part).check()
        expect(page.locator(".content h2").first).to_be_visible()
        for dark in (False, True):
            page.emulate_media(color_scheme="dark" if dark else "light")
            until_drawn(page)
            name = f"plan-{part.lower().split()[0]}-{size}-{'dark' if dark else 'light'}.png"
            page.screenshot(path=screenshots / name)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            assert size != "desktop" or seen.barriers(colours_alone=dark) == []
    assert seen.faults() == []


def _describe(page: Page, name: str, kind: str, begin: str) -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("What is done").fill(kind)
    page.get_by_label("The work begins").fill(begin)


def _work(database: Database, home: Path) -> None:
    """Do what waits in the queue, as the worker does."""
    url = database.engine.url.render_as_string(hide_password=False)
    given = {
        "url": url,
        "settings": Settings(home=home),
        "database": database,
        "owner": database,
        "cities": CityDirectory(database),
        "album": open_album(Settings(home=home)),
        "home": home,
        "secret": b"a secret of the tests",
        "open311_keys": {},
        "seed": 0,
    }
    work = partial(
        job_app(url).run_worker,
        wait=False,
        concurrency=1,
        install_signal_handlers=False,
        additional_context=given,
    )
    # In a thread: the browser holds this one's event loop.
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(work).result()
