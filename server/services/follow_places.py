"""What happened at places that somebody audited: heard, asked for, planned, done, and what it did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from analysis.disclosure.layer import Value
from geo.cells import to_text
from server.cities import City
from server.queries.interventions import InterventionRow
from server.queries.places import OwnPlace
from server.queries.scores import find_scores
from server.services.published_effects import UNTOLD, published_effects
from server.services.published_hotspots import published_hotspots
from server.services.treated_cells import treated_cells


@dataclass(frozen=True, kw_only=True)
class FollowedPlace:
    """A place of an auditor, and what everybody may know of it: nothing here tells which audit was heard."""

    own: OwnPlace
    score: Mapping[str, Any] | None
    """The published row of its cell; None where the cell is not shown."""
    hotspot: Mapping[str, Value] | None
    interventions: Sequence[tuple[InterventionRow, Mapping[str, Value]]]
    """Those that treat its cell, in the order in which they begin, with the published effect."""


def follow_places(
    published: Connection,
    city: City,
    places: Sequence[OwnPlace],
    *,
    instrument_id: str,
    interventions: Sequence[InterventionRow],
) -> list[FollowedPlace]:
    """Return what is published of each place; `published` is a connection of the layer role."""
    cells = [place.cell for place in places]
    if not cells:
        return []
    city_id = city.city_id
    scores = find_scores(published, city_id=city_id, instrument_id=instrument_id, layer="cells", cells=cells)
    hotspots = published_hotspots(published, city_id=city_id, instrument_id=instrument_id, cells=cells)
    effects = published_effects(published, city_id=city_id)
    works = [
        (
            frozenset(treated_cells(row.area, city).tolist()),
            row,
            effects.get(str(row.intervention_id), UNTOLD),
        )
        for row in interventions
    ]
    return [
        FollowedPlace(
            own=place,
            score=scores.get(to_text(place.cell)),
            hotspot=hotspots.get(place.cell),
            interventions=[(row, effect) for treated, row, effect in works if place.cell in treated],
        )
        for place in places
    ]
