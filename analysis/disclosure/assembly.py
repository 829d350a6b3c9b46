"""Layers put together and sealed, once the gate has picked which cells an audience may see."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.clusters import clusters
from analysis.darkness import lighting
from analysis.detector import THRESHOLDS
from analysis.disclosure import cell_columns, cluster_columns, dark_columns, hotspot_columns, time_columns
from analysis.disclosure.chronicle import Chronicle, stories_of
from analysis.disclosure.columns import Column, Precision
from analysis.disclosure.features import of_cells, of_hotspots, of_shapes
from analysis.disclosure.layer import _SEAL, Feature, Layer
from analysis.disclosure.titles import TITLES
from analysis.disclosure.visibility import enough
from analysis.recipe import Analysis, Variant
from analysis.surroundings import Surroundings
from geo.areas import Boundary

AnyLayer = TypeVar("AnyLayer", bound=Layer)


def plain_layers(
    kind: type[AnyLayer],
    precision: Precision,
    variants: tuple[Variant, Variant, Variant],
    chronicle: Chronicle,
    surroundings: Surroundings,
) -> tuple[AnyLayer, ...]:
    """Return the cell layers of all, day and night, and the hotspot layers of all and night."""
    names = ("cells", "cells-day", "cells-night")
    cells = [
        _cell_layer(kind, name, variant.estimates.cell, cell_columns.plain(variant.estimates, precision))
        for name, variant in zip(names, variants, strict=True)
    ]
    hotspots = []
    for name, variant in (("hotspots", variants[0]), ("hotspots-night", variants[2])):
        found = variant.hotspots()
        stories = stories_of(name, found, chronicle, surroundings)
        columns = hotspot_columns.plain(found, stories, precision)
        hotspots.append(sealed(kind, name, columns, of_hotspots(found, columns)))
    return (*cells, *hotspots)


def now_layers(
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
        _cell_layer(kind, "cells-now", estimates.cell, cells),
        sealed(kind, "hotspots-now", hotspots, of_hotspots(found, hotspots)),
    )


def dark_spots(
    kind: type[AnyLayer], precision: Precision, night: Variant, surroundings: Surroundings
) -> AnyLayer:
    """Return dark-spots of the cells of a night."""
    dark = night.where(lighting(night.estimates).dark)
    columns = dark_columns.dark_spots(dark.estimates, surroundings, precision)
    return _cell_layer(kind, "dark-spots", dark.estimates.cell, columns)


def past_and_next(
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
        _cell_layer(kind, "cells-reference", estimates.cell, reference),
        _cell_layer(kind, "cells-history", past.cell, time_columns.history(past, precision, k=k)),
        _cell_layer(kind, "gaps", gaps.cell, time_columns.gaps(gaps, people=people)),
    )


def incident_clusters(
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
    yield sealed(kind, "incident-clusters", columns, of_shapes(shapes, columns))


def _cell_layer(
    kind: type[AnyLayer], name: str, cells: NDArray[np.int64], columns: Sequence[Column]
) -> AnyLayer:
    return sealed(kind, name, columns, of_cells(cells, columns))


def sealed(
    kind: type[AnyLayer], name: str, columns: Sequence[Column], features: Sequence[Feature]
) -> AnyLayer:
    """Return a layer of features that the gate picked."""
    fields = tuple(column.field for column in columns)
    return kind(name=name, title=TITLES[name], fields=fields, features=tuple(features), seal=_SEAL)
