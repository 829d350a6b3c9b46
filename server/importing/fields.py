"""What an imported row may say: each field read from text, or a ValueError saying what would be read."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from analysis.instrument import Instrument, Kind, Question
from server.intake.answers import answer_faults
from server.intake.content import COMMENT_LIMIT

MODES = ("walk", "vehicle", "photo", "import")
GENDERS = ("woman", "man", "other")
AGE_BANDS = ("under_18", "18_24", "25_39", "40_59", "60_plus")
DISABILITIES = ("yes", "no")
LIMITS = {"lat": (-90, 90, "degrees"), "lng": (-180, 180, "degrees"), "accuracy_m": (0, 100_000, "metres")}
_LONGEST_LABEL = 1000

Reader = Callable[[str], Any]


def number(text: str) -> float:
    """Return a finite number."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value) or "_" in text:
        raise ValueError("must be a number, with a point for decimals")
    return value


def readers(instrument: Instrument) -> Mapping[str, Reader]:
    """Return how each field but the times is read, by name; blanks are missing and never get here."""
    return {
        "id": _label,
        "auditor": _label,
        **{name: _within(*limits) for name, limits in LIMITS.items()},
        "comment": _comment,
        "mode": _one_of(MODES),
        "gender": _one_of(GENDERS),
        "age_band": _one_of(AGE_BANDS),
        "disability": _one_of(DISABILITIES),
        **{question.name: _question(instrument, question) for question in instrument.questions},
    }


def level(text: str, *, top: int) -> int:
    """Return a rating's level; 2.0 is 2, as spreadsheets write it."""
    try:
        value = number(text)
    except ValueError:
        value = -1.0
    if not (value.is_integer() and 0 <= value <= top):
        raise ValueError(f"must be a whole number from 0 (worst) to {top} (best)")
    return int(value)


def _within(low: float, high: float, unit: str) -> Reader:
    def read(text: str) -> float:
        value = number(text)
        if not low <= value <= high:
            raise ValueError(f"must be {low:g} to {high:g} {unit}")
        return value

    return read


def _one_of(known: tuple[str, ...]) -> Reader:
    def read(text: str) -> str:
        if text not in known:
            raise ValueError(f"must be one of: {', '.join(known)}")
        return text

    return read


def _label(text: str) -> str:
    if len(text) > _LONGEST_LABEL:
        raise ValueError(f"must be at most {_LONGEST_LABEL} characters")
    return text


def _comment(text: str) -> str:
    if len(text) > COMMENT_LIMIT or "\0" in text:
        raise ValueError(f"must be a text of at most {COMMENT_LIMIT} characters, without NUL")
    return text


def _question(instrument: Instrument, question: Question) -> Reader:
    if question.kind is Kind.RATING:
        return lambda text: level(text, top=question.top or 0)

    def read(text: str) -> Any:
        value = _answer(question.kind, text)
        for fault in answer_faults(instrument, {question.name: value}, pointer=""):
            raise ValueError(fault.detail)
        return value

    return read


def _answer(kind: Kind, text: str) -> Any:
    if kind is Kind.NUMBER:
        return number(text)
    if kind is Kind.CHOICES:
        return [one.strip() for one in text.split(";")]
    if "\0" in text:
        raise ValueError("must be a text without NUL")
    return text
