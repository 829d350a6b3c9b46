"""Reference files: streets, population, incidents, mended where they are broken and cut to the city."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, tzinfo
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
from server.importing.tables import is_features, open_table
from server.importing.times import read_time
from server.queries.reference import ReferenceFeature

_DIMENSIONS = {"streets": (1,), "population": (0, 2), "incidents": (0,)}
_SHAPES = {"streets": "lines", "population": "areas or points", "incidents": "points"}
_TIME_FIELDS = ("occurred_at", "observed_at", "date_time", "datetime", "time", "date", "occur_date", "month")
_POINT_FIELDS = (("lat", "lng"), ("lat", "lon"), ("latitude", "longitude"))

KINDS = tuple(_DIMENSIONS)


class ReferenceReader:
    """Reads one file for one city, and counts what it mended and left out in `notes`."""

    def __init__(self, path: Path, *, kind: str, city: City, time_field: str | None = None) -> None:
        self._path = path
        self._kind = kind
        self._area = city.area
        self._zone: tzinfo = ZoneInfo(city.time_zone)
        self._table: Table = open_table(path)
        self._time_field = self._chosen_time_field(time_field)
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
                yield ReferenceFeature(
                    str(number + index + 1), str(encoded[index]), self._time(said), _plain(said)
                )
            number += len(shapes)

    @property
    def notes(self) -> list[str]:
        """Return what was mended or left out so far, and how often; first, where times come from."""
        told = [f"{count} {what}" for what, count in self._counts.items() if count]
        return ([f"times are read from {self._time_field!r}"] if self._time_field else []) + told

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

    def _time(self, said: dict[str, Any]) -> datetime | None:
        text = said.get(self._time_field) if self._time_field else None
        if text is None:
            return None
        try:
            return read_time(str(text), self._zone)[0]
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

    def _chosen_time_field(self, given: str | None) -> str | None:
        if given is not None and given not in self._table.names:
            fault = Fault("/time-field", f"no column {given!r}; they are {', '.join(self._table.names)}")
            raise Invalid(f"{self._path.name} cannot be loaded", faults=[fault])
        found = (name for name in _TIME_FIELDS if name in self._table.names)
        return given if given is not None else next(found, None)


def _plain(said: dict[str, Any]) -> dict[str, Any]:
    """Return the properties as JSON takes them."""
    return {
        name: value if isinstance(value, str | int | float | bool | list | dict) else str(value)
        for name, value in said.items()
        if value is not None
    }
