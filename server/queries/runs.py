"""SQL of runs: one analysis of one city each, immutable once published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, select, text

from server.models.layer import layer, run

# The first number sets apart what is locked; any will do that nobody else takes.
_LOCK_RUNS = text("SELECT pg_advisory_xact_lock(7208112, :city_id)")
_SNAPSHOT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


@dataclass(frozen=True)
class Run:
    """One published run."""

    run_id: int
    as_of: datetime
    finished_at: datetime
    public: bool


@dataclass(frozen=True)
class RunRecord(Run):
    """One published run with how it was made."""

    started_at: datetime
    seed: int
    parameters: Mapping[str, Any]
    """k, resolution, software, and by instrument what a finding remembers of its making."""


_KEPT = run.c.finished_at.is_not(None) & exists().where(
    layer.c.city_id == run.c.city_id, layer.c.run_id == run.c.run_id
)
_PUBLISHED = select(*(run.c[field.name] for field in fields(Run))).where(_KEPT)
_RECORDS = select(*(run.c[field.name] for field in fields(RunRecord))).where(_KEPT)


def wait_for_runs(connection: Connection, *, city_id: int) -> None:
    """Wait until no other run of this city is under way, and hold back later ones until the commit."""
    connection.execute(_LOCK_RUNS, {"city_id": city_id})


def take_snapshot(connection: Connection) -> None:
    """Let every later statement of this transaction see the store at one moment; call it first."""
    connection.execute(_SNAPSHOT)


def insert_run(connection: Connection, *, city_id: int, values: Mapping[str, Any]) -> int:
    """Return the id of a new run, larger than every earlier one's; `values` are its further columns."""
    statement = insert(run).values(city_id=city_id, **values).returning(run.c.run_id)
    return int(connection.execute(statement).scalar_one())


def read_parameters(connection: Connection, *, city_id: int, run_id: int) -> Mapping[str, Any]:
    """Return the record of how a run was made."""
    query = select(run.c.parameters).where(run.c.city_id == city_id, run.c.run_id == run_id)
    parameters: Mapping[str, Any] = connection.execute(query).scalar_one()
    return parameters


def list_published(connection: Connection, *, city_id: int) -> Sequence[Run]:
    """Return the runs that still have their layers, the latest first."""
    rows = connection.execute(_PUBLISHED.where(run.c.city_id == city_id).order_by(run.c.run_id.desc()))
    return [Run(**row._mapping) for row in rows]


def list_records(connection: Connection, *, city_id: int) -> Sequence[RunRecord]:
    """Return how the runs were made that still have their layers, the latest first."""
    rows = connection.execute(_RECORDS.where(run.c.city_id == city_id).order_by(run.c.run_id.desc()))
    return [RunRecord(**row._mapping) for row in rows]


def find_run_before(connection: Connection, *, city_id: int, as_of: datetime) -> Run | None:
    """Return the last run, of those that are public, as of a moment before this one."""
    rows = connection.execute(
        _PUBLISHED.where(run.c.city_id == city_id, run.c.public, run.c.as_of < as_of)
        .order_by(run.c.run_id.desc())
        .limit(1)
    )
    row = rows.one_or_none()
    return None if row is None else Run(**row._mapping)


def delete_layers(connection: Connection, *, city_id: int, run_ids: Sequence[int]) -> None:
    """Delete the layers of runs, rows included; the runs stay, as admissions tell by which run."""
    connection.execute(delete(layer).where(layer.c.city_id == city_id, layer.c.run_id.in_(run_ids)))
