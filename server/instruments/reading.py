"""From a parsed document to an instrument: every fault at once, or none at all."""

from dataclasses import dataclass, field
from typing import Any

from analysis.instrument import DAYPARTS, Instrument, Kind, Question, Role
from server.instruments import names
from server.instruments.cursor import Cursor
from server.instruments.document import Document
from server.instruments.faults import Fault, InstrumentError

_LONGEST = {"title": 100, "description": 500, "label": 200, "hint": 300, "level": 200}  # characters
_MOST_QUESTIONS, _MOST_CHOICES = 60, 100
_MOST_LEVELS = 11  # 0 to 10: people do not tell more steps apart
_HIGHEST_VERSION = 2**31 - 1
_LONGEST_ANSWER = 2000
_DEFAULT_ANSWER = 500

_OWN_KEYS: dict[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {  # required, optional
    Kind.RATING: (("role", "levels"), ("dayparts", "fixable")),
    Kind.CHOICE: (("choices",), ()),
    Kind.CHOICES: (("choices",), ()),
    Kind.NUMBER: ((), ("minimum", "maximum")),
    Kind.TEXT: ((), ("max_length",)),
}


def from_json(raw: object, *, source: str) -> Document:
    """Return the document that `raw` (parsed YAML or JSON) describes.

    Raises `InstrumentError` with all faults, each with its path; `source` names the document in it.
    """
    faults: list[Fault] = []
    document = _Reader(faults).document(Cursor(raw, "", faults))
    if document is None:
        raise InstrumentError(source, faults)
    return document


@dataclass
class _Reader:
    faults: list[Fault]
    language: str = ""
    reviewed: dict[str, bool] = field(default_factory=dict)
    texts: dict[str, dict[str, str]] = field(default_factory=dict)

    def document(self, at: Cursor) -> Document | None:
        required = ("id", "version", "language", "translations", "title", "questions")
        if not at.mapping(required=required, optional=("scored", "description")):
            return None
        self._languages(at)
        id_ = at.at("id").word(names.INSTRUMENT, meaning=names.INSTRUMENT_MEANING)
        version = at.at("version").integer(least=1, most=_HIGHEST_VERSION)
        scored = at.at("scored").flag(default=True)
        self._texts(at.at("title"), longest=_LONGEST["title"])
        self._texts(at.at("description"), longest=_LONGEST["description"])
        listed = at.at("questions").items(least=1, most=_MOST_QUESTIONS)
        questions = tuple(question for place in listed if (question := self._question(place)))
        self._together(at, questions, scored=scored)
        if self.faults:
            return None
        instrument = Instrument(id=id_, version=version, questions=questions, scored=scored)
        return Document(
            instrument=instrument, language=self.language, reviewed=self.reviewed, texts=self.texts
        )

    def _languages(self, at: Cursor) -> None:
        self.language = at.at("language").word(names.LANGUAGE, meaning=names.LANGUAGE_MEANING)
        translations = at.at("translations")
        codes = list(translations.value) if isinstance(translations.value, dict) else []
        if translations.value is None or not translations.mapping(required=codes):
            return
        for code in codes:
            entry = translations.at(code)
            Cursor(code, entry.path, self.faults).word(names.LANGUAGE, meaning=names.LANGUAGE_MEANING)
            sound = entry.value is not None and entry.mapping(required=("reviewed",))
            self.reviewed[code] = sound and entry.at("reviewed").flag(default=False)
        if self.language and self.language not in codes:
            translations.fault(f"the default language {self.language!r} is not among them", "add it")

    def _texts(self, at: Cursor, *, longest: int) -> None:
        """Keep a text in all its languages under its path."""
        if at.value is None:
            return
        if not isinstance(at.value, dict):
            at.fault("no languages given", f"write it as `{self.language or 'en'}: …`, one line per language")
            return
        if self.language and self.language not in at.value:
            at.fault(f"not there in the default language {self.language!r}", "add it")
        told = {}
        for code in at.value:
            if self.reviewed and code not in self.reviewed:
                at.at(code).fault(f"language {code!r} is not among the translations", "list it there")
            told[code] = at.at(code).text(longest=longest)
        self.texts[at.path] = told

    def _question(self, at: Cursor) -> Question | None:
        before = len(self.faults)
        kind_name = at.at("kind").one_of([kind.value for kind in Kind]) if isinstance(at.value, dict) else ""
        required, optional = _OWN_KEYS[Kind(kind_name)] if kind_name else ((), tuple(_every_key()))
        if not at.mapping(required=("name", "kind", "label", *required), optional=("hint", *optional)):
            return None
        name = at.at("name").word(names.QUESTION, meaning=names.QUESTION_MEANING)
        if (reason := names.taken(name)) is not None:
            at.at("name").fault(reason, "choose another")
        self._texts(at.at("label"), longest=_LONGEST["label"])
        self._texts(at.at("hint"), longest=_LONGEST["hint"])
        own = self._own(at, Kind(kind_name)) if kind_name else {}
        sound = len(self.faults) == before
        return Question(name=name, kind=Kind(kind_name), **own) if sound else None

    def _own(self, at: Cursor, kind: Kind) -> dict[str, Any]:
        """Return the parts that only questions of this kind have."""
        readers = {
            Kind.RATING: self._rating,
            Kind.CHOICE: self._choice,
            Kind.CHOICES: self._choice,
            Kind.NUMBER: self._number,
            Kind.TEXT: self._text,
        }
        return readers[kind](at)

    def _rating(self, at: Cursor) -> dict[str, Any]:
        levels = list(at.at("levels").items(least=2, most=_MOST_LEVELS))
        for level in levels:
            self._texts(level, longest=_LONGEST["level"])
        role = at.at("role").one_of([role.value for role in Role])
        fixable = at.at("fixable").flag(default=False)
        if fixable and role and role != Role.PLACE:
            at.at("fixable").fault("only a rating of role place can be a need", "leave it out")
        given = at.at("dayparts")
        found = [part.one_of(DAYPARTS) for part in given.items(least=1, most=3)]
        dayparts = tuple(part for part in DAYPARTS if part in found or given.value is None)
        return {
            "role": Role(role) if role else None,
            "top": len(levels) - 1,
            "fixable": fixable,
            "dayparts": dayparts,
        }

    def _choice(self, at: Cursor) -> dict[str, Any]:
        choices: list[str] = []
        for choice in at.at("choices").items(least=2, most=_MOST_CHOICES):
            if not choice.mapping(required=("name", "label")):
                continue
            name = choice.at("name").word(names.CHOICE, meaning=names.CHOICE_MEANING)
            if name and name in choices:
                choice.fault("the name stands twice", "give each choice its own")
            choices.append(name)
            self._texts(choice.at("label"), longest=_LONGEST["label"])
        return {"choices": tuple(choices)}

    def _number(self, at: Cursor) -> dict[str, Any]:
        minimum, maximum = at.at("minimum").number(), at.at("maximum").number()
        if minimum is not None and maximum is not None and minimum >= maximum:
            at.at("minimum").fault(f"{minimum} is not below the maximum {maximum}", "swap or widen them")
        return {"minimum": minimum, "maximum": maximum}

    def _text(self, at: Cursor) -> dict[str, Any]:
        limit = at.at("max_length").integer(least=1, most=_LONGEST_ANSWER, default=_DEFAULT_ANSWER)
        return {"max_length": limit}

    def _together(self, at: Cursor, questions: tuple[Question, ...], *, scored: bool) -> None:
        """Note what is wrong between questions."""
        listed = at.at("questions").value if isinstance(at.at("questions").value, list) else []
        called = [question.get("name") for question in listed if isinstance(question, dict)]
        for name in dict.fromkeys(
            name for name in called if isinstance(name, str) and called.count(name) > 1
        ):
            at.at("questions").at(name).fault("the name stands twice", "give each question its own")
        outcomes = [question.name for question in questions if question.role is Role.OUTCOME]
        if len(outcomes) > 1:
            at.at("questions").fault(
                f"several outcomes: {', '.join(outcomes)}", "keep one, make others context"
            )
        others = [part for part in listed if isinstance(part, dict) and not _may_be_scored(part)]
        if scored and listed and len(others) == len(listed):
            at.at("scored").fault("no rating of role place to score", "add one, or say `scored: false`")


def _may_be_scored(question: dict[str, Any]) -> bool:
    """Return whether it is a rating of the place, or so faulty that it might have been meant as one."""
    other_kind = question.get("kind") in (Kind.CHOICE, Kind.CHOICES, Kind.NUMBER, Kind.TEXT)
    return not other_kind and question.get("role") not in (Role.OUTCOME, Role.CONTEXT)


def _every_key() -> list[str]:
    return [key for pair in _OWN_KEYS.values() for keys in pair for key in keys]
