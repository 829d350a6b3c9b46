"""What may be asked of a city's audits for an answer with noise, and how the same question is known again."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from analysis.disclosure.aggregate import LARGEST_EPSILON, MOST_PLACES, SMALLEST_EPSILON, Terms
from server.cities import City
from server.errors import Fault, Invalid
from server.period import Period

AUDITORS = "auditors"
"""The measure that counts people alone."""
COARSEST, FINEST = 5, 8
"""H3 resolutions at which may be asked: a cell of resolution 8 has about 0.7 square kilometres."""
PLACES_PER_AUDITOR = 4


@dataclass(frozen=True, kw_only=True)
class Question:
    """One aggregate of one closed quarter."""

    instrument: str
    period: str
    measure: str
    """A rating of the instrument, or `auditors`."""
    resolution: int | None
    """By H3 cells of this resolution; None: by `zones`."""
    zones: str | None
    """By the zones of this set."""
    zones_sha256: str | None
    """Of the set as it was when asked: other zones are another question."""
    daypart: str | None
    gender: str | None
    places_per_auditor: int
    epsilon: str
    """With two decimals, such as 0.50."""

    @property
    def quarter(self) -> Period:
        """The quarter of observation."""
        return Period.of(self.period)

    @property
    def year(self) -> int:
        """The year in which its audits were made, whose budget pays."""
        return self.quarter.first_day.year

    @property
    def grid(self) -> int:
        """The H3 resolution of its cells; ValueError where it asks by zones."""
        if self.resolution is None:
            raise ValueError(f"asks by the zones of {self.zones}, not by cells")
        return self.resolution

    @property
    def cost(self) -> Decimal:
        """The epsilon that it spends."""
        return Decimal(self.epsilon)

    @property
    def id(self) -> str:
        """The same for the same question, for ever."""
        told = json.dumps(self.to_json(), sort_keys=True).encode()
        return hashlib.sha256(told).hexdigest()[:24]

    def top(self, city: City) -> int | None:
        """Return the top level of the rating; None where people are counted. Invalid where there is none."""
        if self.measure == AUDITORS:
            return None
        ratings = {one.name: one.top for one in city.current(self.instrument).instrument.ratings}
        if self.measure not in ratings:
            raise Invalid(
                "nothing of this name is measured",
                faults=[Fault("/measure", f"must be one of: {', '.join([AUDITORS, *ratings])}")],
            )
        return ratings[self.measure]

    def terms(self, city: City) -> Terms:
        """Return what the gate needs to know."""
        return Terms(epsilon=float(self.cost), most=self.places_per_auditor, top=self.top(city))

    def to_json(self) -> dict[str, Any]:
        """Return the question as it is kept."""
        return asdict(self)


def check(question: Question, city: City, *, now: datetime) -> None:
    """Return if a question may be asked at all: Conflict for an open quarter, Invalid lists other faults.

    Whether anybody audited then is no condition: the refusal would tell it without noise.
    """
    faults = list(_faults(question, city))
    if faults:
        raise Invalid("the question cannot be asked like this; nothing was spent", faults=faults)
    question.top(city)
    question.quarter.check_closed(now=now, time_zone=city.time_zone)


def _faults(question: Question, city: City) -> list[Fault]:
    finest = min(FINEST, city.resolution)
    rules = {
        ("/epsilon", f"must be {SMALLEST_EPSILON:g} to {LARGEST_EPSILON:g}"): (
            SMALLEST_EPSILON <= float(question.cost) <= LARGEST_EPSILON
        ),
        ("/places_per_auditor", f"must be 1 to {MOST_PLACES}"): (
            1 <= question.places_per_auditor <= MOST_PLACES
        ),
        ("/resolution", "give either resolution or zones"): (
            (question.resolution is None) != (question.zones is None)
        ),
        ("/resolution", f"must be {COARSEST} to {finest} here: finer cells hold too few people for noise"): (
            question.resolution is None or COARSEST <= question.resolution <= finest
        ),
    }
    return [Fault(*fault) for fault, kept in rules.items() if not kept]
