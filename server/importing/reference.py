"""Reference files: streets, population, incidents, mended where they are broken, strangers left out."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from math import isfinite
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray

from server.cities import City
from server.errors import Fault, Invalid
from server.importing.chunks import Table
from server.importing.conditions import as_numbers
from server.importing.features import read_batches
from server.importing.reference_columns import PARTS, choose
from server.importing.tables import is_features, open_table
from server.importing.times import read_time
from server.queries.reference import ReferenceFeature

_DIMENSIONS = {"streets": (1,), "population": (0, 2), "incidents": (0,)}
_SHAPES = {"streets": "lines", "population": "areas or points", "incidents": "points"}
_POINT_FIELDS = (("lat", "lng"), ("lat", "lon"), ("latitude", "longitude"))

KINDS = tuple(PARTS)


class ReferenceReader:
    """Reads one file for one city, and counts what it mended and left out in `notes`."""

    def __init__(
        self, path: Path, *, kind: str, city: City, columns: Mapping[str, str | None] | None = None
    ) -> None:
        """Open a file; `columns` are given by option (`name-field` …), others are found by their names."""
        self._path = path
        self._kind = kind
        self._area = city.area
        self._zone: tzinfo = ZoneInfo(city.time_zone)
        self._table: Table = open_table(path)
        self._columns, self._notes = choose(kind, columns or {}, names=self._table.names, file=path.name)
        self._counts: Counter[str] = Counter()
        shapely.prepare(self._area)

    def features(self) -> Iterator[ReferenceFeature]:
        """Yield every feature that touches the city, valid, of the dimension its kind needs."""
        number = 0
        for properties, shapes in self._batches():
            whole = self._mended(shapes)
            kept = self._of_kind(whole) & shapely.intersects(self._area, whole)
            self._count_left_out(whole, kept)
            encoded = shapely.to_wkb(whole, hex=True)
            for index in np.flatnonzero(kept).tolist():
                said = {name: values[index] for name, values in properties.items() if values[index] != ""}
                feature = self._feature(number + index + 1, str(encoded[index]), said)
                if feature is not None:
                    yield feature
            number += len(shapes)

    @property
    def notes(self) -> list[str]:
        """Return which columns are read, and what was mended or left out so far, and how often."""
        return [*self._notes, *(f"{count} {what}" for what, count in self._counts.items() if count)]

    def _feature(self, number: int, geom: str, said: dict[str, Any]) -> ReferenceFeature | None:
        """Return a feature; None where it is of people, and how many cannot be read."""
        amount = self._amount(number, said)
        if amount is None and "amount" in self._columns:
            return None
        return ReferenceFeature(
            id=str(number),
            geom=geom,
            occurred_at=self._time(said),
            label=self._text("label", said),
            owner=self._text("owner", said),
            amount=amount,
            properties=_plain(said),
        )

    def _count_left_out(self, shapes: NDArray[np.object_], kept: NDArray[np.bool_]) -> None:
        suited = self._of_kind(shapes)
        self._counts[f"are no {_SHAPES[self._kind]}, left out"] += int((~suited).sum())
        self._counts["outside the city, left out"] += int((suited & ~kept).sum())

    def _batches(self) -> Iterator[tuple[dict[str, Any], NDArray[np.object_]]]:
        if is_features(self._path):
            yield from read_batches(self._path)
            return
        lat_name, lng_name = self._point_fields()
        for chunk in self._table.chunks():
            self._counts["rows do not fit the header, left out"] += len(chunk.ragged)
            lng, lat = as_numbers(chunk.columns[lng_name]), as_numbers(chunk.columns[lat_name])
            known = ~np.isnan(lng + lat)
            shapes = np.full(len(lng), None, dtype=object)
            shapes[known] = shapely.points(lng[known], lat[known])
            yield dict(chunk.columns), shapes

    def _mended(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
        self._counts["invalid shapes repaired"] += int(broken.sum())
        mended = shapes.copy()
        mended[broken] = shapely.make_valid(shapes[broken])
        return mended

    def _of_kind(self, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
        found = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
        return np.asarray(found & np.isin(shapely.get_dimensions(shapes), _DIMENSIONS[self._kind]))

    def _text(self, kept: str, said: Mapping[str, Any]) -> str | None:
        column = self._columns.get(kept)
        value = None if column is None else said.get(column)
        return None if value is None else str(value).strip() or None

    def _amount(self, number: int, said: Mapping[str, Any]) -> float | None:
        text = self._text("amount", said)
        try:
            amount = float(text or "nan")
        except ValueError:
            amount = float("nan")
        if isfinite(amount) and amount >= 0:
            return amount
        if "amount" in self._columns:
            wrong = "without a number of people of at least 0, left out"
            if not self._counts[wrong]:
                self._notes.append(f"feature {number}: {self._columns['amount']} is {text!r}")
            self._counts[wrong] += 1
        return None

    def _time(self, said: Mapping[str, Any]) -> datetime | None:
        text = self._text("occurred_at", said)
        if text is None:
            return None
        try:
            return read_time(text, self._zone)[0]
        except ValueError:
            self._counts["times not readable, features kept without"] += 1
            return None

    def _point_fields(self) -> tuple[str, str]:
        for pair in _POINT_FIELDS:
            if set(pair) <= set(self._table.names):
                return pair
        names = ", ".join(self._table.names)
        fault = Fault("/columns", f"must have lat and lng (or latitude and longitude); they are {names}")
        raise Invalid(f"{self._path.name} has no coordinates", faults=[fault])


def _plain(said: dict[str, Any]) -> dict[str, Any]:
    """Return the properties as JSON takes them."""
    return {
        name: value if isinstance(value, str | int | float | bool | list | dict) else str(value)
        for name, value in said.items()
        if value is not None
    }
