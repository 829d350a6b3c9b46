"""The gate: who may see which cells, how exactly. It alone constructs publishable layers.

An audience's cells are picked first; whatever is computed or written after that (hotspots, ranks, outlines)
knows no other cell.
"""

from collections.abc import Sequence, Set
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.darkness import lighting
from analysis.disclosure import cell_columns, dark_columns, hotspot_columns
from analysis.disclosure.admission import check_k
from analysis.disclosure.chronicle import Chronicle, stories_of
from analysis.disclosure.columns import OPERATOR, PLANNER, PUBLIC, Column, Precision
from analysis.disclosure.layer import _SEAL, Feature, Layer, OperatorLayer, PlannerLayer, PublicLayer
from analysis.disclosure.titles import TITLES
from analysis.disclosure.zone_columns import EVERYBODY, ZoneTable, zone_table
from analysis.hotspots import Hotspot
from analysis.recipe import Analysis, Variant
from analysis.surroundings import NOWHERE, Surroundings
from analysis.zones import Zone
from geo.cells import outline

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
    cell = analysis.everything.estimates.cell
    visible = _visible(analysis, k, shown)
    divisible = cell[visible & _divisible(analysis, k)]
    day, night = (
        part.where(_enough(part, k) & np.isin(part.estimates.cell, divisible))
        for part in (analysis.day, analysis.night)
    )
    variants = (analysis.everything.where(visible), day, night)
    return _plain_layers(PublicLayer, PUBLIC, variants, chronicle, surroundings)


def planner_layers(
    analysis: Analysis,
    *,
    k: int,
    chronicle: Chronicle,
    surroundings: Surroundings = NOWHERE,
    standard: float = STANDARD_SCORE,
) -> tuple[PlannerLayer, ...]:
    """Return cells-now, cells-reference, hotspots-now and dark-spots, of cells with k counted auditors.

    They must stand behind the score, of dark-spots behind that of the night. `analysis` knows every used
    audit; `standard` is the city's own, 0..5. ValueError for k < 5.
    """
    check_k(k)
    visible, night = (part.where(_enough(part, k)) for part in (analysis.everything, analysis.night))
    return (
        *_now_layers(PlannerLayer, PLANNER, visible, chronicle, surroundings, k=k, standard=standard),
        _dark_spots(PlannerLayer, PLANNER, night, surroundings),
    )


def operator_layers(
    analysis: Analysis,
    *,
    chronicle: Chronicle,
    surroundings: Surroundings = NOWHERE,
    standard: float = STANDARD_SCORE,
) -> tuple[OperatorLayer, ...]:
    """Return every layer of the public and the planners for the operator: all cells, exact counts."""
    variants = (analysis.everything, analysis.day, analysis.night)
    return (
        *_plain_layers(OperatorLayer, OPERATOR, variants, chronicle, surroundings),
        *_now_layers(
            OperatorLayer, OPERATOR, analysis.everything, chronicle, surroundings, k=1, standard=standard
        ),
        _dark_spots(OperatorLayer, OPERATOR, analysis.night, surroundings),
    )


def public_zones(
    analysis: Analysis, *, k: int, shown: Set[int], zones: Sequence[Zone], standard: float = STANDARD_SCORE
) -> PublicLayer:
    """Return zones for everyone, from the cells that `cells` shows alone: what it knows, they know together.

    A cell is in a zone whole or not at all, so whoever subtracts zones, of whichever sets, is left with whole
    shown cells. `analysis` and `shown` as for `public_layers`. ValueError for k < 5.
    """
    check_k(k)
    variants = {EVERYBODY: analysis.everything.where(_visible(analysis, k, shown))}
    table = zone_table(variants, zones, PUBLIC, k=k, standard=standard, seed=analysis.seed)
    return _zones(PublicLayer, "zones", table)


def planner_zones(
    analysis: Analysis, *, k: int, zones: Sequence[Zone], standard: float = STANDARD_SCORE
) -> PlannerLayer:
    """Return zones-now for planners, from the cells that `cells-now` shows alone. ValueError for k < 5."""
    check_k(k)
    variants = {EVERYBODY: analysis.everything.where(_enough(analysis.everything, k))}
    table = zone_table(variants, zones, PLANNER, k=k, standard=standard, seed=analysis.seed)
    return _zones(PlannerLayer, "zones-now", table)


