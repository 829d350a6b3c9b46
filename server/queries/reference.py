"""SQL of reference data: streets, population, incidents, each set replaced whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, text

from server.models.reference import reference_feature, reference_set

_BATCH = 2_000

_FEATURES = text("""
INSERT INTO reference_feature
    (city_id, kind, name, feature_id, geom, occurred_at, label, owner, amount, properties)
SELECT :city_id, :kind, :name, f.id, ST_SetSRID(CAST(f.geom AS geometry), 4326),
       f.occurred_at, f.label, f.owner, f.amount, f.properties
FROM json_to_recordset(CAST(:rows AS json)) AS f(
    id text, geom text, occurred_at timestamptz, label text, owner text, amount float8, properties jsonb)
""")


@dataclass(frozen=True, kw_only=True)
class ReferenceSet:
    """What a set is called, and under which terms it may be used."""

    kind: str
    name: str
    licence: str | None = None
    attribution: str | None = None


@dataclass(frozen=True, kw_only=True)
class LoadedSet:
    """A set as it is in the store."""

    kind: str
    name: str
    features: int
    loaded_at: datetime
    licence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceFeature:
    """One feature; `geom` is hexadecimal WKB in lng/lat."""

    id: str
    geom: str
    occurred_at: datetime | None = None
    """When an incident happened."""
    label: str | None = None
    """The name of a street."""
    owner: str | None = None
    """Whose a street is."""
    amount: float | None = None
    """How many people live there."""
    properties: dict[str, Any]


def replace_reference(
    connection: Connection, *, city_id: int, described: ReferenceSet, features: Iterable[ReferenceFeature]
) -> int:
    """Put a set in the place of the one of the same kind and name; return how many features it has."""
    key = {"kind": described.kind, "name": described.name}
    delete_reference(connection, city_id=city_id, **key)
    connection.execute(
        insert(reference_set).values(
            city_id=city_id, **key, licence=described.licence, attribution=described.attribution
        )
    )
    count = 0
    batch: list[ReferenceFeature] = []
    for feature in features:
        batch.append(feature)
        count += 1
        if len(batch) == _BATCH:
            _insert(connection, {"city_id": city_id, **key}, batch)
            batch = []
    _insert(connection, {"city_id": city_id, **key}, batch)
    return count


def delete_reference(connection: Connection, *, city_id: int, kind: str, name: str) -> None:
    """Delete a set with its features, if it is there."""
    columns = reference_set.c
    connection.execute(
        delete(reference_set).where(columns.city_id == city_id, columns.kind == kind, columns.name == name)
    )


def list_reference(connection: Connection, *, city_id: int) -> list[LoadedSet]:
    """Return every set of a city by kind and name."""
    sets, features = reference_set.c, reference_feature.c
    count = (
        select(func.count())
        .where(features.city_id == sets.city_id, features.kind == sets.kind, features.name == sets.name)
        .scalar_subquery()
    )
    query = (
        select(sets.kind, sets.name, count.label("features"), sets.loaded_at, sets.licence)
        .where(sets.city_id == city_id)
        .order_by(sets.kind, sets.name)
    )
    return [LoadedSet(**row._mapping) for row in connection.execute(query)]


def _insert(connection: Connection, key: dict[str, Any], batch: list[ReferenceFeature]) -> None:
    if batch:
        connection.execute(_FEATURES, {**key, "rows": msgspec.json.encode(batch).decode()})
