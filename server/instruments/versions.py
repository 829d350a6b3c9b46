"""When a changed instrument needs a new version, so that old answers keep their meaning."""

from enum import StrEnum
from typing import Any

from server.instruments.document import Document
from server.instruments.faults import Fault, InstrumentError


class Change(StrEnum):
    """What a document changes about the stored one of the same id."""

    NOTHING = "nothing"
    TRANSLATIONS = "translations"
    """Same version: other languages were added, corrected or reviewed."""
    VERSION = "version"
    """A later version."""


def compare(new: Document, *, stored: Document) -> Change:
    """Return what `new` changes about `stored`.

    Translations may change within a version. Anything else (what is asked, in what order, or the words of
    the default language) needs a higher version; and a question that keeps its name keeps its kind and its
    number of levels in every version, because analyses read all versions together.
    Raises `InstrumentError` where these rules are broken.
    """
    if new.instrument == stored.instrument and _original(new) == _original(stored):
        unchanged = new.texts == stored.texts and new.reviewed == stored.reviewed
        return Change.NOTHING if unchanged else Change.TRANSLATIONS
    faults = [*_version_faults(new, stored), *_question_faults(new, stored)]
    if faults:
        raise InstrumentError(new.instrument.id, faults)
    return Change.VERSION


def _original(document: Document) -> tuple[str, dict[str, Any]]:
    """Return the words of the default language."""
    language = document.language
    return language, {path: told[language] for path, told in document.texts.items()}


def _version_faults(new: Document, stored: Document) -> list[Fault]:
    before, now = stored.instrument.version, new.instrument.version
    if now > before:
        return []
    if now < before:
        return [Fault("version", f"{now} is older than the stored {before}", f"use {before + 1}")]
    return [Fault("version", f"{now} is stored already with other content", f"use {before + 1}")]


def _question_faults(new: Document, stored: Document) -> list[Fault]:
    before = {question.name: question for question in stored.instrument.questions}
    faults = []
    for question in new.instrument.questions:
        old = before.get(question.name, question)
        for part in ("kind", "top"):
            if getattr(old, part) != getattr(question, part):
                change = f"{part} was {getattr(old, part)}, is {getattr(question, part)}"
                faults.append(
                    Fault(f"questions/{question.name}", change, "give the changed question another name")
                )
    return faults
