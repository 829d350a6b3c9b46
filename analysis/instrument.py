"""What is asked: questions, their kinds and roles, and the versioned instrument that holds them."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

DAYPARTS = ("day", "night", "unknown")

_QUESTION_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_INSTRUMENT_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
_HIGHEST_TOP = 100  # levels are stored as int8


class Kind(StrEnum):
    """How a question is answered."""

    RATING = "rating"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    TEXT = "text"


class Role(StrEnum):
    """What a rating speaks of: the place itself, how it makes one feel, or its circumstances."""

    PLACE = "place"
    OUTCOME = "outcome"
    CONTEXT = "context"


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question; ValueError naming it where its parts do not fit its kind."""

    name: str
    kind: Kind
    role: Role | None = None
    """Ratings only, and always there."""
    top: int | None = None
    """Ratings: levels run 0 (worst) to `top` (best)."""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    dayparts: tuple[str, ...] = DAYPARTS
    """Where this rating counts in scores: lighting only at night."""
    fixable: bool = False
    """Whether it may be named as a need of a place."""

    def __post_init__(self) -> None:
        for fault in self._faults():
            raise ValueError(f"question {self.name!r}: {fault}")

    def counts_in(self, daypart: int) -> bool:
        """Return whether this rating counts in scores at a `geo.sun.Daypart` code."""
        return DAYPARTS[daypart] in self.dayparts

    def _faults(self) -> list[str]:
        rating, choice = self.kind is Kind.RATING, self.kind in (Kind.CHOICE, Kind.CHOICES)
        limits = [limit for limit in (self.minimum, self.maximum) if limit is not None]
        rules = {
            "a name starts with a-z and goes on with at most 39 of a-z, 0-9, _": bool(
                _QUESTION_NAME.fullmatch(self.name)
            ),
            "a rating needs a role, and only a rating has one": rating == (self.role is not None),
            "a rating needs a top, and only a rating has one": rating == (self.top is not None),
            f"top must be 1 to {_HIGHEST_TOP}": self.top is None or 1 <= self.top <= _HIGHEST_TOP,
            "a choice needs choices, and only a choice has them": choice == bool(self.choices),
            "choices must differ and must not be empty": all(self.choices)
            and len(set(self.choices)) == len(self.choices),
            "only a number has a minimum or maximum": self.kind is Kind.NUMBER or not limits,
            "the minimum is above the maximum": limits == sorted(limits),
            "only a text has a max_length, of at least 1": self.max_length is None
            or (self.kind is Kind.TEXT and self.max_length >= 1),
            "dayparts are one or more of day, night, unknown": bool(self.dayparts)
            and set(self.dayparts) <= set(DAYPARTS),
            "only a rating of the place is fixable": not self.fixable or self.role is Role.PLACE,
        }
        return [rule for rule, kept in rules.items() if not kept]


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A versioned questionnaire; ValueError where its questions do not fit together."""

    id: str
    version: int
    questions: tuple[Question, ...]
    scored: bool = True
    """Whether its place ratings make a score; False for hazards, harassment, avoided places, perception."""

    def __post_init__(self) -> None:
        for fault in self._faults():
            raise ValueError(f"instrument {self.id!r}: {fault}")

    @cached_property
    def ratings(self) -> tuple[Question, ...]:
        """All rating questions, in order: the columns of every rating matrix."""
        return tuple(question for question in self.questions if question.kind is Kind.RATING)

    @cached_property
    def place(self) -> tuple[Question, ...]:
        """The ratings that make the score."""
        return tuple(rating for rating in self.ratings if rating.role is Role.PLACE)

    @cached_property
    def outcome(self) -> Question | None:
        """The rating by which weights are calibrated, if there is one."""
        return next((rating for rating in self.ratings if rating.role is Role.OUTCOME), None)

    def _faults(self) -> list[str]:
        names = [question.name for question in self.questions]
        outcomes = [rating.name for rating in self.ratings if rating.role is Role.OUTCOME]
        twice = sorted({name for name in names if names.count(name) > 1})
        rules = {
            "an id starts with a-z and goes on with at most 39 of a-z, 0-9, -": bool(
                _INSTRUMENT_ID.fullmatch(self.id)
            ),
            f"version {self.version} must be at least 1": self.version >= 1,
            "it asks nothing": bool(names),
            f"asked twice: {', '.join(twice)}": not twice,
            f"one outcome at most, found {', '.join(outcomes)}": len(outcomes) <= 1,
            "a scored instrument needs a rating of role place": not self.scored or bool(self.place),
        }
        return [rule for rule, kept in rules.items() if not kept]
