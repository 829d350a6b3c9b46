"""What she may choose, keep and take back."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.page.audit.conftest import Phone, Town


def test_a_receipt_shows_and_withdraws_from_another_phone(phone: Callable[..., Phone], town: Town) -> None:
    before = town.ids()
    one, other = phone(), phone()
    one.enter()
    one.audit(people=1, lighting=0)
    one.open("Mine")
    expect(one.page.get_by_role("heading", name="1 on the server")).to_be_visible()
    receipt = one.page.locator(".receipt code").first.inner_text()
    other.enter()
    other.open("Mine")
    other.page.get_by_text("I have a receipt").click()
    other.page.locator("input[name=receipt]").fill(receipt[:-1])
    other.page.get_by_role("button", name="Show").click()
    expect(other.page.get_by_text("There is nothing for this receipt")).to_be_visible()
    other.page.locator("input[name=receipt]").fill(receipt)
    other.page.get_by_role("button", name="Show").click()
    expect(other.page.get_by_text("2 answers")).to_be_visible()
    other.page.get_by_role("button", name="Withdraw").click()
    other.page.get_by_role("button", name="Yes, withdraw").click()
    expect(other.page.get_by_text("Withdrawn.")).to_be_visible()
    assert town.ids() == before


def test_a_receipt_corrects_from_another_phone(phone: Callable[..., Phone], town: Town) -> None:
    before = town.ids()
    one, other = phone(), phone()
    one.enter()
    one.audit(people=1)
    one.open("Mine")
    receipt = one.page.locator(".receipt code").first.inner_text()
    other.enter()
    other.open("Mine")
    other.page.get_by_text("I have a receipt").click()
    other.page.locator("input[name=receipt]").fill(receipt)
    other.page.get_by_role("button", name="Show").click()
    other.page.get_by_role("button", name="Change").click()
    expect(other.page.locator('input[name="people"][value="1"]')).to_be_checked()
    other.page.locator('input[name="people"][value="3"]').check()
    other.page.get_by_role("button", name="Save the changes").click()
    expect(other.page.get_by_role("heading", name="1 has arrived. Its receipt:")).to_be_visible()
    [sent] = town.ids() - before
    newest = f"SELECT ratings[4] FROM audit WHERE audit_id = '{sent}' ORDER BY version DESC LIMIT 1"
    assert town.select(newest) == [3]
    assert len(town.select(f"SELECT DISTINCT device_id FROM audit WHERE audit_id = '{sent}'")) == 1
    assert other.faults() == []


def test_news_takes_nothing_from_under_a_finger(phone: Callable[..., Phone], town: Town) -> None:
    one = phone()
    one.enter()
    one.audit(people=1)
    one.open("Mine")
    expect(one.page.get_by_role("heading", name="1 on the server")).to_be_visible()
    expect(one.page.get_by_role("heading", name="Everything has been sent.")).to_be_visible()
    one.page.get_by_role("button", name="Withdraw").hover()
    one.page.mouse.down()
    _bring_news(one)
    one.page.mouse.up()
    expect(one.page.get_by_role("button", name="Yes, withdraw")).to_be_visible()
    expect(one.page.locator("[data-part=arrivals] li")).to_have_count(1)
    _bring_news(one)
    expect(one.page.locator("[data-part=arrivals] li")).to_have_count(2)
    one.page.get_by_role("button", name="Yes, withdraw").click()
    expect(one.page.get_by_role("heading", name="The server has nothing from you yet.")).to_be_visible()


def _bring_news(one: Phone) -> None:
    """Let another tab say that something arrived, and wait until the list was asked for again."""
    tell = """() => new BroadcastChannel('notes').postMessage(
      { delivered: [{ id: crypto.randomUUID(), receipt: 'abc', used: true, flags: [] }] })"""
    with one.page.expect_response("**/devices/me/places"):
        one.page.evaluate(tell)


def test_only_the_token_stays_unless_she_keeps_what_she_sent(phone: Callable[..., Phone], town: Town) -> None:
    one = phone()
    one.page.get_by_text("About you, if you like").click()
    one.page.get_by_label("I am").select_option("woman")
    one.enter()
    one.audit(people=1)
    one.delivered()
    kept = one.kept()
    assert kept["audits"] == []
    [person] = kept["people"]
    assert person.keys() == {"id", "city", "walk", "leaving", "minor", "token", "ended"}
    one.open("Settings")
    one.page.get_by_label("Keep sent answers").check()
    one.open("Rate")
    one.audit(people=2)
    one.delivered()
    [kept_audit] = one.kept()["audits"]
    assert kept_audit["state"] == "sent"
    assert kept_audit["receipt"]
    assert town.select("SELECT count(*) FROM profile WHERE gender = 'woman'") == [1]


def test_under_18_neither_comment_nor_photo_is_asked_for(phone: Callable[..., Phone], town: Town) -> None:
    one = phone()
    one.page.get_by_text("About you, if you like").click()
    one.page.get_by_label("My age").select_option("under_18")
    one.enter()
    one.page.get_by_role("button", name="Mark this spot").click()
    expect(one.page.get_by_text("Under 18, comments and photos are not kept.")).to_be_visible()
    expect(one.page.locator("textarea, input[type=file]")).to_have_count(0)


def test_erasing_empties_here_and_there(phone: Callable[..., Phone], town: Town) -> None:
    before = town.ids()
    one = phone()
    one.enter()
    one.audit(people=1)
    one.delivered()
    assert len(town.ids() - before) == 1
    one.open("Settings")
    one.page.get_by_role("button", name="Erase everything").click()
    one.page.get_by_role("button", name="Yes, erase everything").click()
    expect(one.page.get_by_role("button", name="I agree, start")).to_be_visible()
    kept = one.kept()
    assert (kept["audits"], kept["people"]) == ([], [])
    assert town.ids() == before


def test_photos_wait_for_wifi_and_their_audits_do_not(
    phone: Callable[..., Phone], town: Town, jpeg: bytes
) -> None:
    before, photos = town.ids(), len(town.select("SELECT audit_id FROM photo"))
    one = phone("/healthz")
    cellular = (
        "Object.defineProperty(navigator.connection, 'type', { get: () => window.linked ?? 'cellular' })"
    )
    one.page.add_init_script(cellular)
    one.page.goto(f"{town.origin}/audit?city=testville")
    one.enter()
    one.page.get_by_role("button", name="Mark this spot").click()
    expect(one.page.locator(".place .status")).to_contain_text("Accurate")
    one.page.locator('input[name="people"][value="2"]').check()
    one.page.locator("input[type=file]").set_input_files(
        {"name": "spot.jpg", "mimeType": "image/jpeg", "buffer": jpeg}
    )
    expect(one.page.locator(".photos img")).to_be_visible()
    one.page.get_by_role("button", name="Save").click()
    one.open("Mine")
    expect(one.page.get_by_text("Photos wait for Wi-Fi.")).to_be_visible()
    expect(one.page.get_by_role("heading", name="1 photo waits to be sent")).to_be_visible()
    assert len(town.ids() - before) == 1
    assert len(town.select("SELECT audit_id FROM photo")) == photos
    one.page.evaluate("window.linked = 'wifi'; navigator.connection.dispatchEvent(new Event('change'))")
    expect(one.page.get_by_role("heading", name="Everything has been sent.")).to_be_visible()
    assert len(town.select("SELECT audit_id FROM photo")) == photos + 1


def test_the_theme_can_be_another_than_the_systems(phone: Callable[..., Phone]) -> None:
    one = phone(color_scheme="light")
    one.enter()
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = one.page.evaluate(ground)
    one.open("Settings")
    one.page.get_by_label("Colours").select_option("dark")
    dark = one.page.evaluate(ground)
    assert dark != light
    one.page.reload()
    expect(one.page.get_by_role("button", name="Mark this spot")).to_be_visible()
    assert one.page.evaluate(ground) == dark
