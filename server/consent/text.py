"""Consent texts: the one that is shipped, and a city's own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from server.errors import Fault, Invalid
from server.instruments import names, strict_yaml

LONGEST = 10_000
LONGEST_VERSION = 40
_VERSION = re.compile(r"[\w.+-]{1,40}")


@dataclass(frozen=True, kw_only=True)
class ConsentText:
    """One version of what residents agree to."""

    version: str
    texts: Mapping[str, str]
    """Language -> text."""

    def filled(self, languages: tuple[str, ...], **values: str) -> "ConsentText":
        """Return the texts of some languages, {name} and its like replaced by the values."""
        kept = {code: text for code, text in self.texts.items() if code in languages}
        for placeholder, value in values.items():
            kept = {code: text.replace(f"{{{placeholder}}}", value) for code, text in kept.items()}
        return ConsentText(version=self.version, texts=kept)


@cache
def shipped() -> ConsentText:
    """Return the text that comes with the program."""
    return read(files("server.consent").joinpath("text.yml").read_text(encoding="utf-8"), source="text.yml")


def load(path: Path) -> ConsentText:
    """Return a city's own text; Invalid names every fault of the file."""
    try:
        return read(path.read_text(encoding="utf-8-sig"), source=path.name)
    except UnicodeDecodeError as error:
        raise Invalid(f"{path.name} cannot be read: {error}; save it as UTF-8") from error


def read(text: str, *, source: str) -> ConsentText:
    """Return the text of a YAML document with `version` and `texts`, by language."""
    try:
        said = strict_yaml.read(text)
    except yaml.YAMLError as error:
        raise Invalid(f"{source} cannot be read: {error}") from error
    faults = _faults(said)
    if faults or not isinstance(said, dict):
        raise Invalid(f"{source}: the consent text cannot be used", faults=faults)
    texts = {code: one.strip() for code, one in said["texts"].items()}
    return ConsentText(version=str(said["version"]), texts=texts)


def _faults(said: Any) -> list[Fault]:
    if not isinstance(said, dict):
        return [Fault("", "must hold `version: …` and `texts:` with a text for each language")]
    faults = [Fault(f"/{name}", "is not known here; known are: version, texts") for name in said]
    faults = [fault for fault in faults if fault.pointer not in ("/version", "/texts")]
    version, texts = said.get("version"), said.get("texts")
    if isinstance(version, bool) or not _VERSION.fullmatch(str(version or "")):
        meaning = f"give a name of 1 to {LONGEST_VERSION} letters, digits, dots, - or _, such as 2026-1"
        faults.append(Fault("/version", meaning))
    if not isinstance(texts, dict) or not texts:
        return [*faults, Fault("/texts", "give a text for each language, such as `en: …`")]
    for code, text in texts.items():
        if not isinstance(code, str) or not names.LANGUAGE.fullmatch(code):
            faults.append(Fault(f"/texts/{code}", names.LANGUAGE_MEANING))
        if not isinstance(text, str) or not 0 < len(text.strip()) <= LONGEST:
            faults.append(Fault(f"/texts/{code}", f"give a text of 1 to {LONGEST} characters"))
    return faults
