"""The fields of a chunk as typed columns, and the rules that a row must keep to become an audit."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.instrument import Instrument, Kind
from geo.areas import Boundary
from server.importing import fields
from server.importing.times import AHEAD, EARLIEST, read_time
from server.importing.verbs import Note
from server.intake.content import NO_ANSWER
from server.intake.placing import tolerances_m

# Open sea for 500 km around; phones and spreadsheets put unset positions there, some a little beside it.
_NULL_ISLAND_DEG = 0.01

Profile = tuple[str | None, str | None, str | None]
"""Gender, age band, disability."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns:
    """One entry per row of a chunk; None or NaN where the row says nothing."""

    id: Sequence[str | None]
    auditor: Sequence[str | None]
    lat: NDArray[np.float64]
    lng: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    observed_at: "Moments"
    answered_at: "Moments"
    ratings: NDArray[np.int8]
    others: Sequence[Mapping[str, Any]]
    comment: Sequence[str | None]
    mode: Sequence[str]
    profile: Sequence[Profile]

    def at(self, kept: Sequence[int]) -> "Columns":
        """Return the rows at these indexes."""
        if len(kept) == len(self.id):
            return self
        return Columns(**{one.name: _at(getattr(self, one.name), kept) for one in dataclasses.fields(self)})


@dataclass(frozen=True, eq=False)
class Moments:
    """A column of times: as told, in seconds since 1970 (NaN: none), and whether the hour is known."""

    told: Sequence[datetime | None]
    seconds: NDArray[np.float64]
    timed: NDArray[np.bool_]


def _at(column: Any, kept: Sequence[int]) -> Any:
    if isinstance(column, np.ndarray):
        return column[list(kept)]
    if isinstance(column, Moments):
        parts = (column.told, column.seconds, column.timed)
        return Moments(*(_at(part, kept) for part in parts))
    return [column[index] for index in kept]


class Faults:
    """What is wrong with the rows of one chunk, by index."""

    def __init__(self) -> None:
        self.by_row: dict[int, list[str]] = {}

    def of(self, field: str) -> Note:
        """Return the note-taker of one field."""
        return lambda index, problem: self.by_row.setdefault(index, []).append(f"{field}: {problem}")

    def reasons(self) -> dict[int, str]:
        """Return one text per row that has a fault."""
        return {index: "; ".join(found) for index, found in self.by_row.items()}


def read_columns(
    texts: Mapping[str, Sequence[str]], *, length: int, instrument: Instrument, zone: tzinfo, faults: Faults
) -> Columns:
    """Return the typed columns of fields given as text; what cannot be read is noted and left missing.

    `texts` may lack any field but lat and lng. Local times are those of `zone`.
    """
    blank = [""] * length
    readers = fields.readers(instrument)

    def read(name: str) -> list[Any]:
        given = texts.get(name)
        return [None] * length if given is None else _read(given, readers[name], faults.of(name))

    def moments(name: str) -> Moments:
        return _moments(texts[name], zone, faults.of(name)) if name in texts else _no_moments(length)

    others = [one.name for one in instrument.questions if one.kind is not Kind.RATING and one.name in texts]
    return Columns(
        id=read("id"),
        auditor=read("auditor"),
        lat=_numbers("lat", texts.get("lat", blank), read),
        lng=_numbers("lng", texts.get("lng", blank), read),
        accuracy_m=_numbers("accuracy_m", texts.get("accuracy_m", blank), read),
        observed_at=moments("observed_at"),
        answered_at=moments("answered_at"),
        ratings=_ratings(texts, blank, instrument, faults),
        others=_records({name: read(name) for name in others}, length),
        comment=read("comment"),
        mode=[mode or "import" for mode in read("mode")],
        profile=list(zip(*map(read, ("gender", "age_band", "disability")), strict=True)),
    )


