"""Cities side by side: figures with their intervals, and no order that these do not bear out."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

Visit = Callable[..., Any]
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}


def _city(name: str, value: float, half: float) -> dict[str, Any]:
    figures = [("common-score", value, half), ("audited-share", value / 5, None)]
    return {
        "name": name,
        "address": f"https://{name.lower()}.example.org/indicators.json",
        "problem": None,
        "as_of": "2026-10-01T00:00:00Z",
        "instrument": "safetipin-9",
        "indicators": [
            {
                "id": id_,
                "value": figure,
                "low": None if reach is None else figure - reach,
                "high": None if reach is None else figure + reach,
                "group": "",
            }
            for id_, figure, reach in figures
        ],
    }


def test_our_cities_are_shown_with_their_intervals_by_hour_and_by_group(
    page_origin: str, read: Visit, layers: dict[str, list[dict[str, Any]]]
) -> None:
    seen = read(f"{page_origin}/programme")
    page = seen.page
    card = page.locator("[data-indicator=common-score]")
    expect(card.locator("tbody tr")).to_have_count(1)
    expect(card).to_contain_text("nothing to compare with")
    expect(page.locator("[data-indicator=trends]")).to_contain_text(str(len(layers["cells"])))
    expect(page.locator("[data-indicator=sources]")).to_contain_text(
        re.compile("Othertown.*nothing is published")
    )
    by_all = card.locator("td").first.inner_text()
    page.get_by_role("radio", name="By night").check()
    expect(card.locator("td").first).not_to_have_text(by_all)
    expect(card.locator("td").first).to_have_text(re.compile(r"^\d\.\d \d\.\d to \d\.\d$"))
    assert seen.faults() == []


@pytest.mark.parametrize(
    ("others", "words"),
    [
        (
            [("Ayutthaya", 2.0, 0.4), ("Bogotá", 2.5, 0.4)],
            "The intervals overlap: no order of the cities is known.",
        ),
        ([("Ayutthaya", 2.0, 0.2), ("Bogotá", 3.0, 0.2)], "Bogotá is higher than Ayutthaya."),
        (
            [("Ayutthaya", 2.0, 0.2), ("Bogotá", 3.0, 0.2), ("Cali", 2.9, 0.4)],
            "Bogotá is higher than Ayutthaya; Cali is higher than Ayutthaya; "
            "of the others no order is known.",
        ),
    ],
)
def test_cities_stand_by_name_and_an_order_is_told_only_where_intervals_do_not_overlap(
    page_origin: str, read: Visit, others: list[tuple[str, float, float]], words: str
) -> None:
    answers = {
        "/api/v1/programme": (200, {"cities": [], "others": [_city(*one) for one in reversed(others)]})
    }
    page = read(f"{page_origin}/programme", answers=answers).page
    card = page.locator("[data-indicator=common-score]")
    expect(card.locator("tbody th")).to_have_text([name for name, _, _ in others])
    expect(card.locator(".conclusion")).to_have_text(words)
    share = page.locator("[data-indicator=audited-share] .conclusion")
    expect(share).to_have_text("No interval is published: no order of cities follows from these figures.")


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_its_screen_and_keeps_nobody_out(
    page_origin: str, read: Visit, screenshots: Path, size: str
) -> None:
    width, height = SIZES[size]
    cities = [_city("Ayutthaya", 2.0, 0.2), _city("Bogotá", 3.0, 0.2), _city("Thiruvananthapuram", 2.9, 0.4)]
    away = _city("Away", 1, 1) | {"indicators": [], "problem": "its server gives no answer"}
    answers = {"/api/v1/programme": (200, {"cities": [], "others": [*cities, away]})}
    seen = read(f"{page_origin}/programme", answers=answers, width=width, height=height)
    expect(seen.page.locator(".card").first).to_be_visible()
    for dark in (False, True):
        seen.page.emulate_media(color_scheme="dark" if dark else "light")
        name = f"programme-{size}-{'dark' if dark else 'light'}.png"
        seen.page.screenshot(path=screenshots / name, full_page=True)
        assert seen.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert size != "desktop" or seen.barriers(colours_alone=dark) == []
    assert seen.faults() == []
