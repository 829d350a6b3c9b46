"""Quarters of the city's calendar: when one has ended, and when it may be released."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from server.errors import Conflict, Fault, Invalid
from server.queries.release_audits import quarter_text

GRACE = timedelta(days=14)
"""How long after a quarter's end phones may still bring its audits."""
PATTERN = r"^[0-9]{4}Q[1-4]$"
_FORM = re.compile(r"([0-9]{4})Q([1-4])")


@dataclass(frozen=True, order=True)
class Period:
    """A quarter of the calendar."""

    number: int
    """year * 4 + 0..3"""

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the quarter of a text such as 2026Q3; Invalid for any other text."""
        found = _FORM.fullmatch(text)
        if found is None or not 1900 <= int(found[1]) <= 2999:
            fault = Fault("/period", f"{text[:20]!r} is no quarter; write such as 2026Q3")
            raise Invalid("the period cannot be read", faults=[fault])
        return cls(int(found[1]) * 4 + int(found[2]) - 1)

    @classmethod
    def last_released_by(cls, today: date) -> Self:
        """Return the last quarter that may be released on a day."""
        day = today - GRACE
        return cls(day.year * 4 + (day.month - 1) // 3 - 1)

    def __str__(self) -> str:
        return quarter_text(self.number)

    @property
    def first_day(self) -> date:
        """The first day of the quarter."""
        return date(self.number // 4, self.number % 4 * 3 + 1, 1)

    @property
    def day_after(self) -> date:
        """The first day of the next quarter."""
        return type(self)(self.number + 1).first_day

    @property
    def released_from(self) -> date:
        """The first day on which it may be released."""
        return self.day_after + GRACE

    def span(self, time_zone: str) -> tuple[datetime, datetime]:
        """Return its beginning and its end, which is no longer part of it, in a time zone."""
        zone = ZoneInfo(time_zone)
        begins, ends = (datetime.combine(day, time(), zone) for day in (self.first_day, self.day_after))
        return begins, ends

    def check_closed(self, *, now: datetime, time_zone: str) -> None:
        """Raise Conflict, saying from which day on, where it may not be released yet."""
        today = now.astimezone(ZoneInfo(time_zone)).date()
        if today >= self.released_from:
            return
        what = "is still to come" if today < self.first_day else "is not over"
        if today >= self.day_after:
            what = "is over, but phones may still bring its audits"
        raise Conflict(f"{self} {what}: it can be released from {self.released_from} on; ask again then")
