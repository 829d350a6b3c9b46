"""Columns of text as mappings read them, and the conditions they test rows by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np
from numpy.typing import NDArray

LIMITS = {
    "at_least": np.greater_equal,
    "above": np.greater,
    "at_most": np.less_equal,
    "below": np.less,
}


@dataclass(frozen=True, eq=False)
class Frame:
    """The columns of a chunk as verbs see them: blanks at the ends cut off, words for "missing" blank."""

    columns: Mapping[str, Sequence[str]]
    length: int
    missing: frozenset[str] = frozenset()
    _read: dict[str, list[str]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> list[str]:
        if name not in self._read:
            cut = [value.strip() for value in self.columns[name]]
            absent = self.missing
            self._read[name] = ["" if value in absent else value for value in cut] if absent else cut
        return self._read[name]


@dataclass(frozen=True)
class Criterion:
    """One condition on one column: its text is among some, it is blank or not, its number within limits."""

    column: str
    among: frozenset[str] | None = None
    negated: bool = False
    """Turns `among` round."""
    blank: bool | None = None
    limits: tuple[tuple[str, float], ...] = ()
    """Pairs of a name of LIMITS and a number."""

    def holds(self, frame: Frame) -> NDArray[np.bool_]:
        """Return where the condition holds, bool[n]; a blank has no number and is within no limit."""
        values = frame[self.column]
        held = np.ones(frame.length, dtype=bool)
        if self.among is not None:
            among = self.among
            found = np.fromiter((value in among for value in values), dtype=bool, count=frame.length)
            held &= found != self.negated
        if self.blank is not None:
            found = np.fromiter((not value for value in values), dtype=bool, count=frame.length)
            held &= found == self.blank
        if self.limits:
            numbers = as_numbers(values)
            for name, limit in self.limits:
                held &= LIMITS[name](numbers, limit)
        return held


Condition = tuple[Criterion, ...]
"""Holds where all its tests do."""


def where(condition: Condition, frame: Frame) -> NDArray[np.bool_]:
    """Return the rows for which every test holds, bool[n]."""
    held = np.ones(frame.length, dtype=bool)
    for test in condition:
        held &= test.holds(frame)
    return held


def as_numbers(values: Sequence[str]) -> NDArray[np.float64]:
    """Return the values as finite floats, NaN for whatever is none."""
    return np.fromiter(map(_number, values), dtype=np.float64, count=len(values))


def _number(text: str) -> float:
    try:
        number = float(text) if text else np.nan
    except ValueError:
        return np.nan
    return number if isfinite(number) else np.nan
