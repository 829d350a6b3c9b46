"""What is asked of features, as values: conditions on fields, shapes and times, without syntax."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shapely.geometry.base import BaseGeometry

from analysis.disclosure.layer import Field

Operator = Literal["=", "<>", "<", ">", "<=", ">="]


@dataclass(frozen=True)
class Property:
    """The value of a field."""

    field: Field


@dataclass(frozen=True)
class CaseFolded:
    """A text without regard to case."""

    text: "Property | str"


@dataclass(frozen=True)
class Day:
    """A day such as 2026-10-31; a month in a field of times contains its days."""

    iso: str


Term = Property | CaseFolded | Day | str | float | bool


@dataclass(frozen=True)
class Comparison:
    """Two terms of one type, compared."""

    left: Term
    operator: Operator
    right: Term


@dataclass(frozen=True)
class Like:
    """A text that matches a pattern: `%` any characters, `_` one, `\\` before what is meant as it stands."""

    text: Term
    pattern: Term


@dataclass(frozen=True)
class Between:
    """A number from low to high, both included."""

    value: Term
    low: Term
    high: Term


@dataclass(frozen=True)
class OneOf:
    """A term that equals one of several."""

    value: Term
    options: tuple[Term, ...]


@dataclass(frozen=True)
class Missing:
    """A field without a value."""

    field: Field


@dataclass(frozen=True)
class Intersects:
    """A shape that shares a point with another, in lng/lat."""

    shape: BaseGeometry


@dataclass(frozen=True)
class During:
    """A time, from field to field, that overlaps first..last; open where None; no time overlaps with any."""

    begin: Field
    end: Field
    first: str | None
    last: str | None


@dataclass(frozen=True)
class All:
    """Every part holds."""

    parts: tuple["Predicate", ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple["Predicate", ...]


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: "Predicate"


@dataclass(frozen=True)
class Always:
    """Holds, or does not, whatever the feature."""

    truth: bool


Predicate = Comparison | Like | Between | OneOf | Missing | Intersects | During | All | AnyOf | Not | Always

EVERYTHING = Always(True)

# The fields that tell when, by name: months (2026-10) or days (2026-10-31). A feature's time is from the
# first to the second; where several pairs are there, the first counts.
TIMES = (("last_audit", "last_audit"), ("first", "last"), ("since", "since"), ("from", "to"))
TIME_NAMES = frozenset(name for pair in TIMES for name in pair)


def times_of(fields: Sequence[Field]) -> tuple[Field, Field] | None:
    """Return the fields in which the time of a feature begins and ends; None for a layer without time."""
    named = {field.name: field for field in fields if field.type == "text"}
    return next(((named[a], named[b]) for a, b in TIMES if a in named and b in named), None)
