"""Seven languages say the same things."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.page.audit.conftest import LANGUAGES, Phone

WORDS = Path(__file__).parents[3] / "web" / "src" / "audit" / "words"
START = {
    "en": "I agree, start",
    "es": "De acuerdo, empezar",
    "hi": "सहमत हूँ, शुरू करें",
    "fr": "D'accord, commencer",
    "pt": "Concordo, começar",
    "sw": "Nakubali, anza",
    "ar": "أوافق، لنبدأ",
}


def _catalogue(language: str) -> dict[str, Any]:
    return dict(json.loads((WORDS / f"{language}.json").read_text(encoding="utf-8")))


def _values(message: Any) -> set[str]:
    return set(re.findall(r"\{\w+\}", message if isinstance(message, str) else message["other"]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_with_its_values(language: str) -> None:
    english, own = _catalogue("en"), _catalogue(language)
    assert own.keys() == english.keys()
    assert {key: _values(own[key]) for key in own} == {key: _values(english[key]) for key in english}
    counted = [message for message in own.values() if not isinstance(message, str)]
    assert counted
    assert all(message["other"] for message in counted)


def test_every_text_is_used_somewhere() -> None:
    scripts = "".join(file.read_text() for file in WORDS.parent.glob("*.ts"))
    made = re.compile(r"(flag|gender|age|theme|place)_|.*_hint$")
    unused = [key for key in _catalogue("en") if f"'{key}'" not in scripts and not made.match(key)]
    assert unused == ["gender"]  # named by the field of the profile


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
    one = phone(service_workers="block", locale="sw")
    one.page.get_by_role("button", name=START["sw"]).click()
    expect(one.page.locator("[data-state=fallback]")).to_have_count(0)
    one.page.route("**/assets/sw-*.js", lambda route: route.abort())
    one.page.reload()
    expect(one.page.get_by_role("button", name="Mark this spot")).to_be_visible()
    expect(one.page.locator("[data-state=fallback]")).to_contain_text("stand in English")
