"""From the first visit to a kept audit, and back: with a finger, and by keyboard alone."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.page.audit.conftest import Phone, Town

QUESTIONS = [
    "lighting",
    "openness",
    "visibility",
    "people",
    "security",
    "walk_path",
    "transport",
    "gender_usage",
    "feeling",
]
# A tap on a text one has to read takes about three seconds; a minute holds eighteen.
MOST_TAPS = 12


def test_a_whole_audit_takes_a_tap_for_each_question_and_three_more(
    phone: Callable[..., Phone], town: Town
) -> None:
    before = town.ids()
    one = phone(worker=True)
    one.enter()
    taps = [one.page.get_by_role("button", name="Mark this spot")]
    taps += [one.page.locator(f'.level:has(input[name="{name}"][value="2"])') for name in QUESTIONS]
    for tap in taps:
        tap.tap()
    # On a busy machine a place is found later than a script has answered; people take longer.
    expect(one.page.locator(".place .status")).to_contain_text("Accurate")
    one.page.get_by_role("button", name="Save").tap()
    expect(one.page.get_by_role("button", name="Mark this spot")).to_be_visible()
    one.open("Mine")
    expect(one.page.get_by_role("heading", name="1 on the server")).to_be_visible()
    [sent] = town.ids() - before
    assert len([*taps, "Save"]) <= MOST_TAPS
    [ratings] = town.select(f"SELECT ratings FROM audit WHERE audit_id = '{sent}'")
    assert ratings == [2] * len(QUESTIONS)
    placed = f"SELECT abs(ST_Y(location) - 28.6) < 1e-6 FROM audit WHERE audit_id = '{sent}'"
    assert town.select(placed) == [True]
    assert one.faults() == []


def test_what_was_marked_can_be_answered_later(phone: Callable[..., Phone], town: Town) -> None:
    before = town.ids()
    one = phone()
    one.enter()
    one.page.get_by_role("button", name="Mark this spot").click()
    expect(one.page.locator(".place .status")).to_contain_text("Accurate to 8 m")
    one.page.locator('input[name="feeling"][value="0"]').check()
    one.page.get_by_role("button", name="Answer later").click()
    expect(one.page.get_by_role("heading", name="1 spot waits for your answers")).to_be_visible()
    one.page.reload()
    expect(one.page.get_by_role("heading", name="1 spot waits for your answers")).to_be_visible()
    assert town.ids() == before
    one.page.get_by_role("button", name="Answer", exact=True).click()
    expect(one.page.locator('input[name="feeling"][value="0"]')).to_be_checked()
    one.page.get_by_role("button", name="Save").click()
    one.open("Mine")
    expect(one.page.get_by_role("heading", name="1 on the server")).to_be_visible()
    [sent] = town.ids() - before
    assert town.select(f"SELECT answered_at >= observed_at FROM audit WHERE audit_id = '{sent}'") == [True]


def test_an_audit_is_corrected_and_withdrawn(phone: Callable[..., Phone], town: Town) -> None:
    before = town.ids()
    one = phone()
    one.enter()
    one.audit(people=1)
    one.open("Mine")
    expect(one.page.get_by_role("heading", name="1 on the server")).to_be_visible()
    one.page.get_by_role("button", name="Change").click()
    one.page.locator('input[name="people"][value="3"]').check()
    one.page.get_by_role("button", name="Save the changes").click()
    expect(one.page.get_by_role("heading", name="Everything has been sent.")).to_be_visible()
    expect(one.page.locator("[data-part=server] [data-revision='2']")).to_be_visible()
    [sent] = town.ids() - before
    newest = f"SELECT ratings[4] FROM audit WHERE audit_id = '{sent}' ORDER BY version DESC LIMIT 1"
    assert town.select(newest) == [3]
    one.page.get_by_role("button", name="Withdraw").click()
    one.page.get_by_role("button", name="Yes, withdraw").click()
    expect(one.page.get_by_role("heading", name="The server has nothing from you yet.")).to_be_visible()
    expect(one.page.get_by_role("heading", name="Everything has been sent.")).to_be_visible()
    assert town.ids() == before
    assert one.faults() == []


def test_the_whole_flow_by_keyboard_alone(phone: Callable[..., Phone], town: Town) -> None:
    before = town.ids()
    one = phone(has_touch=False, viewport={"width": 1280, "height": 800})
    keys = one.page.keyboard
    _tab_to(one, "I agree, start")
    keys.press("Enter")
    expect(one.page.get_by_role("button", name="Mark this spot")).to_be_visible()
    _tab_to(one, "Mark this spot")
    keys.press("Enter")
    expect(one.page.locator(".place .status")).to_contain_text("Accurate to 8 m")
    _tab_to(one, "Set the pin")
    keys.press("Enter")
    expect(one.page.locator(".plane")).to_be_visible()
    _tab_to(one, "Pin. Drag it, or move it with the arrow keys.")
    keys.press("ArrowUp")
    expect(one.page.locator(".place .status")).to_have_text("Set by hand")
    _tab_to(one, "0")
    keys.press("ArrowDown")
    _tab_to(one, "Save")
    keys.press("Enter")
    expect(one.page.get_by_role("button", name="Mark this spot")).to_be_visible()
    one.open("Mine")
    expect(one.page.get_by_role("heading", name="1 on the server")).to_be_visible()
    [sent] = town.ids() - before
    assert town.select(f"SELECT ratings[1] FROM audit WHERE audit_id = '{sent}'") == [1]
    assert town.select(f"SELECT ST_Y(location) > 28.6 FROM audit WHERE audit_id = '{sent}'") == [True]
    assert town.select(f"SELECT accuracy_m IS NULL FROM audit WHERE audit_id = '{sent}'") == [True]


_FOCUSED = """() => {
  const { activeElement: at } = document;
  return (at.getAttribute('aria-label') || (at.tagName === 'INPUT' ? at.value : at.textContent)).trim();
}"""


def _tab_to(one: Phone, name: str) -> None:
    """Press Tab until what is called so has the focus."""
    for _ in range(80):
        one.page.keyboard.press("Tab")
        if one.page.evaluate(_FOCUSED).startswith(name):
            return
    raise AssertionError(f"Tab never reaches {name!r}")
