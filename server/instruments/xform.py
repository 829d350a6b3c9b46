"""From an instrument to the XForm that ODK Collect and KoboCollect show, in all its languages.

Nodes of the form: `consent/` where the city has approved a text, `location`, `observed_at`, `answers/` with
one node per question, `photos/photo_1` … where the city takes photos, `comment` where it is scored
(a report asks itself what it wants in words, and `harassment` wants none). `server.intake.xform` reads what
comes back.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version as installed_version
from typing import Any

from analysis.instrument import Kind, Question
from server.instruments.document import Document
from server.instruments.form_words import language_name, say

ROOT, CONSENT, ANSWERS, PHOTOS = "data", "consent", "answers", "photos"
AGREED, CONSENT_VERSION = "agreed", "version"
YES, NO = "yes", "no"
MOST_PHOTOS = 3
LONGEST_COMMENT = 2000
_ACCURACY_LIMIT_M = 200  # as far as a city's boundary is widened at most: server/intake/placing.py
_PHOTO_PIXELS = 1600
_AGREEMENT = "consent-agreed"  # a list of choices that no question can be called like

Row = dict[str, str]
Say = Callable[[str], str]


@dataclass(frozen=True)
class XForm:
    """A form as phones download it; `version` changes with every change of what it asks or says."""

    form_id: str
    version: str
    title: str
    xml: bytes

    @property
    def md5(self) -> str:
        """Return the hash by which phones know whether they have this form."""
        return hashlib.md5(self.xml, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What the form asks to agree to before anything else; `version` has no quotes (server.consent.text)."""

    version: str
    texts: Mapping[str, str]
    """Language -> text, the first one for languages it is not approved in."""


def make_xform(
    document: Document, *, default_language: str, photos: bool, agreement: Agreement | None = None
) -> XForm:
    """Return the form of an instrument; texts that are not translated stand in the instrument's language.

    `default_language` is shown first where the instrument has it. The version is the instrument's,
    a hyphen and eight hex digits of all that the form is made from.
    """
    from pyxform.xls2xform import convert  # noqa: PLC0415 - costs half a second and 20 MB

    language = default_language if default_language in document.languages else document.language
    sheets = {
        "survey": list(_survey(document, photos=photos, agreement=agreement)),
        "choices": [*_consent_choices(document, agreement), *_choices(document)],
        "settings": [
            {
                "form_id": document.instrument.id,
                "form_title": _texts(document, "title")(language),
                "default_language": language_name(language),
                "name": ROOT,
                "client_editable": "yes",  # Collect offers to correct only where the form says so
            }
        ],
    }
    version = f"{document.instrument.version}-{_digest(sheets)}"
    sheets["settings"][0]["version"] = version
    made = convert(sheets, validate=False, form_name=ROOT)
    return XForm(document.instrument.id, version, sheets["settings"][0]["form_title"], made.xform.encode())


def instrument_version(form_version: str) -> int | None:
    """Return the version of the instrument a form was made from; None where it is not one of ours."""
    number = form_version.partition("-")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None


