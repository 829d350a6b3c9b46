"""An instrument with its texts in several languages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from analysis.instrument import DAYPARTS, Instrument, Kind, Question

# https://www.unicode.org/iso15924/: languages commonly written in Arabic, Hebrew, Thaana or N'Ko script
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "nqo", "ps", "sd", "ug", "ur", "yi"})

Say = Callable[[str], Any]
"""How a text is told: from its path in the document to whatever stands for it."""


def direction(language: str) -> str:
    """Return `rtl` or `ltr`: which way a language is commonly written."""
    return "rtl" if language.split("-", maxsplit=1)[0] in _RIGHT_TO_LEFT else "ltr"


@dataclass(frozen=True, kw_only=True)
class Document:
    """An instrument and all that people read of it; every text exists in the default language."""

    instrument: Instrument
    language: str
    """The default language, which stands in for what is not translated."""
    reviewed: Mapping[str, bool]
    """Each language, and whether somebody who grew up with it has checked the texts."""
    texts: Mapping[str, Mapping[str, str]]
    """Path in the document (`title`, `questions/lighting/levels/2`) -> language -> text."""

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The default language, then the others in alphabetical order."""
        return (self.language, *sorted(set(self.reviewed) - {self.language}))

    def missing(self, language: str) -> tuple[str, ...]:
        """Return the paths of the texts that do not exist in `language`, in document order."""
        return tuple(path for path in _paths(self.instrument, self.texts) if language not in self.texts[path])

    def to_json(self) -> dict[str, Any]:
        """Return the document as it is written by hand and stored; `reading.from_json` gives it back."""
        return {
            "id": self.instrument.id,
            "version": self.instrument.version,
            "language": self.language,
            "scored": self.instrument.scored,
            "translations": {code: {"reviewed": self.reviewed[code]} for code in self.languages},
            **self._body(lambda path: dict(self.texts[path])),
        }

    def localised(self, requested: str) -> dict[str, Any]:
        """Return the questionnaire in one language, string by string in the default where one is missing.

        `lang` is the language found for `requested` (its own, or without its region, else the default);
        `fallback` lists the paths of the texts that stand in the default language instead of the requested.
        """
        found = self._match(requested)
        lang = found or self.language
        return {
            "id": self.instrument.id,
            "version": self.instrument.version,
            "scored": self.instrument.scored,
            "requested": requested,
            "lang": lang,
            "direction": direction(lang),
            "available": list(self.languages),
            "reviewed": self.reviewed[lang],
            "fallback": list(self.missing(found or requested)),
            **self._body(lambda path: self.texts[path].get(lang, self.texts[path][self.language])),
        }

    def _match(self, requested: str) -> str | None:
        """Return the language for a tag, cut from its end until one fits (lookup of RFC 4647, 3.4)."""
        known = {language.lower(): language for language in self.languages}
        parts = requested.lower().replace("_", "-").split("-")
        cuts = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((known[cut] for cut in cuts if cut in known), None)

    def _body(self, say: Say) -> dict[str, Any]:
        heads = {head: say(head) for head in ("title", "description") if head in self.texts}
        return {
            **heads,
            "questions": [self._question(question, say) for question in self.instrument.questions],
        }

    def _question(self, question: Question, say: Say) -> dict[str, Any]:
        base = f"questions/{question.name}"
        told = {part: say(f"{base}/{part}") for part in ("label", "hint") if f"{base}/{part}" in self.texts}
        return {"name": question.name, "kind": str(question.kind), **_structure(question), **told} | (
            _answers(question, base, say)
        )


def _structure(question: Question) -> dict[str, Any]:
    """Return what is not text, leaving out what goes without saying."""
    parts: dict[str, Any] = {
        "role": str(question.role) if question.role else None,
        "fixable": question.fixable or None,
        "dayparts": list(question.dayparts) if question.dayparts != DAYPARTS else None,
        "minimum": question.minimum,
        "maximum": question.maximum,
        "max_length": question.max_length,
    }
    return {part: value for part, value in parts.items() if value is not None}


def _answers(question: Question, base: str, say: Say) -> dict[str, Any]:
    if question.kind is Kind.RATING:
        return {"levels": [say(f"{base}/levels/{level}") for level in range((question.top or 0) + 1)]}
    if question.choices:
        return {
            "choices": [
                {"name": choice, "label": say(f"{base}/choices/{choice}/label")}
                for choice in question.choices
            ]
        }
    return {}


def _paths(instrument: Instrument, texts: Mapping[str, object]) -> list[str]:
    """Return the paths of all texts in document order, which a store may not have kept."""
    paths = ["title", "description"]
    for question in instrument.questions:
        base = f"questions/{question.name}"
        paths += [f"{base}/label", f"{base}/hint"]
        paths += [f"{base}/levels/{level}" for level in range((question.top or 0) + 1)]
        paths += [f"{base}/choices/{choice}/label" for choice in question.choices]
    return [path for path in paths if path in texts]
