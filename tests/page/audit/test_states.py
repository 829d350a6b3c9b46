"""Whatever goes wrong, she is told in words, has a way on, and loses no audit."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from server.services.open_campaign import NewCampaign, open_campaign
from tests.page.audit.conftest import HERE, Phone, Town
from tests.page.routes import cut, held
from tests.page.waiting import until

FAR_OFF = {**HERE, "accuracy": 3000}


def _state(page: Page, name: str) -> Any:
    return page.locator(f"[data-state={name}]")


def _set_the_pin(one: Phone) -> None:
    one.page.locator(".plane .pin").press("ArrowRight")


def _save(one: Phone, town: Town) -> str:
    """Answer one question, save, and return the id under which it arrived."""
    before = town.ids()
    one.page.locator('input[name="people"][value="2"]').check()
    one.page.get_by_role("button", name="Save").click()
    one.open("Mine")
    expect(one.page.get_by_role("heading", name="Everything has been sent.")).to_be_visible()
    [sent] = town.ids() - before
    return str(sent)


def test_who_does_not_tell_where_she_is_sets_the_pin(phone: Callable[..., Phone], town: Town) -> None:
    one = phone(geolocation=None)
    one.enter()
    one.page.get_by_role("button", name="Mark this spot").click()
    expect(_state(one.page, "place-denied")).to_contain_text("You have not allowed")
    one.page.locator('input[name="people"][value="2"]').check()
    one.page.get_by_role("button", name="Save").click()
    expect(_state(one.page, "no-place")).to_be_visible()
    _set_the_pin(one)
    expect(_state(one.page, "by-hand")).to_be_visible()
    sent = _save(one, town)
    assert town.select(f"SELECT used FROM audit WHERE audit_id = '{sent}'") == [True]
    assert one.faults() == []


@pytest.mark.parametrize(
    ("state", "geolocation"),
    [
        ("place-absent", "delete Navigator.prototype.geolocation"),
        (
            "place-unknown",
            "Geolocation.prototype.watchPosition = (_, no) => setTimeout(no, 0, "
            "{ code: 2, PERMISSION_DENIED: 1 })",
        ),
    ],
)
def test_a_phone_that_cannot_find_itself_is_put_on_the_map_by_hand(
    phone: Callable[..., Phone], town: Town, state: str, geolocation: str
) -> None:
    one = phone("/healthz")
    one.page.add_init_script(geolocation)
    one.page.goto(f"{town.origin}/audit?city=testville")
    one.enter()
    one.page.get_by_role("button", name="Mark this spot").click()
    expect(_state(one.page, state)).to_contain_text("set the pin")
    _set_the_pin(one)
    sent = _save(one, town)
    assert town.select(f"SELECT used FROM audit WHERE audit_id = '{sent}'") == [True]


def test_three_kilometres_are_said_and_set_right(phone: Callable[..., Phone], town: Town) -> None:
    one = phone(geolocation=FAR_OFF)
    one.enter()
    one.page.get_by_role("button", name="Mark this spot").click()
    expect(_state(one.page, "rough")).to_contain_text("Only accurate to 3 km")
    _set_the_pin(one)
    sent = _save(one, town)
    assert town.select(f"SELECT accuracy_m FROM audit WHERE audit_id = '{sent}'") == [None]


def test_without_https_the_page_keeps_and_sends_all_the_same(phone: Callable[..., Phone], town: Town) -> None:
    one = phone(origin=f"http://notes.test:{town.port}")
    one.enter()
    expect(_state(one.page, "insecure")).to_contain_text("https")
    one.page.get_by_role("button", name="Mark this spot").click()
    expect(_state(one.page, "place-insecure")).to_be_visible()
    _set_the_pin(one)
    assert _save(one, town)


def test_a_clock_that_is_wrong_by_a_year_is_put_right_by_the_server(
    phone: Callable[..., Phone], town: Town
) -> None:
    one = phone("/audit?city=nowhere")  # what the page keeps is looked at before its clock runs
    one.page.clock.set_system_time(datetime.now(UTC) - timedelta(days=400))
    one.page.goto(f"{town.origin}/audit?city=testville")
    one.enter()
    expect(_state(one.page, "clock")).to_be_visible()
    one.page.get_by_role("button", name="Mark this spot").click()
    expect(one.page.locator(".place .status")).to_contain_text("Accurate")
    sent = _save(one, town)
    assert town.select(f"SELECT used FROM audit WHERE audit_id = '{sent}'") == [True]


def test_what_the_server_leaves_out_of_the_maps_is_said(phone: Callable[..., Phone], town: Town) -> None:
    one = phone(geolocation={**HERE, "latitude": 10.0})
    one.enter()
    one.page.get_by_role("button", name="Mark this spot").click()
    expect(one.page.locator(".place .status")).to_contain_text("Accurate")
    sent = _save(one, town)
    assert town.select(f"SELECT used FROM audit WHERE audit_id = '{sent}'") == [False]
    expect(_state(one.page, "flags")).to_contain_text("it lies outside the city")
    _state(one.page, "flags").get_by_role("button").click()
    expect(_state(one.page, "flags")).to_have_count(0)


def test_a_full_phone_says_so_and_saves_once_there_is_room(phone: Callable[..., Phone], town: Town) -> None:
    one = phone("/healthz")
    assert one.context
    devtools = one.context.new_cdp_session(one.page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": town.origin, "quotaSize": 500_000})
    one.page.goto(f"{town.origin}/audit?city=testville")
    one.enter()
    one.enrolled()  # which gives back a little room
    one.page.get_by_role("button", name="Mark this spot").click()
    expect(one.page.locator(".place .status")).to_contain_text("Accurate")
    one.page.evaluate(_FILL)
    one.page.locator('input[name="people"][value="2"]').check()
    expect(_state(one.page, "full")).to_contain_text("not saved yet")
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": town.origin})
    assert _save(one, town)


def test_little_room_is_said_before_something_is_lost(phone: Callable[..., Phone], town: Town) -> None:
    one = phone("/healthz")
    one.page.add_init_script("navigator.storage.estimate = async () => ({ quota: 9e6, usage: 8e6 })")
    one.page.goto(f"{town.origin}/audit?city=testville")
    one.enter()
    expect(_state(one.page, "nearly-full")).to_be_visible()


def test_a_browser_that_keeps_nothing_takes_no_audit(phone: Callable[..., Phone], town: Town) -> None:
    one = phone("/healthz")
    refuse = "IDBFactory.prototype.open = () => { throw new DOMException('off', 'SecurityError') }"
    one.page.add_init_script(refuse)
    one.page.goto(f"{town.origin}/audit?city=testville")
    expect(_state(one.page, "no-storage")).to_be_visible()


def test_a_revoked_phone_keeps_what_waits_until_it_joins_again(
    phone: Callable[..., Phone], town: Town
) -> None:
    one = phone()
    one.enter()
    one.audit(people=0)
    one.delivered()
    with town.database.transaction() as connection:
        connection.execute(text("UPDATE device SET revoked_at = now()"))
    before = town.ids()
    one.audit(people=1)
    expect(_state(one.page, "ended")).to_contain_text("no longer knows this phone")
    expect(one.page.locator(".badge")).to_have_text("1")
    assert town.ids() == before
    one.page.get_by_role("button", name="Join again").click()
    expect(one.page.locator(".badge")).to_be_hidden()
    assert len(town.ids() - before) == 1


def test_a_server_away_for_a_week_is_told_since_when(phone: Callable[..., Phone], town: Town) -> None:
    one = phone()
    one.enter()
    with cut(one.page, "**/audits/batch"):
        one.audit(people=1)
        until(one.page, lambda: one.kept()["failures"])
        one.page.evaluate(_AGO, 7 * 24 * 3600 * 1000)
        one.page.reload()
        expect(_state(one.page, "away")).to_contain_text("Nothing is lost")
    one.send_now()
    expect(_state(one.page, "away")).to_have_count(0)


def test_two_tabs_send_each_audit_once(phone: Callable[..., Phone], town: Town) -> None:
    before = town.ids()
    one = phone()
    one.enter()
    one.audit(people=0)
    one.delivered()
    assert one.context
    with held(one.context, "**/audits/batch") as sendings:
        one.audit(people=1)
        until(one.page, lambda: sendings)
        other = one.context.new_page()
        other.goto(f"{town.origin}/audit?city=testville")
        expect(other.locator(".badge")).to_have_text("1")
        other.get_by_role("navigation").get_by_role("button", name="Mine").click()
        other.get_by_role("button", name="Send now").click()
        until(other, lambda: other.evaluate(_WAITS_TO_SEND))
        assert len(sendings) == 1, "the other tab sent what was under way"
    expect(other.get_by_role("heading", name="Everything has been sent.")).to_be_visible()
    assert len(town.ids() - before) == 2
    assert len(sendings) == 1


def test_a_map_that_does_not_arrive_takes_nothing_else_away(phone: Callable[..., Phone], town: Town) -> None:
    one = phone()
    one.enter()
    with cut(one.page, "**/assets/pin-*.js"):
        one.page.get_by_role("button", name="Mark this spot").click()
        expect(one.page.locator(".place .status")).to_contain_text("Accurate")
        one.page.get_by_role("button", name="Set the pin").click()
        expect(_state(one.page, "no-map")).to_contain_text("do not need it")
        assert _save(one, town)


def test_a_city_without_a_consent_text_says_so(phone: Callable[..., Phone], town: Town) -> None:
    one = phone("/audit?city=othertown")
    expect(_state(one.page, "no-consent")).to_be_visible()
    one.page.get_by_role("button", name="Start").click()
    expect(one.page.get_by_role("button", name="Mark this spot")).to_be_visible()


def test_without_a_city_in_the_address_one_is_asked_for(phone: Callable[..., Phone], town: Town) -> None:
    one = phone("/audit")
    _state(one.page, "which-city").get_by_role("link", name="Testville").click()
    expect(one.page.get_by_role("button", name="I agree, start")).to_be_visible()
    expect(_state(phone("/audit?city=nowhere").page, "unknown-city").locator("a")).to_have_count(2)


def test_a_walk_is_joined_and_the_phone_handed_on(phone: Callable[..., Phone], town: Town) -> None:
    before = town.ids()
    one = phone(f"/audit?city=testville&c={_walk(town)}")
    assert "c=" not in one.page.url
    expect(one.page.get_by_text("You are joining a walk.")).to_be_visible()
    one.enter()
    one.audit(people=1)
    one.open("Settings")
    one.page.get_by_role("button", name="Hand the phone to the next person").first.click()
    one.page.locator(".grave").click()
    one.enter()
    one.audit(people=3)
    one.delivered()
    one.open("Mine")
    expect(one.page.get_by_role("heading", name="1 on the server")).to_be_visible()
    sent = ",".join(f"'{one_id}'" for one_id in town.ids() - before)
    devices = f"SELECT DISTINCT device_id FROM audit WHERE audit_id IN ({sent})"
    assert len(town.select(devices)) == 2
    walking = f"SELECT count(*) FROM device WHERE device_id IN ({devices}) AND campaign_id IS NOT NULL"
    assert town.select(walking) == [2]


def test_an_unknown_walk_is_said_and_can_be_left_out(phone: Callable[..., Phone], town: Town) -> None:
    one = phone("/audit?city=testville&c=sac_unknown")
    one.enter()
    expect(_state(one.page, "enrolment-refused")).to_contain_text("campaign")
    one.page.get_by_role("button", name="Take part without the walk").click()
    expect(_state(one.page, "enrolment-refused")).to_have_count(0)
    one.audit(people=1)
    one.delivered()


def test_a_move_to_another_phone_takes_everything_along(phone: Callable[..., Phone], town: Town) -> None:
    old, new = phone(), phone()
    old.enter()
    old.audit(people=1)
    old.delivered()
    old.open("Settings")
    old.page.get_by_role("button", name="Move to another phone").click()
    expect(old.page.locator(".qr")).to_be_visible()
    link = old.page.locator(".move a").get_attribute("href")
    assert link
    new.page.goto("about:blank")  # or only what stands behind the # would change
    new.page.goto(link)
    assert "move" not in new.page.url
    new.page.get_by_role("button", name="Take over").click()
    new.open("Mine")
    expect(new.page.get_by_role("heading", name="1 on the server")).to_be_visible()
    old.open("Rate")
    old.audit(people=2)
    expect(_state(old.page, "ended")).to_be_visible()


@pytest.mark.parametrize("way", ["button", "escape"])
def test_hiding_leaves_at_once_and_no_way_leads_back(
    phone: Callable[..., Phone], town: Town, way: str
) -> None:
    one = phone("/healthz")
    one.page.goto(f"{town.origin}/audit?city=testville")
    one.enter()
    if way == "button":
        one.page.get_by_role("button", name="Hide").click()
    else:
        # The second counts within a second, which a busy machine may miss.
        until(one.page, lambda: one.page.keyboard.press("Escape") or one.page.url == "about:blank")
    one.page.wait_for_url("about:blank")
    one.page.go_back()
    assert "/audit" not in one.page.url


def _walk(town: Town) -> str:
    now = datetime.now(UTC)
    walk = NewCampaign(
        name="Evening walk", starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=3)
    )
    with town.database.transaction() as connection:
        [city_id] = connection.execute(text("SELECT city_id FROM city WHERE slug = 'testville'")).scalars()
        return open_campaign(connection, city_id=city_id, campaign=walk, actor="operator").token


_WAITS_TO_SEND = (
    "navigator.locks.query().then(({ pending }) => pending.some(({ name }) => name === 'sender'))"
)

_FILL = """async () => {
  const database = await new Promise((resolve) => {
    const request = indexedDB.open('notes');
    request.onsuccess = () => resolve(request.result);
  });
  const put = (length, number) => new Promise((resolve) => {
    const transaction = database.transaction('settings', 'readwrite');
    transaction.objectStore('settings').put({ name: `ballast ${number}`, value: 'x'.repeat(length) });
    transaction.oncomplete = () => resolve(true);
    transaction.onabort = () => resolve(false);
  });
  let number = 0;
  for (const length of [2e5, 2e4, 2e3, 2e2, 20, 1]) while (await put(length, number)) number += 1;
  database.close();
}"""

_AGO = """(ago) => navigator.locks.request('sender', async () => {
  const database = await new Promise((resolve) => {
    const request = indexedDB.open('notes');
    request.onsuccess = () => resolve(request.result);
  });
  const settings = database.transaction('settings', 'readwrite').objectStore('settings');
  const sending = await new Promise((resolve) => {
    const request = settings.get('sending');
    request.onsuccess = () => resolve(request.result);
  });
  sending.value.reachedMs = Date.now() - ago;
  settings.put(sending);
  await new Promise((resolve) => { settings.transaction.oncomplete = resolve; });
  database.close();
})"""
"""While nobody sends: whoever does writes down afterwards when the server was last reached before."""
