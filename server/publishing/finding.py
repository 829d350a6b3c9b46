"""What a run finds with one instrument, as far as anyone may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from analysis.by_gender import ByGender, analyse_by_gender
from analysis.disclosure.account import account
from analysis.disclosure.gate import (
    STANDARD_SCORE,
    planner_layers,
    planner_zones,
    public_city,
    public_interventions,
    public_layers,
    public_zones,
)
from analysis.disclosure.layer import PlannerLayer, PublicLayer
from analysis.disclosure.summary_gate import planner_summary, public_summary
from analysis.each import Each, here
from analysis.observations import Observations
from analysis.recipe import Analysis, analyse
from server.cities import City
from server.publishing.admitting import Admission
from server.publishing.coverage import street_km
from server.publishing.intervening import Telling, measures, tell
from server.publishing.knowledge import Knowledge
from server.publishing.progress import Progress, unheard
from server.publishing.trusting import Trusted
from server.publishing.zoning import city_as_zone
from server.queries.interventions import Audience, ToldEffect

Publishable = PublicLayer | PlannerLayer


@dataclass(frozen=True, kw_only=True, eq=False)
class Finding:
    """The layers of one instrument, and what is to be remembered of their making."""

    instrument_id: str
    layers: Sequence[Publishable]
    admission: Admission | None
    """None where the run is not public."""
    effects: Sequence[ToldEffect]
    """Of interventions, told with this run for good."""
    trusted: Trusted | None
    """For moderators alone; None where the run is not public."""
    parameters: Mapping[str, Any]
    """For the record of the run: how its numbers were made, for the planner and for the public apart."""


def standard_of(city: City) -> float:
    """Return the score, 0 to 5, to which the city holds its places."""
    return float(city.settings.get("standard", STANDARD_SCORE))


def find(
    knowledge: Knowledge,
    admission: Admission | None,
    *,
    city: City,
    seed: int,
    progress: Progress = unheard,
    each: Each = here,
) -> Finding:
    """Return the planner's layers from all used audits, and the public's from those admitted."""
    known = knowledge.used.observations
    held = knowledge.held
    progress(0.0, f"{len(known):,} audits of {knowledge.instrument_id}")
    planner = analyse(known, seed=seed, recency=knowledge.recency, held=held.get("planner"), each=each)
    layers: list[Publishable] = [
        *planner_layers(
            planner,
            k=city.k,
            chronicle=knowledge.chronicle,
            surroundings=knowledge.surroundings,
            standard=standard_of(city),
            boundary=city.boundary,
        ),
        planner_zones(planner, k=city.k, zones=knowledge.zones, standard=standard_of(city)),
    ]
    accounts = {"planner": account(planner)}
    summaries = {"planner": planner_summary(planner, k=city.k, voices=knowledge.voices)}
    told: list[ToldEffect] = []
    if admission is not None:
        progress(0.5, f"{len(admission.observations):,} admitted audits of {knowledge.instrument_id}")
        public = analyse(
            admission.observations,
            seed=seed,
            recency=knowledge.recency,
            split=admission.split,
            held=held.get("public"),
            each=each,
        )
        layers += public_layers(
            public,
            k=city.k,
            shown=admission.shown,
            chronicle=knowledge.chronicle,
            surroundings=knowledge.surroundings,
        )
        accounts["public"] = account(public)
        told = [
            *_told(knowledge, public, admission.observations, "public", city),
            *_told(knowledge, planner, known, "planner", city),
        ]
        shown = measures(knowledge.interventions, told, instrument_id=knowledge.instrument_id)
        layers.append(public_interventions(shown, k=city.k))
        progress(0.8, f"women and men apart, {knowledge.instrument_id}")
        groups = _groups(knowledge, admission, public, seed=seed)
        layers += _of_areas(knowledge, admission, public, groups, city=city)
        summaries["public"] = public_summary(public, k=city.k, shown=admission.shown, groups=groups)
    return Finding(
        instrument_id=knowledge.instrument_id,
        layers=layers,
        admission=admission,
        effects=told,
        trusted=None if admission is None else Trusted.of(knowledge.used, planner),
        parameters={
            "version": known.instrument.version,
            "half_life_days": knowledge.recency.half_life_days,
            "audits": len(known),
            "street_km": street_km(knowledge.surroundings.streets, city.area, layers),
            "summary": msgspec.to_builtins(summaries),
            **accounts,
        },
    )


def _groups(knowledge: Knowledge, admission: Admission, public: Analysis, *, seed: int) -> ByGender | None:
    """Return what women and men say apart; None where nobody's audits may be told apart so."""
    if not admission.by_gender.any():
        return None
    return analyse_by_gender(
        admission.observations,
        weights=public.calibration.weights,
        seed=seed,
        recency=knowledge.recency,
        split=admission.by_gender,
    )


def _of_areas(
    knowledge: Knowledge, admission: Admission, public: Analysis, groups: ByGender | None, *, city: City
) -> list[PublicLayer]:
    """Return the public's zones and city, by gender too where audits may be told apart so."""
    shown, standard, whole = admission.shown, standard_of(city), city_as_zone(city)
    made = [
        public_zones(public, k=city.k, shown=shown, zones=knowledge.zones, groups=groups, standard=standard)
    ]
    if whole is not None:
        made.append(public_city(public, k=city.k, shown=shown, city=whole, groups=groups, standard=standard))
    return made


def _told(
    knowledge: Knowledge, analysis: Analysis, observations: Observations, audience: Audience, city: City
) -> list[ToldEffect]:
    """Return the effects of interventions that an audience is told now."""
    telling = Telling(
        audience=audience,
        as_of=knowledge.as_of,
        today=knowledge.recency.today,
        k=city.k,
        seed=analysis.seed,
    )
    return tell(knowledge.interventions, observations, analysis.calibration.weights, telling)
