"""Texts of query parameters -> predicates; BadParameter says what was wrong and what would do."""

import math
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from analysis.disclosure.layer import Field
from server.errors import BadParameter
from server.filtering.crs import Crs
from server.predicates import Comparison, During, Intersects, Property, times_of

_OPEN = ("", "..")


def read_bbox(text: str, crs: Crs) -> Intersects:
    """Return what lies in a box of 4 numbers, or of 6, whose heights are not looked at, as all is flat."""
    return Intersects(box_of([_number(part, of="bbox") for part in text.split(",")], crs))


def box_of(numbers: list[float], crs: Crs) -> BaseGeometry:
    """Return the lng/lat box of the numbers; two halves where it spans the antimeridian (west > east)."""
    if len(numbers) not in (4, 6):
        raise BadParameter(f"bbox has {len(numbers)} numbers; 4 or 6 are needed: west,south,east,north")
    first, last = np.array(numbers[:2]), np.array(numbers[len(numbers) // 2 :][:2])
    (west, south), (east, north) = crs.to_lnglat(np.array([first, last])).tolist()
    if south > north:
        raise BadParameter("bbox is swapped: its second corner lies south of the first")
    if west > east:
        return shapely.MultiPolygon(
            [shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]
        )
    box: BaseGeometry = shapely.box(west, south, east, north)
    return box


def read_datetime(text: str, fields: Iterable[Field], *, time_zone: str) -> During | None:
    """Return what is of an instant or an interval (`a/b`, open as `..`), in the city's days.

    None where the layer has no time: whatever has none is of every time.
    """
    parts = text.split("/")
    if len(parts) > 2 or all(part in _OPEN for part in parts):
        raise BadParameter(f"datetime={text[:60]!r} is neither a time nor an interval such as 2026-10-01/..")
    first, last = parts[0], parts[-1]
    days = [None if part in _OPEN else day_of(part, time_zone=time_zone) for part in (first, last)]
    if None not in days and str(days[0]) > str(days[1]):
        raise BadParameter("datetime is swapped: its end lies before its beginning")
    times = times_of(tuple(fields))
    return None if times is None else During(*times, *days)


def day_of(text: str, *, time_zone: str) -> str:
    """Return the day (2026-10-31) of an RFC 3339 date or time, in the city's time."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text).isoformat()
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(ZoneInfo(time_zone)).date().isoformat()
    except (ValueError, OverflowError):
        pass
    raise BadParameter(f"{text[:60]!r} is no date or time of RFC 3339, such as 2026-10-31T08:00:00Z")


def read_property(field: Field, text: str) -> Comparison:
    """Return that a field equals the value of a parameter of its name."""
    if field.type == "boolean":
        if text not in ("true", "false"):
            raise BadParameter(f"{field.name}={text[:60]!r}: must be true or false")
        return Comparison(Property(field), "=", text == "true")
    if field.type == "text":
        if "\0" in text:
            raise BadParameter(f"{field.name}: NUL is in no text")
        return Comparison(Property(field), "=", text)
    return Comparison(Property(field), "=", _number(text, of=field.name))


def _number(text: str, *, of: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise BadParameter(f"{of}: {text[:60]!r} is no number") from None
    if not math.isfinite(number):
        raise BadParameter(f"{of}: {text[:60]!r} is no finite number")
    return number
