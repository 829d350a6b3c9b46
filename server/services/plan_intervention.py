"""Plan an intervention, and change what is said of it as long as its effect is not told."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection

from geo.areas import common
from server.cities import City
from server.errors import Conflict, Fault, Invalid, NotThere
from server.queries.events import insert_event
from server.queries.interventions import (
    InterventionRow,
    Terms,
    find_intervention,
    insert_intervention,
    list_effects,
    update_intervention,
)

STATUSES = ("requested", "planned", "ongoing", "done", "cancelled")
SHORTEST_FOLLOW_UP, LONGEST_FOLLOW_UP = 28, 730
LONGEST_TEXT, LONGEST_REASON, MOST_PARTNERS = 200, 2000, 50
LARGEST_COST = Decimal("99999999999999.99")
CURRENCY = r"^[A-Z]{3}$"
_YEARS = range(1970, 2201)
_BEGUN = ("ongoing", "done")
_DESIGN = ("instrument_id", "area", "begins_on", "completes_on", "follow_up_days", "targets")


def plan_intervention(connection: Connection, city: City, terms: Terms, *, today: date, actor: str) -> UUID:
    """Return the id of a new intervention; Invalid with all faults of its terms."""
    _check(terms, city, today)
    intervention_id = uuid4()
    insert_intervention(connection, city_id=city.city_id, intervention_id=intervention_id, terms=terms)
    _log(connection, city, "intervention.plan", intervention_id, actor)
    return intervention_id


def change_intervention(
    connection: Connection,
    city: City,
    intervention_id: UUID,
    changes: dict[str, Any],
    *,
    today: date,
    actor: str,
) -> InterventionRow:
    """Return the intervention with some of its terms changed; Invalid with all faults of what came of it.

    Conflict where its effect is told and place, days or targets would change: they were laid down before.
    """
    before = get_intervention(connection, city, intervention_id)
    told = intervention_id in list_effects(connection, city_id=city.city_id)
    moved = [name for name in _DESIGN if name in changes and changes[name] != getattr(before, name)]
    if told and moved:
        raise Conflict("its effect has been told; place, days, targets and follow-up stay as they were")
    after = replace(before, **changes)
    _check(after, city, today)
    update_intervention(connection, city_id=city.city_id, intervention_id=intervention_id, terms=after)
    _log(connection, city, "intervention.change", intervention_id, actor)
    return get_intervention(connection, city, intervention_id)


def get_intervention(connection: Connection, city: City, intervention_id: UUID) -> InterventionRow:
    """Return one intervention of a city; NotThere where there is none."""
    found = find_intervention(connection, city_id=city.city_id, intervention_id=intervention_id)
    if found is None:
        raise NotThere("no such intervention in this city")
    return found


def _check(terms: Terms, city: City, today: date) -> None:
    faults = [*_wording(terms), *_days(terms, today), *_money(terms), *_place(terms, city)]
    if faults:
        raise Invalid("the intervention cannot be kept so", faults=faults)


def _wording(terms: Terms) -> Iterator[Fault]:
    for pointer, text in (("/name", terms.name), ("/kind", terms.kind)):
        if not 0 < len(text.strip()) <= LONGEST_TEXT:
            yield Fault(pointer, f"must be a text of 1 to {LONGEST_TEXT} characters")
    if terms.owner is not None and len(terms.owner) > LONGEST_TEXT:
        yield Fault("/owner", f"must have at most {LONGEST_TEXT} characters")
    if terms.reason is not None and len(terms.reason) > LONGEST_REASON:
        yield Fault("/reason", f"must have at most {LONGEST_REASON} characters")
    if len(terms.partners) > MOST_PARTNERS or any(len(one) > LONGEST_TEXT for one in terms.partners):
        yield Fault("/partners", f"must be at most {MOST_PARTNERS} texts of {LONGEST_TEXT} characters")
    if terms.status not in STATUSES:
        yield Fault("/status", f"must be one of: {', '.join(STATUSES)}")


def _days(terms: Terms, today: date) -> Iterator[Fault]:
    for pointer, day in (("/from", terms.begins_on), ("/to", terms.completes_on)):
        if day is not None and day.year not in _YEARS:
            yield Fault(pointer, f"must be a day from {_YEARS.start} to {_YEARS.stop - 1}")
    if terms.completes_on is not None and terms.completes_on < terms.begins_on:
        yield Fault("/to", "must not be earlier than 'from'")
    if terms.status in _BEGUN and terms.begins_on > today:
        yield Fault("/status", f"cannot be {terms.status}: 'from' is yet to come")
    if terms.status == "done" and (terms.completes_on or terms.begins_on) > today:
        yield Fault("/status", "cannot be done: 'to' is yet to come")
    if not SHORTEST_FOLLOW_UP <= terms.follow_up_days <= LONGEST_FOLLOW_UP:
        yield Fault(
            "/follow_up_days", f"must be a whole number from {SHORTEST_FOLLOW_UP} to {LONGEST_FOLLOW_UP}"
        )


def _money(terms: Terms) -> Iterator[Fault]:
    if terms.cost is not None and not 0 <= terms.cost <= LARGEST_COST:
        yield Fault("/cost", f"must be from 0 to {LARGEST_COST}")
    if (terms.cost is None) != (terms.currency is None):
        yield Fault("/currency", "cost and currency go together: give both or none")
    if terms.currency is not None and not re.fullmatch(CURRENCY, terms.currency):
        yield Fault("/currency", "must be three capital letters of ISO 4217, such as INR")


def _place(terms: Terms, city: City) -> Iterator[Fault]:
    scored = [name for name in city.instruments if city.current(name).instrument.scored]
    if terms.instrument_id not in scored:
        yield Fault("/instrument", f"must be one of: {', '.join(scored)}")
        return
    ratings = [rating.name for rating in city.current(terms.instrument_id).instrument.place]
    for index, target in enumerate(terms.targets):
        if target not in ratings:
            yield Fault(f"/targets/{index}", f"must be one of: {', '.join(ratings)}")
    if len(set(terms.targets)) < len(terms.targets):
        yield Fault("/targets", "names a rating twice")
    if common(terms.area, city.area).is_empty:
        yield Fault("/area", f"lies outside {city.name}")


def _log(connection: Connection, city: City, action: str, intervention_id: UUID, actor: str) -> None:
    detail = {"intervention": str(intervention_id)}
    insert_event(connection, city_id=city.city_id, actor=actor, action=action, detail=detail)
