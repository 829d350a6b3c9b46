"""Interventions in a run: their cells, their effects once the follow-up is over, what everybody may know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import Connection

from analysis.disclosure.chronicle import Work
from analysis.disclosure.intervention_columns import Measure
from analysis.effect.design import Plan
from analysis.effect.evaluation import evaluate
from analysis.effect.result import Evaluation
from analysis.observations import Observations
from analysis.score import Weights
from server.cities import City
from server.queries.interventions import (
    AUDIENCES,
    Audience,
    InterventionRow,
    ToldEffect,
    list_effects,
    list_interventions,
)
from server.services.treated_cells import treated_cells

_EPOCH = date(1970, 1, 1)
_AT_WORK = ("ongoing", "done", "planned")
"""Whose days count: nobody looks for the effect of what was only asked for, or was cancelled."""
_SEED_NUMBERS = 2**64


@dataclass(frozen=True, kw_only=True, eq=False)
class Intervention:
    """One intervention as a run knows it."""

    row: InterventionRow
    plan: Plan
    told: dict[Audience, ToldEffect]
    """Its effect, where earlier runs have told it."""

    @property
    def at_work(self) -> bool:
        """Return whether it is, or will be, done."""
        return self.row.status in _AT_WORK

    def over(self, today: int) -> bool:
        """Return whether all days that are compared have passed."""
        return self.at_work and today > self.plan.after[1]


def read_interventions(connection: Connection, city: City) -> list[Intervention]:
    """Return the interventions of a city with what was told of them."""
    told = {
        audience: list_effects(connection, city_id=city.city_id, audience=audience) for audience in AUDIENCES
    }
    return [
        Intervention(
            row=row,
            plan=_plan(row, city),
            told={
                audience: effects[row.intervention_id]
                for audience, effects in told.items()
                if row.intervention_id in effects
            },
        )
        for row in list_interventions(connection, city_id=city.city_id)
    ]


def works_of(known: Sequence[Intervention]) -> list[Work]:
    """Return what hotspots may say of interventions: all but the cancelled."""
    return [
        Work(
            cells=frozenset(one.plan.cells.tolist()),
            status=one.row.status,
            complete=(one.row.completes_on or one.row.begins_on).isoformat(),
        )
        for one in known
        if one.row.status != "cancelled"
    ]


@dataclass(frozen=True, kw_only=True)
class Telling:
    """To whom effects are told, and when: `today` in days since 1970-01-01."""

    audience: Audience
    as_of: datetime
    today: int
    k: int
    seed: int


def evaluated(
    one: Intervention,
    everything: Sequence[Intervention],
    observations: Observations,
    weights: Weights,
    telling: Telling,
) -> Evaluation:
    """Return the evaluation of one intervention beside all others of its city."""
    if not one.at_work:
        return Evaluation(reason=f"the intervention is {one.row.status}: there is nothing to look for")
    others = [other.plan for other in everything if other.at_work and other is not one]
    return evaluate(
        observations,
        weights,
        one.plan,
        others=others,
        today=telling.today,
        fewest_auditors=telling.k,
        rng=np.random.default_rng([telling.seed, one.row.intervention_id.int % _SEED_NUMBERS]),
    )


def tell(
    known: Sequence[Intervention], observations: Observations, weights: Weights, telling: Telling
) -> list[ToldEffect]:
    """Return the effects to be told now, for good: of a finished follow-up, never told before, sufficient.

    Told at one moment that was laid down before, an effect cannot be waited for, nor changed by one audit.
    """
    own = observations.instrument.id
    due = [
        one
        for one in known
        if one.row.instrument_id == own and one.over(telling.today) and telling.audience not in one.told
    ]
    found = [(one, evaluated(one, known, observations, weights, telling)) for one in due]
    return [
        ToldEffect(
            intervention_id=one.row.intervention_id,
            audience=telling.audience,
            as_of=telling.as_of,
            evaluation=evaluation,
        )
        for one, evaluation in found
        if evaluation.sufficient
    ]


def measures(
    known: Sequence[Intervention], now: Sequence[ToldEffect], *, instrument_id: str
) -> list[Measure]:
    """Return what everybody may know of an instrument's interventions, with the effects told to them."""
    told = {one.intervention_id: one.evaluation for one in now if one.audience == "public"}
    told |= {one.row.intervention_id: one.told["public"].evaluation for one in known if "public" in one.told}
    return [
        Measure(
            id=str(row.intervention_id),
            name=row.name,
            kind=row.kind,
            targets=row.targets,
            begin=row.begins_on.isoformat(),
            complete=None if row.completes_on is None else row.completes_on.isoformat(),
            cost=None if row.cost is None else float(row.cost),
            currency=row.currency,
            owner=row.owner,
            status=row.status,
            area=row.area,
            evaluation=told.get(row.intervention_id),
        )
        for row in (one.row for one in known)
        if row.instrument_id == instrument_id
    ]


def day_number(day: date) -> int:
    """Return the days since 1970-01-01."""
    return (day - _EPOCH).days


def _plan(row: InterventionRow, city: City) -> Plan:
    begin = day_number(row.begins_on)
    return Plan(
        cells=treated_cells(row.area, city),
        begin_day=begin,
        complete_day=begin if row.completes_on is None else day_number(row.completes_on),
        targets=row.targets,
        follow_up_days=row.follow_up_days,
    )
