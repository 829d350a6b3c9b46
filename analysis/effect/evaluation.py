"""The evaluation of one intervention: each outcome, the ring, the months, or why nothing can be said."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.effect.design import AFTER, BEFORE, NEITHER, Ground, Plan, ground
from analysis.effect.months import months
from analysis.effect.placebo import FEWEST_DISCS, Placebos, placebos
from analysis.effect.residuals import MONTH_DAYS, Answers, Model
from analysis.effect.result import Effect, Evaluation, Month
from analysis.effect.units import FIRST_DISC, PLACE, RING, Layout, layout, measured
from analysis.groups import distinct_members
from analysis.instrument import Instrument
from analysis.observations import Observations
from analysis.score import Weights, composite, counting_levels, scale_top, top_of

Floats = NDArray[np.float64]

FEWEST_AUDITS = 20
"""In the place, on each side."""


def evaluate(
    observations: Observations,
    weights: Weights,
    plan: Plan,
    *,
    others: Sequence[Plan] = (),
    today: int,
    fewest_auditors: int,
    rng: np.random.Generator,
) -> Evaluation:
    """Return the evaluation of a plan beside all other plans of its city; defined for any observations.

    `fewest_auditors` different counted auditors must have audited the place on each side, and 20 audits; 19
    discs must be there to compare with. Equal for an equal state of `rng`. ValueError for a target that is no
    place rating.
    """
    aimed = targeted(weights, observations.instrument, plan.targets)
    known = _known(observations, plan)
    land = ground(plan, list(others))
    audits, auditors = _heard(known, composite(known, aimed), plan)
    reason = _before_looking(plan, land, today) or _too_few(audits, auditors, fewest_auditors)
    if not reason:
        found = _outcome(known, composite(known, aimed), land, top=scale_top(known.instrument), rng=rng)
        if not isinstance(found, str):
            return _told(known, weights, land, found, audits=audits, auditors=auditors, rng=rng)
        reason = found
    return Evaluation(reason=reason, audits=audits, auditors=auditors)


def targeted(weights: Weights, instrument: Instrument, targets: Sequence[str]) -> Weights:
    """Return the weights of the targets alone, of all place ratings without any.

    ValueError naming what is no place rating.
    """
    names = [rating.name for rating in instrument.place]
    unknown = [target for target in targets if target not in names]
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: no place rating; there are {', '.join(names)}")
    chosen = {name: weights.values[name] for name in targets or names}
    total = sum(chosen.values())
    values = {name: weight / total for name, weight in chosen.items()}
    return Weights(values=values, source=weights.source)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Outcome:
    """One outcome, judged."""

    place: Effect
    ring: Effect | None
    placebos: Placebos
    months: tuple[Month, ...]


def _known(observations: Observations, plan: Plan) -> Observations:
    """Return the audits of counted auditors before and after."""
    return observations.where(observations.counted & (plan.sides(observations.observed_day) != NEITHER))


def _before_looking(plan: Plan, land: Ground, today: int) -> str:
    if today < plan.after[0]:
        return "the time after has not begun: it does 15 days after the work is complete"
    if land.overlapped:
        return "another intervention changed this place in the same days: their effects cannot be told apart"
    return ""


def _heard(known: Observations, values: Floats, plan: Plan) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return how many audits, and how many auditors, the place has before and after."""
    there = known.where(np.isin(known.cell, plan.cells) & ~np.isnan(values))
    side = plan.sides(there.observed_day).astype(np.int64)
    audits, auditors = np.bincount(side, minlength=2), distinct_members(side, there.auditor, size=2)
    return (int(audits[0]), int(audits[1])), (int(auditors[0]), int(auditors[1]))


