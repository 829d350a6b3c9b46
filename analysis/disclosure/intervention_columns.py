"""The fields of the layer of interventions: names and order of the outer contract, section 5."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shapely.geometry import MultiPolygon

from analysis.disclosure.columns import Column, integer, joined, lower_bound, number, six_digits, text
from analysis.effect.result import Effect, Evaluation
from analysis.score import to_five

_P_STEPS = 20


@dataclass(frozen=True, kw_only=True)
class Measure:
    """An intervention as everybody may know it, and the effect that was told of it."""

    id: str
    name: str
    kind: str
    targets: tuple[str, ...]
    begin: str
    """Day, such as 2026-10-21."""
    complete: str | None
    cost: float | None
    currency: str | None
    owner: str | None
    status: str
    area: MultiPolygon
    evaluation: Evaluation | None
    """From admitted audits alone; None before it is told."""


def intervention_columns(measures: Sequence[Measure], *, k: int) -> list[Column]:
    """Return the columns of `interventions`; effects where k counted auditors stand on each side.

    Effects are points of the score of its targets, 0..5, to 0.1, intervals rounded outwards; p to the next
    0.05 above; n is a lower bound.
    """
    told = [_told(one, k) for one in measures]
    effects = [None if one is None else one.effect for one in told]
    audits = [None if one is None else lower_bound(sum(one.audits)) for one in told]
    return [
        text("id", "Id of the intervention", (one.id for one in measures)),
        text("name", "Name", (one.name for one in measures)),
        text("kind", "What is done", (one.kind for one in measures)),
        joined("targets", "Ratings it is to raise; empty: all of the place", (m.targets for m in measures)),
        text("from", "Day the work begins", (one.begin for one in measures)),
        text("to", "Day it is complete", (one.complete for one in measures)),
        number(
            "cost",
            "Cost in the currency",
            (math.nan if m.cost is None else m.cost for m in measures),
            to=lambda cost: round(cost, 2),
        ),
        text("currency", "Currency, ISO 4217", (one.currency for one in measures)),
        text("owner", "Who is in charge", (one.owner for one in measures)),
        text("status", "requested, planned, ongoing, done or cancelled", (one.status for one in measures)),
        _points(
            "effect",
            "Rise of the score of its targets, points of 0 to 5",
            effects,
            lambda one: one.estimate,
            lambda value: round(value, 1),
        ),
        _points("effect_low", "Lower end of the 95 % interval", effects, lambda one: one.low, _down),
        _points("effect_high", "Upper end of the 95 % interval", effects, lambda one: one.high, _up),
        number(
            "p",
            "At most so often do unchanged places show as much",
            (math.nan if one is None else _p(one.p) for one in effects),
        ),
        _counts("n", "At least so many audits, before and after together", audits),
    ]


def _told(measure: Measure, k: int) -> Evaluation | None:
    found = measure.evaluation
    return found if found is not None and found.sufficient and min(found.auditors) >= k else None


def _points(
    name: str,
    title: str,
    effects: Sequence[Effect | None],
    part: Callable[[Effect], float],
    to: Callable[[float], float],
) -> Column:
    values = (math.nan if one is None else to_five(part(one), top=one.top) for one in effects)
    return number(name, title, values, to=to)


def _counts(name: str, title: str, values: Sequence[int | None]) -> Column:
    empty = integer(name, title, [])
    return Column(field=empty.field, values=list(values))


def _down(value: float) -> float:
    return math.floor(value * 10) / 10


def _up(value: float) -> float:
    return math.ceil(value * 10) / 10


def _p(p: float) -> float:
    return six_digits(math.ceil(p * _P_STEPS - 1e-9) / _P_STEPS)
