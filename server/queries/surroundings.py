"""SQL of what an analysis knows of a city beside its audits: its streets, its people, recorded incidents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from geoalchemy2.functions import ST_AsBinary
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from analysis.clusters import NOBODY, Reports
from analysis.observations import NO_DAY
from analysis.streets import Streets
from analysis.surroundings import Population
from server.models.reference import reference_feature, reference_set
from server.queries.binary_copy import FLOAT8, INT4, read_records

_SHAPE = ST_AsBinary(reference_feature.c.geom).label("shape")
_ORDER = (reference_feature.c.name.collate("C"), reference_feature.c.feature_id.collate("C"))


_INCIDENTS = """
SELECT ST_X(point.geom), ST_Y(point.geom),
       COALESCE((f.occurred_at AT TIME ZONE %(time_zone)s)::date - date '1970-01-01', %(no_day)s)::int4
FROM reference_feature AS f, ST_Dump(f.geom) AS point
WHERE f.city_id = %(city_id)s AND f.kind = 'incidents'
  AND (f.occurred_at IS NULL OR f.occurred_at < %(as_of)s)"""


def read_streets(connection: Connection, *, city_id: int) -> Streets:
    """Return all sets of streets together."""
    columns = reference_feature.c
    query = (
        select(_SHAPE, func.coalesce(columns.label, "").label("name"), func.coalesce(columns.owner, ""))
        .where(columns.city_id == city_id, columns.kind == "streets")
        .order_by(*_ORDER)
    )
    shapes, name, owner = _columns(connection.execute(query).all(), width=3)
    return Streets(lines=shapely.from_wkb(shapes), name=name, owner=owner)


def read_population(connection: Connection, *, city_id: int) -> Population | None:
    """Return the population loaded last, None where none is."""
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


def read_incidents(connection: Connection, *, city_id: int, time_zone: str, as_of: datetime) -> Reports:
    """Return the points of all sets of incidents that happened before `as_of`, or nobody knows when."""
    values = {"city_id": city_id, "time_zone": time_zone, "as_of": as_of, "no_day": NO_DAY}
    columns = {"lng": FLOAT8, "lat": FLOAT8, "day": INT4}
    found = read_records(connection, _INCIDENTS, values, columns=columns)
    return Reports(
        lng=found["lng"].astype(np.float64),
        lat=found["lat"].astype(np.float64),
        day=found["day"].astype(np.int32),
        person=np.full(len(found), NOBODY, dtype=np.int64),
    )


def _columns(rows: Sequence[Sequence[Any]], *, width: int) -> list[NDArray[np.object_]]:
    """Return the columns of some rows as arrays of objects."""
    found = np.empty((width, len(rows)), dtype=object)
    for place, values in enumerate(zip(*rows, strict=True)):
        found[place, :] = values
    return list(found)
