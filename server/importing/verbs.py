"""The verbs of a mapping: each makes one column of text out of columns of text, and says what it could not.

A blank is a missing value, in and out. There is no expression language: what these cannot say belongs
into the tool that made the file.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from server.importing.conditions import Condition, Frame, as_numbers, where
from server.importing.times import Keep, rewritten

Note = Callable[[int, str], None]
"""Called with the index of a row and what is wrong with it."""


class Verb(Protocol):
    """Makes one column."""

    @property
    def reads(self) -> Sequence[str]:
        """The columns it needs."""

    def values(self, frame: Frame, note: Note) -> Sequence[str]:
        """Return the new column; `note` hears of rows it cannot make sense of."""


@dataclass(frozen=True)
class Rename:
    """The column as it is."""

    column: str

    @property
    def reads(self) -> Sequence[str]:
        """The columns it needs."""
        return (self.column,)

    def values(self, frame: Frame, note: Note) -> Sequence[str]:  # noqa: ARG002
        """Return the column itself."""
        return frame[self.column]


@dataclass(frozen=True)
class Constant:
    """One value for every row."""

    value: str
    reads: Sequence[str] = ()

    def values(self, frame: Frame, note: Note) -> Sequence[str]:  # noqa: ARG002
        """Return the value as often as there are rows."""
        return [self.value] * frame.length


@dataclass(frozen=True)
class Recode:
    """Each value by a table; `otherwise` for values not in it, None: they are errors."""

    column: str
    table: Mapping[str, str]
    otherwise: str | None = None

    @property
    def reads(self) -> Sequence[str]:
        """The columns it needs."""
        return (self.column,)

    def values(self, frame: Frame, note: Note) -> Sequence[str]:
        """Return the values by the table; blanks stay blank unless the table says otherwise."""
        table = {"": "", **self.table}
        given = frame[self.column]
        found = [table.get(value, self.otherwise) for value in given]
        if None in found:
            for index, value in enumerate(found):
                if value is None:
                    note(
                        index,
                        f"{given[index][:60]!r} of column {self.column} is not in the table of the mapping",
                    )
        return [value or "" for value in found]


@dataclass(frozen=True)
class Cases:
    """The value of the first case whose condition holds, else `otherwise`."""

    cases: tuple[tuple[Condition, str], ...]
    otherwise: str = ""

    @property
    def reads(self) -> Sequence[str]:
        """The columns it needs."""
        return [test.column for condition, _ in self.cases for test in condition]

    def values(self, frame: Frame, note: Note) -> Sequence[str]:  # noqa: ARG002
        """Return the value of the first case that holds for each row."""
        made = [self.otherwise] * frame.length
        open_rows = np.ones(frame.length, dtype=bool)
        for condition, value in self.cases:
            held = open_rows & where(condition, frame)
            for index in np.flatnonzero(held).tolist():
                made[index] = value
            open_rows &= ~held
        return made


@dataclass(frozen=True)
class Quantile:
    """A number as its quantile group 0..levels-1 among all rows of the file, or those of its group.

    A value's level is the number of cut points below it; cut points are linearly interpolated sample
    quantiles (Hyndman and Fan's type 7). `worst="high"` turns the order round.
    """

    column: str
    levels: int
    within: str | None = None
    worst: str = "low"
    cuts: Mapping[str, NDArray[np.float64]] = field(default_factory=dict, compare=False)

    @property
    def reads(self) -> Sequence[str]:
        """The columns it needs."""
        return (self.column,) if self.within is None else (self.column, self.within)

    def fitted(self, frames: Iterable[Frame]) -> "Quantile":
        """Return this verb with the cut points of a whole file."""
        numbers: dict[str, list[NDArray[np.float64]]] = {}
        for frame in frames:
            known = as_numbers(frame[self.column])
            for group, rows in self._groups(frame).items():
                numbers.setdefault(group, []).append(known[rows])
        shares = np.arange(1, self.levels) / self.levels
        pooled = {group: np.concatenate(parts) for group, parts in numbers.items()}
        given = {group: values[~np.isnan(values)] for group, values in pooled.items()}
        return replace(
            self, cuts={group: np.quantile(values, shares) for group, values in given.items() if len(values)}
        )

    def values(self, frame: Frame, note: Note) -> Sequence[str]:
        """Return the level of each number; what is no number is noted."""
        given = frame[self.column]
        numbers = as_numbers(given)
        made = [""] * frame.length
        for group, rows in self._groups(frame).items():
            if group not in self.cuts:
                continue
            levels = np.searchsorted(self.cuts[group], numbers[rows], side="left")
            ordered = levels if self.worst == "low" else self.levels - 1 - levels
            for index, level in zip(rows.tolist(), ordered.tolist(), strict=True):
                made[index] = str(level)
        for index in np.flatnonzero(np.isnan(numbers)).tolist():
            made[index] = ""
            if given[index]:
                note(index, f"{given[index][:60]!r} of column {self.column} is no number")
        return made

    def _groups(self, frame: Frame) -> dict[str, NDArray[np.intp]]:
        if self.within is None:
            return {"": np.arange(frame.length)}
        names, codes = np.unique(np.array(frame[self.within], dtype=object), return_inverse=True)
        return {str(name): np.flatnonzero(codes == code) for code, name in enumerate(names)}


@dataclass(frozen=True)
class Date:
    """A time written in a format of its own; `keep` says how much of it is believed."""

    column: str
    form: str
    keep: Keep = Keep.TIME
    zones: Mapping[str, str] = field(default_factory=dict)

    @property
    def reads(self) -> Sequence[str]:
        """The columns it needs."""
        return (self.column,)

    def values(self, frame: Frame, note: Note) -> Sequence[str]:
        """Return the times as `times.read_time` reads them."""
        made = []
        for index, text in enumerate(frame[self.column]):
            try:
                made.append(rewritten(text, form=self.form, keep=self.keep, zones=self.zones) if text else "")
            except ValueError as error:
                note(index, f"{text[:60]!r} of column {self.column} {error}")
                made.append("")
        return made


@dataclass(frozen=True)
class First:
    """The first of several verbs that gives a value."""

    verbs: tuple[Verb, ...]

    @property
    def reads(self) -> Sequence[str]:
        """The columns it needs."""
        return [column for verb in self.verbs for column in verb.reads]

    def values(self, frame: Frame, note: Note) -> Sequence[str]:
        """Return, per row, the first value that is not blank."""
        columns = [verb.values(frame, note) for verb in self.verbs]
        return [next(compress(row, row), "") for row in zip(*columns, strict=True)]
