"""SQL of aggregates and of privacy budgets. Knows no audit: see the privacy contract in setup.cfg."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from server.models.aggregate import aggregate, privacy_budget

YEARLY_EPSILON = Decimal(4)
"""What may be spent of the audits of one year, where the city's `epsilon_per_year` says nothing else."""
_LIMIT = f"""(SELECT COALESCE((settings ->> 'epsilon_per_year')::numeric, {YEARLY_EPSILON})
              FROM city WHERE city.city_id = :city_id)"""  # noqa: S608 - a number of the program
_SPEND = text(f"""
INSERT INTO privacy_budget AS budget (city_id, year, spent)
SELECT :city_id, :year, CAST(:epsilon AS numeric) WHERE CAST(:epsilon AS numeric) <= {_LIMIT}
ON CONFLICT (city_id, year) DO UPDATE SET spent = budget.spent + excluded.spent
WHERE budget.spent + excluded.spent <= {_LIMIT}
RETURNING spent
""")
_BUDGET = text(f"""
SELECT {_LIMIT}, COALESCE(
    (SELECT spent FROM privacy_budget WHERE city_id = :city_id AND year = :year), 0)
""")  # noqa: S608 - as above


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question that is paid for, and its answer once there is one."""

    aggregate_id: str
    year: int
    epsilon: Decimal
    question: Mapping[str, Any]
    asked_at: datetime
    answer: Mapping[str, Any] | None
    answered_at: datetime | None
    fault: str | None


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What may be spent of the audits of one year, and what is."""

    year: int
    limit: Decimal
    spent: Decimal

    @property
    def left(self) -> Decimal:
        """What may still be spent; 0 where the limit was lowered below what is spent."""
        return max(self.limit - self.spent, Decimal(0))


_COLUMNS = [aggregate.c[field.name] for field in fields(Asked)]


def insert_question(
    connection: Connection,
    *,
    city_id: int,
    aggregate_id: str,
    year: int,
    epsilon: Decimal,
    question: Mapping[str, Any],
) -> bool:
    """Keep a question; return whether it is new. Whoever asks the same meanwhile waits for the commit."""
    values = {
        "city_id": city_id,
        "aggregate_id": aggregate_id,
        "year": year,
        "epsilon": epsilon,
        "question": dict(question),
    }
    statement = insert(aggregate).values(values).on_conflict_do_nothing()
    return connection.scalar(statement.returning(aggregate.c.aggregate_id)) is not None


def spend(connection: Connection, *, city_id: int, year: int, epsilon: Decimal) -> bool:
    """Add to what is spent of a year; return False, and add nothing, where the limit would be passed.

    One statement: the row is locked, and its newest state judged, until the commit of whoever spends.
    """
    values = {"city_id": city_id, "year": year, "epsilon": epsilon}
    return connection.execute(_SPEND, values).one_or_none() is not None


def find_budget(connection: Connection, *, city_id: int, year: int) -> Budget:
    """Return the budget of a year."""
    limit, spent = connection.execute(_BUDGET, {"city_id": city_id, "year": year}).one()
    return Budget(year=year, limit=limit, spent=spent)


def list_years(connection: Connection, *, city_id: int) -> list[int]:
    """Return the years of which something is spent."""
    query = select(privacy_budget.c.year).where(privacy_budget.c.city_id == city_id)
    return list(connection.scalars(query.order_by(privacy_budget.c.year)))


def find_aggregate(connection: Connection, *, city_id: int, aggregate_id: str) -> Asked | None:
    """Return a question that is paid for, None where it is not."""
    row = connection.execute(_one(city_id, aggregate_id)).one_or_none()
    return None if row is None else Asked(**row._mapping)


def get_aggregate(connection: Connection, *, city_id: int, aggregate_id: str) -> Asked:
    """Return a question that is known to be paid for."""
    return Asked(**connection.execute(_one(city_id, aggregate_id)).one()._mapping)


def list_aggregates(connection: Connection, *, city_id: int) -> list[Asked]:
    """Return every question that is paid for, the latest first."""
    order = (aggregate.c.asked_at.desc(), aggregate.c.aggregate_id)
    query = select(*_COLUMNS).where(aggregate.c.city_id == city_id).order_by(*order)
    return [Asked(**row._mapping) for row in connection.execute(query)]


def keep_answer(
    connection: Connection, *, city_id: int, aggregate_id: str, answer: Mapping[str, Any]
) -> None:
    """Keep an answer, unless there is one: of two that were drawn, nobody ever sees the second."""
    _update(connection, city_id, aggregate_id, answer=dict(answer), answered_at=func.now(), fault=None)


def tell_fault(connection: Connection, *, city_id: int, aggregate_id: str, fault: str | None) -> None:
    """Say why a question could not be answered; None: another try may be under way."""
    _update(connection, city_id, aggregate_id, fault=fault)


def _one(city_id: int, aggregate_id: str) -> Select[Any]:
    return select(*_COLUMNS).where(aggregate.c.city_id == city_id, aggregate.c.aggregate_id == aggregate_id)


def _update(connection: Connection, city_id: int, aggregate_id: str, **values: object) -> None:
    connection.execute(
        update(aggregate)
        .where(
            aggregate.c.city_id == city_id,
            aggregate.c.aggregate_id == aggregate_id,
            aggregate.c.answered_at.is_(None),
        )
        .values(**values)
    )
