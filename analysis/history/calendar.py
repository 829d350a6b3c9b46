"""Days as months and quarters, counted from January 1970 as days are."""

import numpy as np
from numpy.typing import NDArray

from analysis.observations import NO_DAY

Months = NDArray[np.int64]

NO_MONTH = np.iinfo(np.int64).min
MONTHS_OF_QUARTER = 3


def months(day: NDArray[np.int32]) -> Months:
    """Return the month of each day since 1970-01-01, int64[n]; NO_MONTH where the day is unknown."""
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return np.where(day == NO_DAY, NO_MONTH, month)


def month_of(day: int) -> int:
    """Return the month of one day."""
    return int(months(np.array([day], dtype=np.int32))[0])


def label(month: Months, *, first: int, count: int, width: int = 1) -> Months:
    """Return 0..count-1 for spans of `width` months that start at `first`; -1 for months outside them."""
    span = (np.maximum(month, first - 1) - first) // width
    return np.where((month >= first) & (span < count), span, -1)


def quarter_name(month: int) -> str:
    """Return the quarter of a month, such as 2026q3."""
    year, of_year = divmod(month, 12)
    return f"{1970 + year}q{of_year // MONTHS_OF_QUARTER + 1}"
