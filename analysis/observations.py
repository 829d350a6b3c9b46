"""The column-wise input of every analysis: one row per audit, checked at construction."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from analysis.instrument import Instrument
from geo import cells
from geo.sun import Daypart

MISSING = -1
"""A rating that was not given."""
NO_DAY = np.iinfo(np.int32).min
"""The day of what carries no time."""

_TYPES = {
    "cell": np.int64,
    "auditor": np.int32,
    "counted": np.bool_,
    "daypart": np.int8,
    "observed_day": np.int32,
    "ratings": np.int8,
    "gender": np.int8,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Observations:
    """Audits of one city and one instrument; ValueError naming the column that is wrong, and its row."""

    instrument: Instrument
    cell: NDArray[np.int64]
    """H3 cells of one resolution, the city's."""
    auditor: NDArray[np.int32]
    """Codes that mean nothing outside this run."""
    counted: NDArray[np.bool_]
    """Whether the auditor counts towards k."""
    daypart: NDArray[np.int8]
    """`geo.sun.Daypart` codes."""
    observed_day: NDArray[np.int32]
    """Days since 1970-01-01 in the city's time zone."""
    ratings: NDArray[np.int8]
    """n x p in the order of `instrument.ratings`, 0..top, -1 missing."""
    gender: NDArray[np.int8]
    """0 not said, 1 woman, 2 man, 3 other."""

    def __post_init__(self) -> None:
        self._check_shapes()
        tops = np.array([rating.top for rating in self.instrument.ratings], dtype=np.int8)
        _check("daypart", self.daypart, (self.daypart >= 0) & (self.daypart <= max(Daypart)), "0, 1 or 2")
        _check("gender", self.gender, (self.gender >= 0) & (self.gender <= 3), "0 to 3")
        within = np.all((self.ratings >= MISSING) & (self.ratings <= tops), axis=1)
        _check("ratings", self.ratings, within, f"-1 to {tops.tolist()}")
        resolution = cells.resolution_of(self.cell)
        same = (self.cell > 0) & (resolution == resolution[:1])
        _check("cell", self.cell, same, "H3 cells of one resolution")

    def __len__(self) -> int:
        return len(self.cell)

    def where(self, mask: NDArray[Any]) -> Self:
        """Return the rows that a boolean mask or an array of row numbers picks, in that order."""
        columns = {name: getattr(self, name)[mask] for name in _TYPES}
        return type(self)(instrument=self.instrument, **columns)

    def of_daypart(self, daypart: Daypart) -> Self:
        """Return the audits of one daypart."""
        return self.where(self.daypart == daypart)

    def _check_shapes(self) -> None:
        for field in fields(self)[1:]:
            column = getattr(self, field.name)
            expected = (len(self.cell), len(self.instrument.ratings))[: 2 if field.name == "ratings" else 1]
            if column.shape != expected or column.dtype != _TYPES[field.name]:
                raise ValueError(
                    f"{field.name}: is {column.dtype}{list(column.shape)}, "
                    f"must be {np.dtype(_TYPES[field.name])}{list(expected)}"
                )


def _check(name: str, column: NDArray[Any], right: NDArray[np.bool_], expected: str) -> None:
    if not right.all():
        row = int(np.argmin(right))
        raise ValueError(f"{name}: row {row} is {column[row].tolist()}, must be {expected}")
