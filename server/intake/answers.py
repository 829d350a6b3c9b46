"""Answers against an instrument: each of its kind and in its range, or a fault saying what would be."""

from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import Any

from analysis.instrument import Instrument, Kind, Question
from server.errors import Fault
from server.intake.content import NO_ANSWER

TEXT_LIMIT = 2000


def read_answers(
    instrument: Instrument, given: Mapping[str, Any]
) -> tuple[tuple[int, ...], dict[str, Any]] | None:
    """Return (ratings in order, other answers), or None where anything is wrong: the fast path."""
    ratings = []
    matched = 0
    for rating in instrument.ratings:
        level = given.get(rating.name)
        if level is None:
            ratings.append(NO_ANSWER)
            continue
        whole = _whole(level)
        if whole is None or not 0 <= whole <= (rating.top or 0):
            return None
        ratings.append(whole)
        matched += 1
    if matched == len(given):
        return tuple(ratings), {}
    others = {}
    for question in instrument.questions:
        if question.kind is not Kind.RATING and question.name in given:
            if next(_faults_of(question, given[question.name]), None) is not None:
                return None
            others[question.name] = given[question.name]
    return (tuple(ratings), others) if matched + len(others) == len(given) else None


def answer_faults(instrument: Instrument, given: Mapping[str, Any], *, pointer: str) -> Iterator[Fault]:
    """Yield everything wrong with the answers, each at `pointer`/name."""
    asked = {question.name: question for question in instrument.questions}
    for name, value in given.items():
        place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')[:60]}"
        if name not in asked:
            yield Fault(place, f"{instrument.id} asks no such question; it asks: {', '.join(asked)}")
            continue
        for detail in _faults_of(asked[name], value):
            yield Fault(place, detail)


def _faults_of(question: Question, value: Any) -> Iterator[str]:
    return _FAULTS[question.kind](question, value)


def _rating_faults(question: Question, value: Any) -> Iterator[str]:
    whole = _whole(value)
    if whole is None or not 0 <= whole <= (question.top or 0):
        yield f"must be a whole number from 0 (worst) to {question.top} (best)"


def _choice_faults(question: Question, value: Any) -> Iterator[str]:
    if not isinstance(value, str) or value not in question.choices:
        yield f"must be one of: {', '.join(question.choices)}"


def _choices_faults(question: Question, value: Any) -> Iterator[str]:
    chosen = value if isinstance(value, list) else [None]
    if not all(isinstance(one, str) and one in question.choices for one in chosen):
        yield f"must be a list of some of: {', '.join(question.choices)}"
    elif not chosen or len(set(chosen)) < len(chosen):
        yield "must name each choice once; leave the question out where none applies"


def _text_faults(question: Question, value: Any) -> Iterator[str]:
    limit = question.max_length or TEXT_LIMIT
    if not isinstance(value, str) or not 0 < len(value) <= limit:
        yield f"must be a text of 1 to {limit} characters"


def _number_faults(question: Question, value: Any) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
        yield "must be a number"
    elif question.minimum is not None and value < question.minimum:
        yield f"must be at least {question.minimum:g}"
    elif question.maximum is not None and value > question.maximum:
        yield f"must be at most {question.maximum:g}"


def _finite(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:
        return False


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


_FAULTS: dict[Kind, Callable[[Question, Any], Iterator[str]]] = {
    Kind.RATING: _rating_faults,
    Kind.CHOICE: _choice_faults,
    Kind.CHOICES: _choices_faults,
    Kind.NUMBER: _number_faults,
    Kind.TEXT: _text_faults,
}
