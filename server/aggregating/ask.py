"""Ask a question: it is paid for from the budget of its year, and answered later; the same again is free."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection

from server.aggregating.extra import need_opendp
from server.aggregating.question import Question, check
from server.cities import City
from server.database import Database
from server.errors import Conflict
from server.period import Period
from server.queries.aggregates import (
    Asked,
    Budget,
    find_aggregate,
    find_budget,
    get_aggregate,
    insert_question,
    list_years,
    spend,
    tell_fault,
)
from server.queries.events import insert_event
from server.queries.jobs import enqueue_aggregate


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a question would spend if it were asked now."""

    epsilon: Decimal
    """0 where it was asked before."""
    budget: Budget
    known: bool
    """Whether it was asked before."""


def cost_of(database: Database, city: City, question: Question, *, now: datetime) -> Cost:
    """Return what a question costs and what is left for it; spends nothing. Refusals as by `check`."""
    check(question, city, now=now)
    with database.layer_reading() as connection:
        known = find_aggregate(connection, city_id=city.city_id, aggregate_id=question.id) is not None
        budget = find_budget(connection, city_id=city.city_id, year=question.year)
    return Cost(epsilon=Decimal(0) if known else question.cost, budget=budget, known=known)


def ask(database: Database, city: City, question: Question, *, actor: str, now: datetime) -> Asked:
    """Return the question, paid for, with its answer if it has one; else a job will give it.

    Payment, question and job are committed together, before anything is computed, and nothing gives the
    payment back. Conflict where the budget of the year has too little left, or as by `check`.
    """
    need_opendp()
    check(question, city, now=now)
    city_id, year = city.city_id, question.year
    with database.transaction() as connection:
        if insert_question(
            connection,
            city_id=city_id,
            aggregate_id=question.id,
            year=year,
            epsilon=question.cost,
            question=question.to_json(),
        ):
            _pay(connection, city, question, actor=actor)
        asked = get_aggregate(connection, city_id=city_id, aggregate_id=question.id)
        if asked.answer is None:
            tell_fault(connection, city_id=city_id, aggregate_id=question.id, fault=None)
            enqueue_aggregate(connection, city_id=city_id, aggregate_id=question.id)
    return asked


def budgets(connection: Connection, city: City, *, today: date) -> list[Budget]:
    """Return the budgets of years of which something is spent, of last year and of this, the latest first."""
    years = {*list_years(connection, city_id=city.city_id), today.year - 1, today.year}
    return [find_budget(connection, city_id=city.city_id, year=year) for year in sorted(years, reverse=True)]


def opens_on(year: int) -> date:
    """Return the first day on which the audits of a year may be asked for: after its first quarter."""
    return Period(year * 4).released_from


def _pay(connection: Connection, city: City, question: Question, *, actor: str) -> None:
    if not spend(connection, city_id=city.city_id, year=question.year, epsilon=question.cost):
        raise Conflict(_too_little(find_budget(connection, city_id=city.city_id, year=question.year)))
    detail = {"aggregate": question.id, "epsilon": question.epsilon, "year": question.year}
    insert_event(connection, city_id=city.city_id, actor=actor, action="aggregate.ask", detail=detail)


def _too_little(budget: Budget) -> str:
    following = budget.year + 1
    return (
        f"an epsilon of {budget.limit} may ever be spent of the audits of {budget.year}; {budget.spent} is, "
        f"so {budget.left} is left, less than this asks. Ask for less, or what was asked before, which is "
        f"free. The audits of {following} have a budget of their own, which opens on {opens_on(following)}"
    )
