"""The gate: who may see which cells, how exactly. It alone constructs publishable layers.

An audience's cells are picked first; whatever is computed or written after that (hotspots, ranks, outlines)
knows no other cell.
"""

from collections.abc import Iterator, Sequence, Set
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.by_gender import ByGender
from analysis.clusters import clusters
from analysis.darkness import lighting
from analysis.detector import THRESHOLDS
from analysis.disclosure import cell_columns, cluster_columns, dark_columns, hotspot_columns, time_columns
from analysis.disclosure.admission import LOWEST_K, check_k
from analysis.disclosure.chronicle import Chronicle, stories_of
from analysis.disclosure.columns import OPERATOR, PLANNER, PUBLIC, Column, Precision
from analysis.disclosure.features import of_cells, of_hotspots, of_shapes, of_zones
from analysis.disclosure.intervention_columns import Measure, intervention_columns
from analysis.disclosure.layer import _SEAL, Feature, Layer, OperatorLayer, PlannerLayer, PublicLayer
from analysis.disclosure.titles import TITLES
from analysis.disclosure.visibility import by_gender, by_hour, enough, visible
from analysis.disclosure.zone_columns import EVERYBODY, zone_table
from analysis.recipe import Analysis, Variant
from analysis.surroundings import NOWHERE, Surroundings
from analysis.zones import Zone
from geo.areas import Boundary

AnyLayer = TypeVar("AnyLayer", bound=Layer)

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
    return _plain_layers(PublicLayer, PUBLIC, variants, chronicle, surroundings)


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
        *_now_layers(PlannerLayer, PLANNER, visible, chronicle, surroundings, k=k, standard=standard),
        *_past_and_next(PlannerLayer, PLANNER, analysis, visible, boundary, k=k, people=k),
        _dark_spots(PlannerLayer, PLANNER, night, surroundings),
        *_clusters(PlannerLayer, PLANNER, surroundings, k=k, seed=analysis.seed),
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
        *_plain_layers(OperatorLayer, OPERATOR, variants, chronicle, surroundings),
        *_now_layers(
            OperatorLayer, OPERATOR, analysis.everything, chronicle, surroundings, k=1, standard=standard
        ),
        *_past_and_next(
            OperatorLayer, OPERATOR, analysis, analysis.everything, boundary, k=1, people=LOWEST_K
        ),
        _dark_spots(OperatorLayer, OPERATOR, analysis.night, surroundings),
        *_clusters(OperatorLayer, OPERATOR, surroundings, k=1, seed=analysis.seed),
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
    return _sealed(PublicLayer, "zones", table.columns, of_zones(table))


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
    table = zone_table(variants, [city], PUBLIC, k=k, standard=standard, seed=analysis.seed)
    return _sealed(PublicLayer, "city", table.columns, of_zones(table))


def planner_zones(
    analysis: Analysis, *, k: int, zones: Sequence[Zone], standard: float = STANDARD_SCORE
) -> PlannerLayer:
    """Return zones-now for planners, from the cells that `cells-now` shows alone. ValueError for k < 5."""
    check_k(k)
    variants = {EVERYBODY: analysis.everything.where(enough(analysis.everything, k))}
    table = zone_table(variants, zones, PLANNER, k=k, standard=standard, seed=analysis.seed)
    return _sealed(PlannerLayer, "zones-now", table.columns, of_zones(table))


def operator_zones(
    analysis: Analysis, *, zones: Sequence[Zone], standard: float = STANDARD_SCORE
) -> tuple[OperatorLayer, ...]:
    """Return zones and zones-now for the operator: from all cells, so alike."""
    variants = {EVERYBODY: analysis.everything}
    table = zone_table(variants, zones, OPERATOR, k=1, standard=standard, seed=analysis.seed)
    return tuple(
        _sealed(OperatorLayer, name, table.columns, of_zones(table)) for name in ("zones", "zones-now")
    )


def public_interventions(measures: Sequence[Measure], *, k: int) -> PublicLayer:
    """Return interventions for everyone; their evaluations must know admitted audits alone.

    An effect is shown where k counted auditors stand on each side, and it is told once: nothing can be had by
    subtracting one night's from another's. ValueError for k < 5.
    """
    check_k(k)
    columns = intervention_columns(measures, k=k)
    return _sealed(PublicLayer, "interventions", columns, of_shapes([one.area for one in measures], columns))


def _everybody(analysis: Analysis, k: int, shown: Set[int]) -> dict[str, Variant]:
    return {EVERYBODY: analysis.everything.where(visible(analysis, k=k, shown=shown))}