def _digest(sheets: dict[str, list[Row]]) -> str:
    made_from = json.dumps([sheets, installed_version("pyxform")], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(made_from.encode()).hexdigest()[:8]


def _survey(document: Document, *, photos: bool, agreement: Agreement | None) -> Iterator[Row]:
    if agreement is not None:
        yield from _consent(document, agreement)
    yield from _head(document)
    yield {"type": "begin_group", "name": ANSWERS}
    for question in document.instrument.questions:
        yield _question(document, question)
    yield {"type": "end_group"}
    if photos:
        yield {"type": "begin_group", "name": PHOTOS}
        yield from (_photo(document, number) for number in range(1, MOST_PHOTOS + 1))
        yield {"type": "end_group"}
    if document.instrument.scored:
        told = _told(document, label=_word("comment"), hint=_word("comment_hint"))
        yield {"type": "text", "name": "comment", **_at_most(LONGEST_COMMENT), **told}


def _consent(document: Document, agreement: Agreement) -> Iterator[Row]:
    """Ask with every record, as phones on a walk change hands; who does not agree cannot go on."""
    ask, first = _word("agree"), next(iter(agreement.texts.values()))

    def text(language: str) -> str:
        told = agreement.texts.get(language, first)
        return _plain(f"{told}\n\n{ask(language)}")

    yield {"type": "begin_group", "name": CONSENT}
    yield {"type": "calculate", "name": CONSENT_VERSION, "calculation": f"'{agreement.version}'"}
    yield {
        "type": f"select_one {_AGREEMENT}",
        "name": AGREED,
        "appearance": "quick",
        "required": "yes",
        "constraint": f". = '{YES}'",
        **_told(document, label=text, constraint_message=_word("agree_needed")),
    }
    yield {"type": "end_group"}


def _consent_choices(document: Document, agreement: Agreement | None) -> Iterator[Row]:
    for name in (YES, NO) if agreement is not None else ():
        yield {"list_name": _AGREEMENT, "name": name, **_told(document, label=_word(f"agree_{name}"))}


def _head(document: Document) -> Iterator[Row]:
    if "description" in document.texts:
        yield {"type": "note", "name": "about", **_told(document, label=_texts(document, "description"))}
    yield {
        "type": "geopoint",
        "name": "location",
        "required": "yes",
        "parameters": "capture-accuracy=10 warning-accuracy=50",
        # A pin placed on the map has the accuracy 0.
        "constraint": f"number(selected-at(normalize-space(.), 3)) <= {_ACCURACY_LIMIT_M}",
        **_told(
            document,
            label=_word("location"),
            hint=_word("location_hint"),
            constraint_message=_word("location_limit"),
        ),
    }
    yield {
        "type": "datetime",
        "name": "observed_at",
        "required": "yes",
        "default": "now()",
        **_told(document, label=_word("observed_at")),
    }


def _question(document: Document, question: Question) -> Row:
    base = f"questions/{question.name}"
    told = {
        part: _texts(document, f"{base}/{part}")
        for part in ("label", "hint")
        if f"{base}/{part}" in document.texts
    }
    return {"name": question.name, **_answer(question), **_told(document, **told)}


def _answer(question: Question) -> Row:
    """Return the type of a question and its limits. All may be left unanswered."""
    if question.kind in (Kind.RATING, Kind.CHOICE):
        return {"type": f"select_one {question.name}", "appearance": "quick"}
    if question.kind is Kind.CHOICES:
        return {"type": f"select_multiple {question.name}"}
    if question.kind is Kind.NUMBER:
        return {"type": "decimal", **_between(question.minimum, question.maximum)}
    return {"type": "text", **_at_most(question.max_length or LONGEST_COMMENT)}


def _photo(document: Document, number: int) -> Row:
    earlier = {"relevant": f"/{ROOT}/{PHOTOS}/photo_{number - 1} != ''"} if number > 1 else {}
    label = _word("photo")
    return {
        "type": "image",
        "name": f"photo_{number}",
        "parameters": f"max-pixels={_PHOTO_PIXELS}",
        "appearance": "new",  # the camera; a picture from the gallery shows another moment
        **earlier,
        **_told(document, label=lambda language: f"{label(language)} ({number})", hint=_word("photo_hint")),
    }


def _choices(document: Document) -> Iterator[Row]:
    for question in document.instrument.questions:
        base = f"questions/{question.name}"
        for level in range((question.top or 0) + 1 if question.kind is Kind.RATING else 0):
            text = _texts(document, f"{base}/levels/{level}")
            yield {"list_name": question.name, "name": str(level), **_told(document, label=text)}
        for choice in question.choices:
            text = _texts(document, f"{base}/choices/{choice}/label")
            yield {"list_name": question.name, "name": choice, **_told(document, label=text)}


def _between(minimum: float | None, maximum: float | None) -> Row:
    limits = [(">=", minimum), ("<=", maximum)]
    rules = [f". {sign} {_decimal(limit)}" for sign, limit in limits if limit is not None]
    words = [
        f"{sign} {_decimal(limit)}" for sign, limit in (("≥", minimum), ("≤", maximum)) if limit is not None
    ]
    return {"constraint": " and ".join(rules), "constraint_message": ", ".join(words)} if rules else {}


def _at_most(length: int) -> Row:
    return {"constraint": f"string-length(.) <= {length}", "constraint_message": f"≤ {length}"}


def _decimal(limit: float) -> str:
    """Return a number as XPath 1.0 writes it: never with an exponent."""
    return format(Decimal(str(limit)).normalize(), "f")


def _told(document: Document, **parts: Say) -> Row:
    """Return the columns that tell each part in every language."""
    return {
        f"{part}::{language_name(language)}": tell(language)
        for part, tell in parts.items()
        for language in document.languages
    }


def _texts(document: Document, path: str) -> Say:
    told: dict[str, Any] = dict(document.texts[path])
    return lambda language: _plain(str(told.get(language, told[document.language])))


def _plain(text: str) -> str:
    """Return a text in which `${` is not read as a reference to another question."""
    return text.replace("${", "$ {")


def _word(word: str) -> Say:
    return lambda language: say(word, language)
