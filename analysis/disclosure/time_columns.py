"""The fields of `cells-history` and `gaps` and their values."""

from itertools import chain

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.cell_columns import place
from analysis.disclosure.columns import Column, Precision, boolean, integer, joined, number
from analysis.gaps import Gaps
from analysis.history.history import History, Quarter


def history(past: History, precision: Precision, *, k: int) -> list[Column]:
    """Return the columns of `cells-history`: five for each quarter, the earliest first.

    A quarter has no score and counts of 0 where fewer than k counted auditors audited the cell in it.
    """
    quarters = (_quarter(quarter, precision, k=k) for quarter in past.quarters)
    return [*place(past.cell), *chain.from_iterable(quarters)]


def gaps(found: Gaps, *, people: int) -> list[Column]:
    """Return the columns of `gaps`; `people` as they were found for."""
    return [
        *place(found.cell),
        integer("rank", "Where to audit first, 1 = first", range(1, len(found.cell) + 1)),
        joined("why", "unknown, undecided, voices", found.why),
        joined("missing", f"Of day, night, women, men: fewer than {people} people", found.missing),
        number("doubt", "Probability that it is not as held, hot or not hot", found.doubt),
        number("gain", f"How much of that {people} more people would take away", found.gain),
        boolean("known", f"Whether {people} counted auditors audited it", found.known),
    ]


def _quarter(quarter: Quarter, precision: Precision, *, k: int) -> list[Column]:
    name, enough = quarter.name, quarter.auditors >= k
    scores = (
        ("score", "Score", quarter.score),
        ("score_low", "Score, lower end of the 95 % interval", quarter.score_low),
        ("score_high", "Score, upper end of the 95 % interval", quarter.score_high),
    )
    counts = (("auditors_min", "auditors", quarter.auditors), ("audits_min", "audits", quarter.audits))
    return [
        *(
            number(f"{part}_{name}", f"{title}, {name}", np.where(enough, values, np.nan), to=precision.score)
            for part, title, values in scores
        ),
        *(
            integer(f"{part}_{name}", f"At least so many {what}, {name}", _counts(values, enough, precision))
            for part, what, values in counts
        ),
    ]


def _counts(values: NDArray[np.int64], enough: NDArray[np.bool_], precision: Precision) -> list[int]:
    return [precision.count(count) if here else 0 for count, here in zip(values, enough, strict=True)]
