"""The gate: who may see which cells, how exactly. It alone constructs publishable layers.

An audience's cells are picked first; whatever is computed or written after that (hotspots, ranks, outlines)
knows no other cell.
"""

from collections.abc import Sequence, Set
from dataclasses import replace

from analysis.by_gender import ByGender
from analysis.disclosure.admission import LOWEST_K, check_k
from analysis.disclosure.assembly import (
    dark_spots,
    incident_clusters,
    now_layers,
    past_and_next,
    plain_layers,
    sealed,
)
from analysis.disclosure.chronicle import Chronicle
from analysis.disclosure.columns import OPERATOR, PLANNER, PUBLIC
from analysis.disclosure.features import of_shapes, of_zones
from analysis.disclosure.intervention_columns import Measure, intervention_columns
from analysis.disclosure.layer import OperatorLayer, PlannerLayer, PublicLayer
from analysis.disclosure.visibility import by_gender, by_hour, enough, visible
from analysis.disclosure.zone_columns import EVERYBODY, common_columns, zone_table
from analysis.recipe import Analysis, Variant
from analysis.surroundings import NOWHERE, Surroundings
from analysis.zones import Zone
from geo.areas import Boundary

STANDARD_SCORE = 2.5
"""The score to which a city without a standard of its own holds its places."""


def public_layers(
    analysis: Analysis,
    *,
    k: int,
    shown: Set[int],
    chronicle: Chronicle,
    surroundings: Surroundings = NOWHERE,
) -> tuple[PublicLayer, ...]:
    """Return cells, cells-day, cells-night, hotspots and hotspots-night for everyone.

    `analysis` must know admitted audits alone, and split no others than `admission.splittable`; `shown` are
    the cells with admitted audits that are not hidden. A cell needs, besides, k counted auditors behind its
    score. By day and by night it is shown only where each daypart with split audits, unknown included, has
    k, and those not split together have k or are none, so that nothing can be had by subtraction.
    ValueError for k < 5.
    """
    check_k(k)
    whole = analysis.everything.where(visible(analysis, k=k, shown=shown))
    variants = (whole, *by_hour(analysis, k=k, shown=shown))
    return plain_layers(PublicLayer, PUBLIC, variants, chronicle, surroundings)


def planner_layers(
    analysis: Analysis,
    *,
    k: int,
    chronicle: Chronicle,
    surroundings: Surroundings = NOWHERE,
    standard: float = STANDARD_SCORE,
    boundary: Boundary | None = None,
) -> tuple[PlannerLayer, ...]:
    """Return the planners' layers, of cells with k counted auditors behind the score.

    cells-now, hotspots-now, cells-reference, cells-history and gaps; dark-spots, where k stand behind the
    score of the night; and, where the surroundings hold reports, incident-clusters, of hazards those that k
    reported. `analysis` knows every used audit; `standard` is the city's own, 0..5; gaps go up to its
    boundary. ValueError for k < 5.
    """
    check_k(k)
    visible, night = (part.where(enough(part, k)) for part in (analysis.everything, analysis.night))
    return (
        *now_layers(PlannerLayer, PLANNER, visible, chronicle, surroundings, k=k, standard=standard),
        *past_and_next(PlannerLayer, PLANNER, analysis, visible, boundary, k=k, people=k),
        dark_spots(PlannerLayer, PLANNER, night, surroundings),
        *incident_clusters(PlannerLayer, PLANNER, surroundings, k=k, seed=analysis.seed),
    )


def operator_layers(
    analysis: Analysis,
    *,
    chronicle: Chronicle,
    surroundings: Surroundings = NOWHERE,
    standard: float = STANDARD_SCORE,
    boundary: Boundary | None = None,
) -> tuple[OperatorLayer, ...]:
    """Return every layer of the public and the planners for the operator: all cells, exact counts."""
    variants = (analysis.everything, analysis.day, analysis.night)
    return (
        *plain_layers(OperatorLayer, OPERATOR, variants, chronicle, surroundings),
        *now_layers(
            OperatorLayer, OPERATOR, analysis.everything, chronicle, surroundings, k=1, standard=standard
        ),
        *past_and_next(
            OperatorLayer, OPERATOR, analysis, analysis.everything, boundary, k=1, people=LOWEST_K
        ),
        dark_spots(OperatorLayer, OPERATOR, analysis.night, surroundings),
        *incident_clusters(OperatorLayer, OPERATOR, surroundings, k=1, seed=analysis.seed),
    )


