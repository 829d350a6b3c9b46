"""The planners' page by keyboard alone: from the key to work that is kept."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.page.flags import DRAWING
from tests.page.offices import Office
from tests.page.waiting import until_drawn

MOST_TABS = 120


def test_work_is_drawn_described_and_kept_by_keyboard_alone(
    office: Office, visit: Callable[..., Any]
) -> None:
    seen = visit(f"{office.origin}/plan", flags=DRAWING)
    page, keys = seen.page, seen.page.keyboard
    _tab_to(page, page.get_by_label("Key"))
    keys.type(office.keys["testville"])
    keys.press("Enter")
    until_drawn(page)
    _tab_to(page, page.get_by_role("radio", name="Places"))
    keys.press("ArrowRight")
    expect(page.get_by_role("radio", name="Work")).to_be_checked()
    _tab_to(page, page.get_by_role("button", name="Add new work"))
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Keep new work")).to_be_focused()
    _draw_a_triangle(page)
    _describe(page)
    _tab_to(page, page.get_by_role("button", name="Keep"))
    keys.press("Enter")
    expect(page.locator("li", has_text="Benches")).to_be_visible()
    kept = office.works()["Benches"]
    assert (kept["kind"], kept["from"], kept["targets"]) == ("seats", "2027-03-01", ["people"])
    assert len(kept["area"]["coordinates"][0][0]) == 4
    assert seen.faults() == []


def _draw_a_triangle(page: Page) -> None:
    """Enter sets a corner in the middle of the map, which the arrow keys move."""
    for number, arrow in enumerate(("ArrowRight", "ArrowDown", ""), start=1):
        _tab_to(page, page.locator(".map canvas"))
        page.keyboard.press("Enter")
        words = f"An area of {number} corners." if number > 2 else f"{number} of at least 3 corners."
        expect(page.locator(".area [role=status]")).to_have_text(words)
        if arrow:
            page.keyboard.press(arrow)
            until_drawn(page)


def _describe(page: Page) -> None:
    _tab_to(page, page.get_by_label("Name", exact=True))
    page.keyboard.type("Benches")
    _tab_to(page, page.get_by_label("What is done"))
    page.keyboard.type("seats")
    _tab_to(page, page.get_by_label("The work begins"))
    page.keyboard.type("03012027")
    _tab_to(page, page.get_by_label("people around", exact=True))
    page.keyboard.press("Space")


def _tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(MOST_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{MOST_TABS} tabs do not reach {wanted}")
