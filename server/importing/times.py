"""Times as files write them: RFC 3339, local times, days, months, and formats a mapping spells out."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum

# Abbreviations that RFC 5322 (section 4.3) defines; others mean different things in different places.
ZONES = {
    "UTC": "+0000", "UT": "+0000", "GMT": "+0000",
    "EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500",
    "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
}  # fmt: skip

DIRECTIVES = frozenset("aAbBdHIjmMpSfyYzZ%")

# Unset clocks begin in 1970 (Unix) or 1980 (FAT, GPS).
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(hours=24)

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)? ?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII | re.IGNORECASE
)
_DAY_OR_MONTH = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)", re.ASCII)


class Keep(StrEnum):
    """How much of a time is believed: a day or a month says nothing of daylight."""

    TIME = "time"
    DAY = "day"
    MONTH = "month"


_CUTS = {Keep.DAY: "%Y-%m-%d", Keep.MONTH: "%Y-%m"}


def read_time(text: str, zone: tzinfo) -> tuple[datetime, bool]:
    """Return the moment a text tells, and whether it tells the time of day.

    A time without offset is local; a day or a month stands for noon of (its first) day. ValueError
    says what would be read.
    """
    try:
        if _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text if text.isupper() and " " not in text else _tidied(text))
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)), True
        day = _DAY_OR_MONTH.fullmatch(text)
        if day:
            return datetime(int(day[1]), int(day[2]), int(day[3] or 1), 12, tzinfo=zone), False
    except (ValueError, OverflowError):
        pass
    raise ValueError(
        "is no time; write 2026-11-20T19:42:00+05:30, or local time without the offset, or a day 2026-11-20; "
        "the verb `date` of a mapping reads other forms"
    )


def _tidied(text: str) -> str:
    """Return a time as `fromisoformat` takes it: capitals, no blank before the offset."""
    return text.upper().replace(" Z", "Z").replace(" +", "+").replace(" -", "-")


def rewritten(text: str, *, form: str, keep: Keep, zones: Mapping[str, str]) -> str:
    """Return a time written in `form` (strptime's directives) in the form that `read_time` reads.

    `%Z` is an abbreviation of `zones` or ZONES. ValueError where the text does not match.
    """
    if "%Z" in form:
        text, form = _with_offset(text, {**ZONES, **zones}), form.replace("%Z", "%z")
    try:
        moment = datetime.strptime(text, form)  # noqa: DTZ007 - local times are read by the city's zone
    except ValueError:
        raise ValueError(f"does not read as {form}") from None
    return moment.isoformat() if keep is Keep.TIME else moment.strftime(_CUTS[keep])


def known_part(form: str) -> Keep:
    """Return how much of a time a format tells at most."""
    told = set(re.findall(r"%(.)", form))
    if told & {"H", "I"}:
        return Keep.TIME
    return Keep.DAY if told & {"d", "j"} else Keep.MONTH


def offset_of(text: str) -> timezone | None:
    """Return the offset written as +05:30, or None."""
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone(timedelta(minutes=minutes if found[1] == "+" else -minutes)) if minutes < 1440 else None


def _with_offset(text: str, zones: Mapping[str, str]) -> str:
    for word in text.split():
        if word in zones:
            return text.replace(word, zones[word])
    raise ValueError(f"names no known time zone; known are {', '.join(zones)}, and those under `zones`")