def public_zones(
    analysis: Analysis,
    *,
    k: int,
    shown: Set[int],
    zones: Sequence[Zone],
    groups: ByGender | None = None,
    standard: float = STANDARD_SCORE,
) -> PublicLayer:
    """Return zones for everyone, from the cells that `cells` shows alone: what it knows, they know together.

    A cell is in a zone whole or not at all, so whoever subtracts zones, of whichever sets, is left with whole
    shown cells. `analysis` and `shown` as for `public_layers`; `groups` of the same audits, split no
    others than `admission.splittable` by hour and gender together. A cell is in the rows of women and of men
    only where women, men, the rest and those not split have k counted auditors each, or are none. ValueError
    for k < 5.
    """
    check_k(k)
    variants = _everybody(analysis, k, shown) | by_gender(analysis, groups, k=k, shown=shown)
    table = zone_table(variants, zones, PUBLIC, k=k, standard=standard, seed=analysis.seed)
    return sealed(PublicLayer, "zones", table.columns, of_zones(table))


def public_city(
    analysis: Analysis,
    *,
    k: int,
    shown: Set[int],
    city: Zone,
    groups: ByGender | None = None,
    standard: float = STANDARD_SCORE,
) -> PublicLayer:
    """Return the city as one zone, for everyone: as `public_zones`, and by day and by night as `cells` is."""
    check_k(k)
    variants = _everybody(analysis, k, shown) | by_gender(analysis, groups, k=k, shown=shown)
    variants |= dict(zip(("daypart:day", "daypart:night"), by_hour(analysis, k=k, shown=shown), strict=True))
    zones = zone_table(variants, [city], PUBLIC, k=k, standard=standard, seed=analysis.seed)
    table = replace(zones, columns=[*zones.columns, *common_columns(zones.rows, PUBLIC)])
    return sealed(PublicLayer, "city", table.columns, of_zones(table))


def planner_zones(
    analysis: Analysis, *, k: int, zones: Sequence[Zone], standard: float = STANDARD_SCORE
) -> PlannerLayer:
    """Return zones-now for planners, from the cells that `cells-now` shows alone. ValueError for k < 5."""
    check_k(k)
    variants = {EVERYBODY: analysis.everything.where(enough(analysis.everything, k))}
    table = zone_table(variants, zones, PLANNER, k=k, standard=standard, seed=analysis.seed)
    return sealed(PlannerLayer, "zones-now", table.columns, of_zones(table))


def operator_zones(
    analysis: Analysis, *, zones: Sequence[Zone], standard: float = STANDARD_SCORE
) -> tuple[OperatorLayer, ...]:
    """Return zones and zones-now for the operator: from all cells, so alike."""
    variants = {EVERYBODY: analysis.everything}
    table = zone_table(variants, zones, OPERATOR, k=1, standard=standard, seed=analysis.seed)
    return tuple(
        sealed(OperatorLayer, name, table.columns, of_zones(table)) for name in ("zones", "zones-now")
    )


def public_interventions(measures: Sequence[Measure], *, k: int) -> PublicLayer:
    """Return interventions for everyone; their evaluations must know admitted audits alone.

    An effect is shown where k counted auditors stand on each side, and it is told once: nothing can be had by
    subtracting one night's from another's. ValueError for k < 5.
    """
    check_k(k)
    columns = intervention_columns(measures, k=k)
    return sealed(PublicLayer, "interventions", columns, of_shapes([one.area for one in measures], columns))


def _everybody(analysis: Analysis, k: int, shown: Set[int]) -> dict[str, Variant]:
    return {EVERYBODY: analysis.everything.where(visible(analysis, k=k, shown=shown))}
