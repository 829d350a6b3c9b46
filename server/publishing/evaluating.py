"""An intervention's effect as planners see it: the one told for good, else what is known so far."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from analysis.calibration import calibrate
from analysis.effect.result import Evaluation
from server.cities import City
from server.database import Database
from server.errors import NotThere
from server.publishing.intervening import Intervention, Telling, day_number, evaluated
from server.publishing.knowledge import Knowledge, read_one
from server.queries.events import insert_event
from server.queries.interventions import InterventionRow
from server.queries.runs import take_snapshot
from server.services.plan_intervention import get_intervention


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """One intervention, its effect from all used audits, and whether that is the last word."""

    row: InterventionRow
    evaluation: Evaluation
    final: bool


def evaluate_now(
    database: Database, city: City, intervention_id: UUID, *, actor: str, seed: int = 0
) -> Evaluated:
    """Return the effect told to planners, or an interim one computed now; each look is logged.

    NotThere where the city has no such intervention.
    """
    now = datetime.now(UTC)
    with database.transaction() as connection:
        take_snapshot(connection)
        row = get_intervention(connection, city, intervention_id)
        knowledge = read_one(connection, city, instrument_id=row.instrument_id, as_of=now)
    one = _own(knowledge, intervention_id)
    told = one.told.get("planner")
    evaluation = told.evaluation if told else _interim(one, knowledge, city, now=now, seed=seed)
    with database.transaction() as connection:
        detail = {"intervention": str(intervention_id), "final": told is not None}
        insert_event(
            connection, city_id=city.city_id, actor=actor, action="intervention.evaluate", detail=detail
        )
    return Evaluated(row=row, evaluation=evaluation, final=told is not None)


def _own(knowledge: Knowledge, intervention_id: UUID) -> Intervention:
    for one in knowledge.interventions:
        if one.row.intervention_id == intervention_id:
            return one
    raise NotThere("no such intervention in this city")


def _interim(one: Intervention, knowledge: Knowledge, city: City, *, now: datetime, seed: int) -> Evaluation:
    observations = knowledge.used.observations
    weights = calibrate(observations, np.random.default_rng(seed)).weights
    today = day_number(now.astimezone(ZoneInfo(city.time_zone)).date())
    telling = Telling(audience="planner", as_of=now, today=today, k=city.k, seed=seed)
    return evaluated(one, knowledge.interventions, observations, weights, telling)