def _plain_layers(
    kind: type[AnyLayer],
    precision: Precision,
    variants: tuple[Variant, Variant, Variant],
    chronicle: Chronicle,
    surroundings: Surroundings,
) -> tuple[AnyLayer, ...]:
    """Return the cell layers of all, day and night, and the hotspot layers of all and night."""
    names = ("cells", "cells-day", "cells-night")
    cells = [
        _cells(kind, name, variant.estimates.cell, cell_columns.plain(variant.estimates, precision))
        for name, variant in zip(names, variants, strict=True)
    ]
    hotspots = []
    for name, variant in (("hotspots", variants[0]), ("hotspots-night", variants[2])):
        found = variant.hotspots()
        stories = stories_of(name, found, chronicle, surroundings)
        columns = hotspot_columns.plain(found, stories, precision)
        hotspots.append(_sealed(kind, name, columns, of_hotspots(found, columns)))
    return (*cells, *hotspots)


def _now_layers(
    kind: type[AnyLayer],
    precision: Precision,
    variant: Variant,
    chronicle: Chronicle,
    surroundings: Surroundings,
    *,
    k: int,
    standard: float,
) -> tuple[AnyLayer, ...]:
    """Return cells-now and hotspots-now."""
    estimates = variant.estimates
    exposure = surroundings.exposure(estimates.cell)
    found = variant.hotspots(exposure.values)
    stories = stories_of("hotspots-now", found, chronicle, surroundings)
    cells = cell_columns.now(estimates, exposure, precision, k=k, standard=standard)
    hotspots = hotspot_columns.now(
        found,
        stories,
        precision,
        exposure=exposure,
        instrument=estimates.instrument,
        k=k,
        standard=standard,
    )
    return (
        _cells(kind, "cells-now", estimates.cell, cells),
        _sealed(kind, "hotspots-now", hotspots, of_hotspots(found, hotspots)),
    )


def _dark_spots(
    kind: type[AnyLayer], precision: Precision, night: Variant, surroundings: Surroundings
) -> AnyLayer:
    dark = night.where(lighting(night.estimates).dark)
    columns = dark_columns.dark_spots(dark.estimates, surroundings, precision)
    return _cells(kind, "dark-spots", dark.estimates.cell, columns)


def _past_and_next(
    kind: type[AnyLayer],
    precision: Precision,
    analysis: Analysis,
    visible: Variant,
    boundary: Boundary | None,
    *,
    k: int,
    people: int,
) -> tuple[AnyLayer, ...]:
    """Return cells-reference, cells-history and gaps.

    A quarter needs k counted auditors of its own. Gaps are found for `people`, by the cells alone that so
    many stand behind: of any other cell it is not told whether anybody audited it.
    """
    estimates, past = visible.estimates, analysis.history()
    past = past.where(np.isin(past.cell, estimates.cell))
    known = estimates.cell[enough(visible, people)]
    gaps = analysis.gaps(known, people=people, threshold=THRESHOLDS["hot"], boundary=boundary)
    reference = cell_columns.reference(estimates, past.category, precision)
    return (
        _cells(kind, "cells-reference", estimates.cell, reference),
        _cells(kind, "cells-history", past.cell, time_columns.history(past, precision, k=k)),
        _cells(kind, "gaps", gaps.cell, time_columns.gaps(gaps, people=people)),
    )


def _clusters(
    kind: type[AnyLayer], precision: Precision, surroundings: Surroundings, *, k: int, seed: int
) -> Iterator[AnyLayer]:
    """Yield incident-clusters, if reports are there: what people reported only where k of them did."""
    if surroundings.reports is None:
        return
    found = [
        (name, cluster)
        for name, reports in surroundings.reports.items()
        for cluster in clusters(reports, np.random.default_rng(seed))
        if cluster.recorded or cluster.people >= k
    ]
    columns = cluster_columns.incident_clusters(found, surroundings.streets, precision)
    shapes = [cluster.shape for _, cluster in found]
    yield _sealed(kind, "incident-clusters", columns, of_shapes(shapes, columns))


def _cells(kind: type[AnyLayer], name: str, cells: NDArray[np.int64], columns: Sequence[Column]) -> AnyLayer:
    return _sealed(kind, name, columns, of_cells(cells, columns))


def _sealed(
    kind: type[AnyLayer], name: str, columns: Sequence[Column], features: Sequence[Feature]
) -> AnyLayer:
    fields = tuple(column.field for column in columns)
    return kind(name=name, title=TITLES[name], fields=fields, features=tuple(features), seal=_SEAL)
