"""Consent texts: the shipped one whole, a city's own read strictly."""

import re
from pathlib import Path

import pytest

from server.consent.text import load, shipped
from server.errors import Invalid

LANGUAGES = ("en", "es", "hi", "fr", "pt", "sw", "ar")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_text_says_the_same_in_every_language(language: str) -> None:
    text = shipped().texts[language]
    assert sorted(re.findall(r"\{\w+\}", text)) == ["{contact}", "{controller}", "{days}", "{name}"]
    assert len(text.splitlines()) == len(shipped().texts["en"].splitlines())
    assert "18" in text
    filled = shipped().filled(LANGUAGES, name="A", controller="B", contact="C", days="180").texts[language]
    assert "{" not in filled


def test_only_languages_the_city_approved_are_kept() -> None:
    assert set(shipped().filled(("hi", "fi")).texts) == {"hi"}


@pytest.mark.parametrize(
    ("written", "pointers"),
    [
        ("- a list", [""]),
        ("version: 1", ["/texts"]),
        ("texts: {en: Yes}", ["/version"]),
        ("version: 1\ntexts: {English: Yes}", ["/texts/English"]),
        ("version: 1\ntexts: {en: ''}", ["/texts/en"]),
        ("version: 1\ntexts: {en: Yes}\ntitle: x", ["/title"]),
        (f"version: {'9' * 41}\ntexts: {{en: Yes}}", ["/version"]),
    ],
)
def test_every_fault_of_a_file_is_named(tmp_path: Path, written: str, pointers: list[str]) -> None:
    file = tmp_path / "consent.yml"
    file.write_text(written)
    with pytest.raises(Invalid) as refused:
        load(file)
    assert [fault.pointer for fault in refused.value.faults] == pointers


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "consent.yml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(Invalid, match="UTF-8"):
        load(file)
    file.write_text("version: [")
    with pytest.raises(Invalid, match=r"consent\.yml"):
        load(file)
