"""Predicates -> which features satisfy them, in the three-valued logic of SQL and CQL2."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from time import monotonic
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from server.errors import BadParameter
from server.filtering.index import Column, LayerIndex
from server.predicates import (
    All,
    Always,
    AnyOf,
    Between,
    CaseFolded,
    Comparison,
    Day,
    During,
    Intersects,
    Like,
    Missing,
    Not,
    OneOf,
    Operator,
    Predicate,
    Property,
    Term,
)

Flags = NDArray[np.bool_]

PATIENCE_S = 2.0
_AT_ONCE = 4096  # texts looked at between two looks at the clock
_HOLDS: Mapping[Operator, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


@dataclass(frozen=True, eq=False)
class Truth:
    """Of which features a predicate holds, and of which it does not; of the others it is unknown."""

    yes: Flags
    no: Flags

    @classmethod
    def of(cls, holds: Flags, *, known: Flags) -> Self:
        """Return the truth of what holds, or not, where it is known."""
        return cls(holds & known, ~holds & known)

    def __and__(self, other: "Truth") -> "Truth":
        return Truth(self.yes & other.yes, self.no | other.no)

    def __or__(self, other: "Truth") -> "Truth":
        return Truth(self.yes | other.yes, self.no & other.no)

    def __invert__(self) -> "Truth":
        return Truth(self.no, self.yes)


def matching(predicate: Predicate, index: LayerIndex) -> Flags:
    """Return bool[features]: which satisfy a predicate, in the order of the index.

    Texts are compared by code points. BadParameter where it takes longer than PATIENCE_S.
    """
    return _Asking(index, until=monotonic() + PATIENCE_S).truth(predicate).yes


@dataclass(frozen=True)
class _Asking:
    """One question to one layer, and when it is given up."""

    index: LayerIndex
    until: float
    """By the monotonic clock, in seconds."""

    def truth(self, predicate: Predicate) -> Truth:
        """Return where the predicate holds."""
        self._look_at_clock()
        match predicate:
            case All(parts):
                return reduce(operator.and_, map(self.truth, parts), self._always(True))
            case AnyOf(parts):
                return reduce(operator.or_, map(self.truth, parts), self._always(False))
            case Not(part):
                return ~self.truth(part)
            case Always(truth):
                return self._always(truth)
            case Intersects(shape):
                holds = np.zeros(len(self.index), np.bool_)
                holds[self.index.tree.query(shape, predicate="intersects")] = True
                return Truth(holds, ~holds)
            case _:
                return self._of_values(predicate)

    def _of_values(self, predicate: Predicate) -> Truth:
        match predicate:
            case Comparison(left, sign, right):
                return self._compared(left, sign, right)
            case Between(value, low, high):
                return self._compared(value, ">=", low) & self._compared(value, "<=", high)
            case OneOf(value, options):
                return self.truth(AnyOf(tuple(Comparison(value, "=", option) for option in options)))
            case Like(text, pattern):
                return self._like(text, pattern)
            case Missing(field):
                known = self.index.columns[field.name].known
                return Truth(~known, known)
            case During():
                return self._during(predicate)
            case _:
                raise TypeError(f"no truth of {type(predicate).__name__}")

    def _always(self, truth: bool) -> Truth:
        holds = np.full(len(self.index), truth)
        return Truth(holds, ~holds)

    def _compared(self, left: Term, sign: Operator, right: Term) -> Truth:
        one, other, holds = self._column(left, right), self._column(right, left), _HOLDS[sign]
        if 1 in (len(one.values), len(other.values)):  # what is the same everywhere has codes of 0
            found = holds(one.values, other.values)[np.maximum(one.codes, other.codes)]
        else:
            found = holds(one.values[one.codes], other.values[other.codes])
        return Truth.of(found, known=one.known & other.known)

    def _column(self, term: Term, beside: Term = "") -> Column:
        """Return a term for each feature; a day beside a time is told as exactly as the time."""
        match term:
            case Property(field):
                return self.index.columns[field.name]
            case CaseFolded(text):
                return self._told(self._column(text), str.casefold)
            case Day(iso) if isinstance(beside, Property):
                return self._told(self._column(beside), lambda time: iso[: len(time)])
            case Day(iso):
                return self._column(iso)
            case _:
                value = np.array([term], dtype=object if isinstance(term, str) else None)
                size = len(self.index)
                return Column(value, np.zeros(size, np.int32), np.ones(size, np.bool_))

    def _like(self, text: Term, pattern: Term) -> Truth:
        [wanted] = self._column(pattern).values
        fits = _regular(wanted).fullmatch
        found = self._told(self._column(text), lambda one: fits(one) is not None)
        return Truth.of(found.values.astype(np.bool_)[found.codes], known=found.known)

    def _during(self, asked: During) -> Truth:
        truth = self._always(True)
        for field, sign, day in ((asked.end, ">=", asked.first), (asked.begin, "<=", asked.last)):
            if day is not None:
                truth &= self._compared(Property(field), sign, Day(day)) | self.truth(Missing(field))  # type: ignore[arg-type] # no other signs
        return truth

    def _told(self, column: Column, tell: Callable[[str], Any]) -> Column:
        """Return a column of texts with another told in each one's place."""
        told: list[Any] = []
        for begin in range(0, len(column.values), _AT_ONCE):
            self._look_at_clock()
            told += map(tell, column.values[begin : begin + _AT_ONCE])
        return Column(np.array(told, dtype=object), column.codes, column.known)

    def _look_at_clock(self) -> None:
        if monotonic() > self.until:
            raise BadParameter(f"the filter takes longer than {PATIENCE_S:g} s; ask for less")


def _regular(pattern: str) -> re.Pattern[str]:
    """Return a pattern of LIKE as one that takes time in proportion to text and pattern.

    What stands between two `%` is looked for once, from the left: an atomic group never tries again.
    """
    pieces = [""]
    for sign in re.findall(r"\\.|.", pattern, re.DOTALL):
        if sign == "%":
            pieces.append("")
        else:
            pieces[-1] += "." if sign == "_" else re.escape(sign[-1])
    first, *others = pieces
    if not others:
        return re.compile(first, re.DOTALL)
    *between, last = others
    return re.compile(first + "".join(f"(?>.*?{one})" for one in between) + f".*{last}", re.DOTALL)
