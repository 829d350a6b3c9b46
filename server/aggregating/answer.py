"""Answer a question that is paid for: once; whatever was drawn before a crash, nobody has seen."""

from datetime import datetime
from importlib.metadata import version
from typing import Any

import numpy as np

from analysis.disclosure.aggregate import Aggregate, aggregate
from analysis.disclosure.contributions import Contributions
from server.aggregating.extra import need_opendp
from server.aggregating.places import Places, places_of
from server.aggregating.question import AUDITORS, Question
from server.aggregating.wording import noise_told
from server.cities import City
from server.database import Database
from server.errors import Refusal, Unavailable
from server.queries.aggregates import Asked, find_aggregate, keep_answer, tell_fault
from server.queries.contributions import Wanted, read_contributions
from server.queries.runs import take_snapshot


def answer(database: Database, city: City, *, aggregate_id: str, now: datetime) -> Asked | None:
    """Return the question with its answer, made now if it had none; None where nobody paid for it.

    What stands against an answer is told with the question; Unavailable, after it was told, where another
    try may help. Any number of times is as good as once: the first answer that is kept is the only one.
    """
    city_id = city.city_id
    with database.transaction() as connection:
        asked = find_aggregate(connection, city_id=city_id, aggregate_id=aggregate_id)
    if asked is None or asked.answer is not None:
        return asked
    try:
        made = _answer(database, city, Question(**asked.question), now=now)
    except Refusal as refusal:
        with database.transaction() as connection:
            tell_fault(connection, city_id=city_id, aggregate_id=aggregate_id, fault=refusal.detail)
        if isinstance(refusal, Unavailable):
            raise
    else:
        with database.transaction() as connection:
            keep_answer(connection, city_id=city_id, aggregate_id=aggregate_id, answer=made)
    with database.transaction() as connection:
        return find_aggregate(connection, city_id=city_id, aggregate_id=aggregate_id)


def _answer(database: Database, city: City, question: Question, *, now: datetime) -> dict[str, Any]:
    need_opendp()
    terms = question.terms(city)
    wanted = Wanted(
        quarter=question.quarter.number,
        rating=None if question.measure == AUDITORS else question.measure,
        daypart=question.daypart,
        gender=question.gender,
    )
    with database.transaction() as connection:
        take_snapshot(connection)
        places = places_of(connection, city, question)
        found = read_contributions(
            connection,
            city_id=city.city_id,
            time_zone=city.time_zone,
            versions=city.instruments[question.instrument],
            wanted=wanted,
            as_of=now,
        )
    row, place = places.pairs(found["cell"].astype(np.int64))
    told = Contributions(
        person=found["person"][row].astype(np.int32),
        place=place,
        level=found["level"][row].astype(np.int8),
        places=len(places.names),
        top=terms.top or 1,
    )
    return _told(aggregate(told, terms, rng=np.random.default_rng()), places)


def _told(made: Aggregate, places: Places) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {"place": name, "auditors": auditors, "mean": None, "mean_low": None, "mean_high": None}
        for name, auditors in zip(places.names, made.auditors.tolist(), strict=True)
    ]
    for name, values in (("mean", made.mean), ("mean_low", made.mean_low), ("mean_high", made.mean_high)):
        for row, value in zip(rows, () if values is None else values.tolist(), strict=values is not None):
            row[name] = None if np.isnan(value) else round(value, 2)
    return {
        "noise": noise_told(made.terms),
        "software": f"safeaudit {version('safeaudit')}, OpenDP {version('opendp')}",
        "rows": rows,
    }
