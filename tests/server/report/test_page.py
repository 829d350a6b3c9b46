"""The report as a page: alone, safe, in every language, also where there is nothing to tell."""

import base64
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml
from playwright.sync_api import sync_playwright

import server.report
from server.report.content import Table
from server.report.page import MOST_ROWS, render_page
from server.report.words import languages
from tests.server.places import Places
from tests.server.report.test_figures import page, report, tables
from tests.server.report.written import Page

SOURCES = Path(server.report.__file__).parent
BOOK = yaml.safe_load((SOURCES / "words.yml").read_text(encoding="utf-8"))


def test_the_page_needs_nothing_and_runs_nothing(places: Places) -> None:
    found = page(places, planner=True)
    assert not {"script", "img", "link", "iframe", "object", "a", "image", "use"} & {
        tag for tag, _ in found.elements
    }
    attributes = {name for _, said in found.elements for name in said}
    assert not {name for name in attributes if name in ("src", "href", "style") or name.startswith("on")}
    policy = next(said["content"] for tag, said in found.elements if said.get("http-equiv"))
    digest = base64.b64encode(hashlib.sha256(found.style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_a_browser_shows_it_without_a_fault_and_within_its_width(places: Places, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render_page(report(places, planner=True)), encoding="utf-8")
    # In a thread: the browser of other tests may hold this one's event loop.
    with ThreadPoolExecutor(max_workers=1) as thread:
        seen = thread.submit(look_at, file).result()
    assert seen["said"] == []
    assert seen["wide"] <= 794
    assert seen["ink"] == "26.6667px"  # 20pt: the style is applied
    assert seen["maps"] > 10


def look_at(file: Path) -> dict[str, Any]:
    """Return what a browser makes of a page on a screen as wide as a sheet."""
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": 794, "height": 1123})  # A4 at 96 dots per inch
        shown.on("console", lambda message: said.append(message.text))
        shown.on(
            "request", lambda request: said.append(request.url) if request.url != file.as_uri() else None
        )
        shown.goto(file.as_uri())
        asked = {
            "wide": "document.documentElement.scrollWidth",
            "ink": "getComputedStyle(document.querySelector('h1')).fontSize",
            "maps": "document.querySelectorAll('svg path').length",
        }
        seen = {name: shown.evaluate(question) for name, question in asked.items()}
        browser.close()
    return {"said": said, **seen}


def test_names_are_text_and_never_markup(places: Places) -> None:
    text = render_page(report(places, planner=True))
    assert "Roads &amp; Paths &lt;Dept&gt;" in text
    assert "<Dept>" not in text


@pytest.mark.parametrize("lang", languages())
def test_every_language_tells_the_same_figures(places: Places, lang: str) -> None:
    english, found = (page(places, planner=True, lang=one) for one in ("en", lang))
    assert {name: table.values for name, table in found.tables.items()} == {
        name: table.values for name, table in english.tables.items()
    }
    html = next(said for tag, said in found.elements if tag == "html")
    assert html == {"lang": lang, "dir": "rtl" if lang == "ar" else "ltr"}
    assert (report(places, planner=True, lang=lang).notice == "") is (lang == "en")


def test_every_text_is_there_in_every_language_with_the_same_placeholders() -> None:
    assert tuple(BOOK["languages"]) == ("en", "es", "hi", "fr", "pt", "sw", "ar")
    for name, texts in BOOK["texts"].items():
        assert tuple(texts) == tuple(BOOK["languages"]), name
        holes = {frozenset(part[1] for part in Formatter().parse(text) if part[1]) for text in texts.values()}
        assert len(holes) == 1, name


def test_no_text_is_missing_or_left_over() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py"))
    literals = set(re.findall(r"""["']([a-z0-9_]+)["']""", source))
    families = ("trend_", "status_", "work_", "missing_", "group_")
    named = {name for name in BOOK["texts"] if not name.startswith(families)}
    assert named <= literals, named - literals
    called = set(re.findall(r"""say\(\s*["']([a-z0-9_]+)["']""", source))
    assert called <= BOOK["texts"].keys(), called - BOOK["texts"].keys()


def test_a_city_before_its_first_run(places: Places) -> None:
    made = report(places, planner=False, slug="othertown")
    assert [section.name for section in made.sections] == ["city", "no-run", "reading"]
    assert "not been analysed yet" in render_page(made)


@pytest.mark.parametrize("planner", [True, False])
def test_a_city_with_a_run_but_nothing_in_it(places: Places, planner: bool) -> None:
    made = report(places, planner=planner, slug="emptyville")
    notes = {section.name: " ".join(section.notes) for section in made.sections}
    assert "No place is credibly less safe" in notes["fixes"] == notes["hotspots"]
    assert "No place has been audited" in notes["map"] == notes["trends"]
    assert "No zones are loaded" in notes["zones"]
    assert "No intervention is known" in notes["interventions"]
    assert "Not enough people" in notes["ratings"]
    assert "Nothing is known of dark places" in notes["dark"]
    assert not {"fixes", "hotspots", "zones", "ratings"} & tables(made).keys()
    Page(render_page(made))


def test_a_long_table_ends_with_how_much_more_there_is(places: Places) -> None:
    made = report(places, planner=True)
    city = made.sections[0]
    long = replace(city.tables[0], rows=[*city.tables[0].rows] * (MOST_ROWS + 3))
    assert isinstance(long, Table)
    text = render_page(replace(made, sections=(replace(city, tables=(long,)),)))
    assert len(Page(text).tables["city"].words) == MOST_ROWS
    assert "3 more rows" in text