def _too_few(audits: tuple[int, int], auditors: tuple[int, int], fewest_auditors: int) -> str:
    if min(audits) >= FEWEST_AUDITS and min(auditors) >= fewest_auditors:
        return ""
    return (
        f"too few audits of the place: {audits[BEFORE]} of {auditors[BEFORE]} people before and "
        f"{audits[AFTER]} of {auditors[AFTER]} after; {FEWEST_AUDITS} of {fewest_auditors} are needed"
    )


def _outcome(
    known: Observations, values: Floats, land: Ground, *, top: float, rng: np.random.Generator
) -> _Outcome | str:
    """Return one outcome, or why there is none."""
    answers = _answers(known, values, land.plan, top=top)
    laid = layout(land, cell=answers.cell, side=answers.side, auditor=answers.auditor, rng=rng)
    if laid.size - FIRST_DISC < FEWEST_DISCS:
        return (
            f"too few places to compare with: {laid.size - FIRST_DISC} discs of about "
            f"{len(land.plan.cells)} cells were audited enough before and after; {FEWEST_DISCS} are needed"
        )
    far = land.far(answers.cell)
    model = Model.of(answers, rng)
    first = placebos(measured(model.residuals(far=far), laid))
    if np.isnan(first.estimate[PLACE]):
        return "the place was not audited at the same time of day before and after"
    lift = _lift(answers, laid, first.estimate)
    residuals = model.residuals(far=far, lift=lift)
    judged = placebos(measured(residuals, laid))
    heard = not np.isnan(judged.estimate[RING])
    return _Outcome(
        place=judged.of(PLACE, top=top),
        ring=judged.of(RING, top=top) if heard else None,
        placebos=judged,
        months=months(residuals, laid, judged),
    )


def _lift(answers: Answers, laid: Layout, estimate: Floats) -> Floats:
    """Return the first estimates of place and ring for their answers after, 0 for all others."""
    unit = np.where(answers.side == AFTER, laid.unit_of(answers.cell), -1)
    return np.select([unit == PLACE, unit == RING], np.nan_to_num(estimate[[PLACE, RING]]).tolist(), 0.0)


def _answers(known: Observations, values: Floats, plan: Plan, *, top: float) -> Answers:
    given = ~np.isnan(values)
    there = known.where(given)
    side = plan.sides(there.observed_day)
    start = np.where(side == BEFORE, plan.begin_day, plan.complete_day)
    return Answers(
        cell=there.cell,
        auditor=there.auditor.astype(np.int64),
        side=side,
        month=((there.observed_day - start) // MONTH_DAYS).astype(np.int64),
        daypart=there.daypart,
        value=values[given],
        top=top,
    )


def _told(
    known: Observations,
    weights: Weights,
    land: Ground,
    found: _Outcome,
    *,
    audits: tuple[int, int],
    auditors: tuple[int, int],
    rng: np.random.Generator,
) -> Evaluation:
    instrument = known.instrument
    levels = counting_levels(known)
    beside = set(land.plan.targets) | ({instrument.outcome.name} if instrument.outcome else set())
    ratings = {
        rating.name: _place(known, levels[:, column], land, top=top_of(rating), rng=rng)
        for column, rating in enumerate(instrument.ratings)
        if rating.name in beside
    }
    whole = composite(known, weights)
    score = (
        _place(known, whole, land, top=scale_top(instrument), rng=rng) if land.plan.targets else found.place
    )
    return Evaluation(
        reason="",
        audits=audits,
        auditors=auditors,
        effect=found.place,
        score=score,
        ratings=ratings,
        ring=found.ring,
        trend_p=found.placebos.trend_p(),
        months=found.months,
        places=len(found.placebos.units) - FIRST_DISC,
    )


def _place(
    known: Observations, values: Floats, land: Ground, *, top: float, rng: np.random.Generator
) -> Effect | None:
    audits, _ = _heard(known, values, land.plan)
    if min(audits) < FEWEST_AUDITS:
        return None
    found = _outcome(known, values, land, top=top, rng=rng)
    return None if isinstance(found, str) else found.place