def check_rows(columns: Columns, *, boundary: Boundary, now: datetime, faults: Faults) -> None:
    """Note every row that is no usable audit: nowhere, outside the city, out of time, or without an answer.

    As for phones, a point may lie outside by min(max(accuracy, 50), 200) metres.
    """
    _check_places(columns, boundary, faults)
    latest = now + AHEAD
    for name, moments in (("observed_at", columns.observed_at), ("answered_at", columns.answered_at)):
        early = moments.seconds < EARLIEST.timestamp()
        for index in np.flatnonzero(early | (moments.seconds > latest.timestamp())).tolist():
            which = "before 1990: an unset clock" if early[index] else "in the future"
            faults.of(name)(index, f"{moments.told[index]} is {which}")
    answered = (columns.ratings != NO_ANSWER).any(axis=1)
    for index in np.flatnonzero(~answered).tolist():
        if not columns.others[index] and index not in faults.by_row:
            faults.of("answers")(index, "no question is answered")


def _check_places(columns: Columns, boundary: Boundary, faults: Faults) -> None:
    lat, lng = columns.lat, columns.lng
    nowhere = np.isnan(lat) | np.isnan(lng)
    null_island = (np.abs(lat) < _NULL_ISLAND_DEG) & (np.abs(lng) < _NULL_ISLAND_DEG)
    distance_m = boundary.distance_m(lat, lng)
    outside = distance_m > tolerances_m(columns.accuracy_m)
    note = faults.of("location")
    for index in np.flatnonzero(nowhere | null_island | outside).tolist():
        point = f"({lat[index]:.5f}, {lng[index]:.5f})"
        if nowhere[index]:
            if index not in faults.by_row:
                note(index, "lat or lng is blank")
        elif null_island[index]:
            note(index, f"{point} is at (0, 0), where unset positions lie")
        else:
            note(index, f"{point} is {distance_m[index]:,.0f} m outside the city")


def _read(texts: Sequence[str], reader: fields.Reader, note: Note, *, missing: Any = None) -> list[Any]:
    """Return each text read, `missing` for blanks and for what cannot be read; equal texts are read once."""
    known: dict[str, Any] = {"": missing}
    wrong: dict[str, str] = {}
    for text in set(texts) - {""}:
        try:
            known[text] = reader(text)
        except ValueError as error:
            known[text] = missing
            wrong[text] = str(error)
    if wrong:
        for index, text in enumerate(texts):
            if text in wrong:
                note(index, f"{text[:60]!r} {wrong[text]}")
    return [known[text] for text in texts]


def _moments(texts: Sequence[str], zone: tzinfo, note: Note) -> Moments:
    read = _read(texts, lambda text: read_time(text, zone), note)
    told = [None if one is None else one[0] for one in read]
    return Moments(
        told,
        np.array([nan if moment is None else moment.timestamp() for moment in told]),
        np.array([one is not None and one[1] for one in read], dtype=bool),
    )


def _no_moments(length: int) -> Moments:
    return Moments([None] * length, np.full(length, nan), np.zeros(length, dtype=bool))


def _ratings(
    texts: Mapping[str, Sequence[str]], blank: Sequence[str], instrument: Instrument, faults: Faults
) -> NDArray[np.int8]:
    readers = fields.readers(instrument)
    ratings = np.full((len(blank), len(instrument.ratings)), NO_ANSWER, dtype=np.int8)
    for place, rating in enumerate(instrument.ratings):
        if rating.name in texts:
            note = faults.of(rating.name)
            ratings[:, place] = _read(texts[rating.name], readers[rating.name], note, missing=NO_ANSWER)
    return ratings


def _records(columns: Mapping[str, Sequence[Any]], length: int) -> list[Mapping[str, Any]]:
    if not columns:
        return [{}] * length
    rows = zip(*columns.values(), strict=True)
    return [
        {name: value for name, value in zip(columns, row, strict=True) if value is not None} for row in rows
    ]


def _numbers(name: str, texts: Sequence[str], read: Callable[[str], list[Any]]) -> NDArray[np.float64]:
    """Return a column of numbers: at once where all are there and within limits, else one by one."""
    low, high, _ = fields.LIMITS[name]
    try:
        numbers = np.fromiter(map(float, texts), dtype=np.float64, count=len(texts))
    except ValueError:
        return np.array(read(name), dtype=np.float64)
    if np.all((numbers >= low) & (numbers <= high)) and "_" not in "".join(texts):
        return numbers
    return np.array(read(name), dtype=np.float64)