def operator_zones(
    analysis: Analysis, *, zones: Sequence[Zone], standard: float = STANDARD_SCORE
) -> tuple[OperatorLayer, ...]:
    """Return zones and zones-now for the operator: from all cells, so alike."""
    variants = {EVERYBODY: analysis.everything}
    table = zone_table(variants, zones, OPERATOR, k=1, standard=standard, seed=analysis.seed)
    return tuple(_zones(OperatorLayer, name, table) for name in ("zones", "zones-now"))


def _visible(analysis: Analysis, k: int, shown: Set[int]) -> NDArray[np.bool_]:
    """Return which cells everyone may see."""
    cell = analysis.everything.estimates.cell
    return _enough(analysis.everything, k) & np.isin(cell, np.fromiter(shown, np.int64, len(shown)))


def _enough(variant: Variant, k: int) -> NDArray[np.bool_]:
    enough: NDArray[np.bool_] = variant.estimates.counted_auditors >= k
    return enough


def _divisible(analysis: Analysis, k: int) -> NDArray[np.bool_]:
    """Return which cells have k counted auditors in every part that has audits at all."""
    fine = (analysis.part_audits == 0) | (analysis.part_auditors >= k)
    return np.asarray(fine.all(axis=1))


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
        _cells(kind, name, variant, cell_columns.plain(variant.estimates, precision))
        for name, variant in zip(names, variants, strict=True)
    ]
    hotspots = []
    for name, variant in (("hotspots", variants[0]), ("hotspots-night", variants[2])):
        found = variant.hotspots()
        stories = stories_of(name, found, chronicle, surroundings)
        hotspots.append(_hotspots(kind, name, found, hotspot_columns.plain(found, stories, precision)))
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
    """Return cells-now, cells-reference and hotspots-now."""
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
        _cells(kind, "cells-now", variant, cells),
        _cells(kind, "cells-reference", variant, cell_columns.reference(estimates, precision)),
        _hotspots(kind, "hotspots-now", found, hotspots),
    )


def _dark_spots(
    kind: type[AnyLayer], precision: Precision, night: Variant, surroundings: Surroundings
) -> AnyLayer:
    dark = night.where(lighting(night.estimates).dark)
    columns = dark_columns.dark_spots(dark.estimates, surroundings, precision)
    return _cells(kind, "dark-spots", dark, columns)


def _cells(kind: type[AnyLayer], name: str, variant: Variant, columns: Sequence[Column]) -> AnyLayer:
    features = [
        Feature(id=str(row["cell"]), cell=cell, geometry=None, properties=row)
        for cell, row in zip(variant.estimates.cell.tolist(), _rows(columns), strict=True)
    ]
    return _sealed(kind, name, columns, features)


def _hotspots(
    kind: type[AnyLayer], name: str, found: Sequence[Hotspot], columns: Sequence[Column]
) -> AnyLayer:
    features = [
        Feature(
            id=str(row["id"]),
            cell=None,
            geometry=outline(np.array(spot.cells, dtype=np.int64)),
            properties=row,
            cells=spot.cells,
        )
        for spot, row in zip(found, _rows(columns), strict=True)
    ]
    return _sealed(kind, name, columns, features)


def _zones(kind: type[AnyLayer], name: str, table: ZoneTable) -> AnyLayer:
    features = [
        Feature(id=row.id, cell=None, geometry=row.figures.zone.area, properties=properties)
        for row, properties in zip(table.rows, _rows(table.columns), strict=True)
    ]
    return _sealed(kind, name, table.columns, features)


def _rows(columns: Sequence[Column]) -> list[dict[str, str | int | float | bool | None]]:
    names = [column.field.name for column in columns]
    values = zip(*(column.values for column in columns), strict=True)
    return [dict(zip(names, row, strict=True)) for row in values]


def _sealed(
    kind: type[AnyLayer], name: str, columns: Sequence[Column], features: Sequence[Feature]
) -> AnyLayer:
    fields = tuple(column.field for column in columns)
    return kind(name=name, title=TITLES[name], fields=fields, features=tuple(features), seal=_SEAL)
