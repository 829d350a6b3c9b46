"""SQL of what an analysis knows of a city beside its audits: its streets and its people."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from geoalchemy2.functions import ST_AsBinary
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from analysis.streets import Streets
from analysis.surroundings import Population, Surroundings
from server.models.reference import reference_feature, reference_set

_SHAPE = ST_AsBinary(reference_feature.c.geom).label("shape")
_ORDER = (reference_feature.c.name.collate("C"), reference_feature.c.feature_id.collate("C"))


def read_surroundings(connection: Connection, *, city_id: int, agencies: Mapping[str, str]) -> Surroundings:
    """Return all sets of streets together, the population loaded last, and the agencies as given."""
    return Surroundings(
        streets=_streets(connection, city_id=city_id),
        population=_population(connection, city_id=city_id),
        agencies=agencies,
    )


def _streets(connection: Connection, *, city_id: int) -> Streets:
    columns = reference_feature.c
    query = (
        select(_SHAPE, func.coalesce(columns.label, "").label("name"), func.coalesce(columns.owner, ""))
        .where(columns.city_id == city_id, columns.kind == "streets")
        .order_by(*_ORDER)
    )
    shapes, name, owner = _columns(connection.execute(query).all(), width=3)
    return Streets(lines=shapely.from_wkb(shapes), name=name, owner=owner)


def _population(connection: Connection, *, city_id: int) -> Population | None:
    columns, sets = reference_feature.c, reference_set.c
    newest = (
        select(sets.name)
        .where(sets.city_id == city_id, sets.kind == "population")
        .order_by(sets.loaded_at.desc(), sets.name)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(_SHAPE, columns.amount)
        .where(
            columns.city_id == city_id,
            columns.kind == "population",
            columns.name == newest,
            columns.amount.is_not(None),
        )
        .order_by(*_ORDER)
    )
    rows = connection.execute(query).all()
    if not rows:
        return None
    shapes, people = _columns(rows, width=2)
    return Population(shapes=shapely.from_wkb(shapes), people=people.astype(np.float64))


def _columns(rows: Sequence[Sequence[Any]], *, width: int) -> list[NDArray[np.object_]]:
    """Return the columns of some rows as arrays of objects."""
    found = np.empty((width, len(rows)), dtype=object)
    for place, values in enumerate(zip(*rows, strict=True)):
        found[place, :] = values
    return list(found)
