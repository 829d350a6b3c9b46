"""The phone's page in seven languages."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.page.audit.conftest import Phone
from tests.page.routes import cut

START = {
    "en": "I agree, start",
    "es": "De acuerdo, empezar",
    "hi": "सहमत हूँ, शुरू करें",
    "fr": "D'accord, commencer",
    "pt": "Concordo, começar",
    "sw": "Nakubali, anza",
    "ar": "أوافق، لنبدأ",
}


def test_each_language_is_shown_and_arabic_runs_from_right_to_left(phone: Callable[..., Phone]) -> None:
    one = phone()
    for language, start in START.items():
        one.page.locator(f'.languages [lang="{language}"]').click()
        expect(one.page.get_by_role("button", name=start)).to_be_visible()
        assert one.page.evaluate("document.documentElement.lang") == language
        expect(one.page.locator(".agreement")).to_have_attribute("lang", language)
    assert one.page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    one.page.reload()
    expect(one.page.get_by_role("button", name=START["ar"])).to_be_visible()
    assert one.faults() == []


def test_a_language_that_does_not_arrive_is_replaced_by_english_and_said_so(
    phone: Callable[..., Phone],
) -> None:
    one = phone(locale="sw")
    one.page.get_by_role("button", name=START["sw"]).click()
    expect(one.page.locator("[data-state=fallback]")).to_have_count(0)
    with cut(one.page, "**/assets/sw-*.js"):
        one.page.reload()
        expect(one.page.get_by_role("button", name="Mark this spot")).to_be_visible()
        expect(one.page.locator("[data-state=fallback]")).to_contain_text("stand in English")
