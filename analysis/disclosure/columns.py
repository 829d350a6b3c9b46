"""How values become columns of a layer: precision by audience, one type each, lists joined by semicolons."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.disclosure.layer import Field, FieldType, Value
from analysis.instrument import Instrument
from analysis.reasons import Cause
from analysis.score import Floats
from analysis.surroundings import Exposure

LOWER_BOUNDS = (5, 10, 20, 50, 100)


@dataclass(frozen=True, kw_only=True)
class Column:
    """A field and its value in each row."""

    field: Field
    values: Sequence[Value]


@dataclass(frozen=True, kw_only=True)
class Precision:
    """How exactly an audience is told scores, probabilities, shares of what it sees, and counts of people."""

    score: Callable[[float], float]
    probability: Callable[[float], float]
    share: Callable[[float], float]
    count: Callable[[int], int]


def lower_bound(count: int) -> int:
    """Return the largest of 5, 10, 20, 50, 100 that the count reaches; 0 below 5."""
    return max((bound for bound in LOWER_BOUNDS if bound <= count), default=0)


def tenth(number: float) -> float:
    """Return the number to 0.1."""
    return round(number, 1)


def twentieth(number: float) -> float:
    """Return the number to 0.05."""
    return round(round(number * 20) / 20, 2)


def hundredth(number: float) -> float:
    """Return the number to 0.01."""
    return round(number, 2)


def six_digits(number: float) -> float:
    """Return the number to six significant digits: more is noise of the arithmetic."""
    return float(f"{number:.6g}")


PUBLIC = Precision(score=tenth, probability=twentieth, share=hundredth, count=lower_bound)
PLANNER = Precision(score=six_digits, probability=six_digits, share=six_digits, count=lower_bound)
OPERATOR = Precision(score=six_digits, probability=six_digits, share=six_digits, count=int)


def text(name: str, title: str, values: Iterable[str | None]) -> Column:
    """Return a column of text."""
    return _column(name, "text", title, list(values))


def integer(name: str, title: str, values: Iterable[int | None]) -> Column:
    """Return a column of whole numbers, some of which may be missing."""
    return _column(name, "integer", title, [None if value is None else int(value) for value in values])


def boolean(name: str, title: str, values: Iterable[bool]) -> Column:
    """Return a column of true and false."""
    return _column(name, "boolean", title, [bool(value) for value in values])


def number(
    name: str, title: str, values: Iterable[float], *, to: Callable[[float], float] = six_digits
) -> Column:
    """Return a column of floats, never integers, rounded by `to`; NaN becomes None."""
    return _column(name, "number", title, [None if value != value else to(float(value)) for value in values])  # noqa: PLR0124 (NaN)


def joined(name: str, title: str, values: Iterable[Sequence[str]]) -> Column:
    """Return a column of lists, each as text joined by semicolons."""
    return text(name, title, (";".join(items) for items in values))


def shares(name: str, title: str, values: Iterable[Sequence[Cause]]) -> Column:
    """Return a column of causes with their shares: `lighting 0.62;people 0.38`."""
    return joined(name, title, ([f"{cause} {share:.2f}" for cause, share in causes] for causes in values))


def ratings(instrument: Instrument, mean: Floats, low: Floats, high: Floats) -> list[Column]:
    """Return `<name>_mean`, `<name>_low` and `<name>_high` of every rating, float[m, p] in its own levels."""
    parts = (
        ("mean", "mean level", mean),
        ("low", "lower end of the 95 % interval", low),
        ("high", "upper end", high),
    )
    return [
        number(f"{rating.name}_{part}", f"{rating.name}, 0 to {rating.top}: {title}", values[:, column])
        for column, rating in enumerate(instrument.ratings)
        for part, title, values in parts
    ]


def exposed(exposure: Exposure) -> str:
    """Return the title of `exposure`, which says what is counted."""
    return {
        "people": "People living there",
        "street km": "Kilometres of street there (no population is loaded)",
        "": "People living there; empty until population or streets are loaded",
    }[exposure.unit]


def ranked(exposure: Exposure) -> str:
    """Return the title of `rank`, which says by what."""
    return f"Rank by deficit{' times exposure' if exposure.unit else ''}, 1 = largest"


def months(days: Iterable[int]) -> list[str]:
    """Return the month, such as 2026-10, of each day counted from 1970-01-01."""
    return [str(np.datetime64(int(day), "D").astype("datetime64[M]")) for day in days]


def _column(name: str, kind: FieldType, title: str, values: Sequence[Value]) -> Column:
    return Column(field=Field(name=name, type=kind, title=title), values=values)
