"""SQL of interventions and of their effects, each told once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec
import shapely
from geoalchemy2.functions import ST_AsBinary
from geoalchemy2.shape import from_shape
from shapely.geometry import MultiPolygon
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql

from analysis.effect.result import Evaluation
from server.models.intervention import intervention, intervention_effect

Audience = Literal["public", "planner"]
AUDIENCES: tuple[Audience, ...] = ("public", "planner")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is said of an intervention."""

    instrument_id: str
    name: str
    kind: str
    area: MultiPolygon
    begins_on: date
    completes_on: date | None = None
    """None: complete on the day it begins."""
    follow_up_days: int
    targets: tuple[str, ...] = ()
    cost: Decimal | None = None
    currency: str | None = None
    owner: str | None = None
    partners: tuple[str, ...] = ()
    reason: str | None = None
    status: str = "planned"


@dataclass(frozen=True, kw_only=True)
class InterventionRow(Terms):
    """One intervention in the store."""

    intervention_id: UUID
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class ToldEffect:
    """An effect that has been told, and will not be told differently."""

    intervention_id: UUID
    audience: Audience
    as_of: datetime
    evaluation: Evaluation


_OTHERS = [column for column in intervention.c if column.name not in ("city_id", "area")]
_SELECT = select(*_OTHERS, ST_AsBinary(intervention.c.area).label("area"))


def insert_intervention(connection: Connection, *, city_id: int, intervention_id: UUID, terms: Terms) -> None:
    """Add an intervention."""
    connection.execute(
        insert(intervention).values(city_id=city_id, intervention_id=intervention_id, **_columns(terms))
    )


def update_intervention(connection: Connection, *, city_id: int, intervention_id: UUID, terms: Terms) -> None:
    """Put other terms in the place of an intervention's."""
    own = (intervention.c.city_id == city_id) & (intervention.c.intervention_id == intervention_id)
    connection.execute(update(intervention).where(own).values(_columns(terms)))


def list_interventions(connection: Connection, *, city_id: int) -> list[InterventionRow]:
    """Return the interventions of a city in the order in which they begin."""
    query = _SELECT.where(intervention.c.city_id == city_id).order_by(
        intervention.c.begins_on, intervention.c.intervention_id
    )
    return [_row(row) for row in connection.execute(query)]


def find_intervention(
    connection: Connection, *, city_id: int, intervention_id: UUID
) -> InterventionRow | None:
    """Return one intervention."""
    row = connection.execute(
        _SELECT.where(intervention.c.city_id == city_id, intervention.c.intervention_id == intervention_id)
    ).one_or_none()
    return None if row is None else _row(row)


def insert_effects(connection: Connection, *, city_id: int, effects: Sequence[ToldEffect]) -> None:
    """Keep effects; one that has been told before stays as it was."""
    for effect in effects:
        values = {
            "city_id": city_id,
            "intervention_id": effect.intervention_id,
            "audience": effect.audience,
            "as_of": effect.as_of,
            "result": msgspec.to_builtins(effect.evaluation),
        }
        connection.execute(postgresql.insert(intervention_effect).values(values).on_conflict_do_nothing())


def list_effects(
    connection: Connection, *, city_id: int, audience: Audience | None = None
) -> dict[UUID, ToldEffect]:
    """Return the effects told to an audience, of either the planner's first, by intervention."""
    found = intervention_effect.c
    query = (
        select(found.intervention_id, found.audience, found.as_of, found.result)
        .where(found.city_id == city_id, *([found.audience == audience] if audience else []))
        .order_by(found.audience.desc())
    )
    return {
        row.intervention_id: ToldEffect(
            intervention_id=row.intervention_id,
            audience=row.audience,
            as_of=row.as_of,
            evaluation=msgspec.convert(row.result, Evaluation),
        )
        for row in connection.execute(query)
    }


def _columns(terms: Terms) -> Mapping[str, Any]:
    values = {name: getattr(terms, name) for name in Terms.__dataclass_fields__}
    return values | {
        "area": from_shape(terms.area, srid=4326),
        "targets": list(terms.targets),
        "partners": list(terms.partners),
    }


def _row(row: Any) -> InterventionRow:
    values = dict(row._mapping)
    values["area"] = shapely.from_wkb(bytes(values["area"]))
    values["targets"], values["partners"] = tuple(values["targets"]), tuple(values["partners"])
    return InterventionRow(**values)
