"""Seven languages say the same things, and a page in one of them leaves nothing in English but names."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.page.routes import cut

LANGUAGES = ["en", "es", "hi", "fr", "pt", "sw", "ar"]
SOURCES = Path(__file__).parents[2] / "web" / "src"
PAGES = {"words": "the map, programme and plan", "audit/words": "the phone's page"}
MADE = {
    "words": r"(need|class|trend|work|why|missing|status|layer|card|case|kind)_",
    "audit/words": r"(flag|gender|age|theme|place)_|.*_hint$",
}
"""Keys that scripts put together, beside those whose beginning they say."""
NAMES = {
    *("Testville", "Othertown", "safeaudit", "QGIS", "GeoPackage", "FlatGeobuf", "CSV", "WFS", "OGC", "API"),
    *(
        "Features",
        "Layer",
        "Add",
        "Header",
        "Authorization",
        "Bearer",
        "Gi",
        "Mill",
        "Road",
        "Lamps",
        "Crossing",
        "lights",
    ),
    *(
        "Street",
        "It",
        "s",
        "west",
        "wide",
        "East",
        "English",
        "Español",
        "Français",
        "Português",
        "Kiswahili",
    ),
}
"""Words in Latin letters that stand in every language: names, and what carries one in other programs."""


def _catalogue(folder: str, language: str) -> dict[str, Any]:
    return dict(json.loads((SOURCES / folder / f"{language}.json").read_text(encoding="utf-8")))


def _values(message: Any) -> set[str]:
    return set(re.findall(r"\{\w+\}", message if isinstance(message, str) else message["other"]))


@pytest.mark.parametrize("folder", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_with_its_values(folder: str, language: str) -> None:
    english, own = _catalogue(folder, "en"), _catalogue(folder, language)
    assert own.keys() == english.keys()
    assert {key: _values(own[key]) for key in own} == {key: _values(english[key]) for key in english}
    counted = [message for message in own.values() if not isinstance(message, str)]
    assert counted
    assert all(message["other"] for message in counted)


@pytest.mark.parametrize("folder", PAGES)
def test_every_text_is_used_somewhere(folder: str) -> None:
    of_audit = folder.startswith("audit")
    scripts = "".join(
        file.read_text()
        for file in SOURCES.rglob("*.ts")
        if (file.parent.name == "audit") == of_audit and file.name != "worker.ts"
    )
    prefixes = tuple(re.findall(r"`(\w+_)\$\{", scripts))
    made = re.compile(MADE[folder])
    unused = [
        key
        for key in _catalogue(folder, "en")
        if f"'{key}'" not in scripts and not key.startswith(prefixes) and not made.match(key)
    ]
    assert unused in ([], ["gender"])  # named by the field of the profile


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_map_page_speaks_and_says_that_nobody_checked_it(
    page_origin: str, read: Callable[..., Any], language: str
) -> None:
    seen = _in(language, page_origin, read, "/#view=table")
    page, said = seen.page, _catalogue("words", language)
    expect(page.get_by_role("radio", name=said["all_hours"])).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("getComputedStyle(document.body).direction") == (
        "rtl" if language == "ar" else "ltr"
    )
    expect(page.locator("[data-state=unreviewed]")).to_have_count(int(language != "en"))
    expect(page.locator("[data-state=fallback]")).to_have_count(0)
    assert seen.faults() == []


@pytest.mark.parametrize("path", ["/#view=table", "/programme", "/plan"])
def test_a_page_in_arabic_leaves_nothing_in_english_and_fits_a_phone(
    page_origin: str, read: Callable[..., Any], screenshots: Path, path: str
) -> None:
    seen = _in("ar", page_origin, read, path, width=390, height=844)
    expect(seen.page.locator("h1")).to_be_visible()
    if "table" in path:
        expect(seen.page.locator("tbody tr").first).to_be_visible()
    seen.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    latin = re.findall(r"[A-Za-z\u00c0-\u017f]+", _text(seen.page))
    assert set(latin) - NAMES == set()
    assert seen.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    name = path.strip("/").split("#")[0] or "table"
    seen.page.screenshot(path=screenshots / f"{name}-phone-arabic.png", full_page=True)
    assert seen.barriers() == []
    assert seen.faults() == []


def test_a_language_is_chosen_and_kept(page_origin: str, read: Callable[..., Any]) -> None:
    page = read(f"{page_origin}/programme").page
    page.get_by_label("Language").select_option("sw")
    expect(page.locator("h1")).to_have_text("Miji kando kwa kando")
    page.goto(f"{page_origin}/#view=table")
    expect(page.get_by_role("radio", name="Jedwali")).to_be_checked()


def test_texts_that_do_not_arrive_are_replaced_by_english_and_this_is_said(
    page_origin: str, read: Callable[..., Any]
) -> None:
    page = read(f"{page_origin}/programme").page
    page.evaluate("localStorage.setItem('language', 'pt')")
    with cut(page, "**/assets/pt-*.js"):
        page.reload()
        expect(page.locator("h1")).to_have_text("Cities side by side")
        expect(page.locator("[data-state=fallback]")).to_contain_text("stand in English")


def _in(language: str, origin: str, read: Callable[..., Any], path: str, **options: Any) -> Any:
    """Return a visit of who reads this language."""
    return read(f"{origin}{path}", language=language, **options)


def _text(page: Page) -> str:
    """Return what can be read, without what is meant for machines: ids, addresses, names of files."""
    return str(
        page.evaluate("""() => {
          const seen = document.body.cloneNode(true);
          const machines = 'code, .downloads dd, select[name=language], tbody th';
          for (const one of seen.querySelectorAll(machines)) one.remove();
          return seen.textContent;
        }""")
    )
