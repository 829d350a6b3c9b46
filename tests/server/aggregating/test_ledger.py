"""What is spent is spent before anything is computed, once, for ever, and never beyond the limit."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from server.aggregating import answer as answering
from server.aggregating.answer import answer
from server.aggregating.ask import cost_of
from server.errors import Conflict, Unavailable
from server.queries.aggregates import find_budget, keep_answer, spend
from tests.server.aggregating.conftest import Researcher
from tests.server.publishing.conftest import Town
from tests.server.releasing.conftest import MADE


def test_the_same_question_is_paid_for_once_and_has_one_answer(researcher: Researcher) -> None:
    first = researcher.answered()
    again = researcher.answered()
    assert first.answer is not None
    assert again == first
    assert researcher.ask() == first
    assert researcher.spent() == Decimal("0.50")
    assert researcher.query("SELECT action, detail ->> 'epsilon' FROM event") == [("aggregate.ask", "0.50")]


OTHERS: tuple[dict[str, Any], ...] = (
    {"epsilon": 0.51},
    {"measure": "auditors"},
    {"resolution": 6},
    {"daypart": "night"},
    {"gender": "woman"},
    {"places_per_auditor": 5},
    {"period": "2025Q2"},
)


def test_every_part_of_a_question_makes_it_another(researcher: Researcher) -> None:
    ids = {researcher.question(**changes).id for changes in ({}, *OTHERS)}
    assert len(ids) == 1 + len(OTHERS)
    assert researcher.question(epsilon="0.5").id == researcher.question(epsilon=0.50).id


def test_a_budget_that_is_spent_refuses_in_plain_words_and_keeps_nothing(researcher: Researcher) -> None:
    for resolution in (5, 6, 7):
        researcher.ask(resolution=resolution, epsilon=1)
    researcher.ask(epsilon=0.9)
    with pytest.raises(Conflict) as refused:
        researcher.ask(epsilon=0.11)
    for words in ("4 may ever be spent", "3.90 is", "0.10 is left", "2026 have a budget", "2026-04-15"):
        assert words in refused.value.detail
    assert researcher.spent() == Decimal("3.90")
    assert researcher.query("SELECT count(*) FROM aggregate") == [(4,)]
    researcher.ask(epsilon=0.1)
    assert researcher.spent() == Decimal(4)
    assert researcher.answered(epsilon=0.9).answer is not None, "what was paid for is still answered"


def test_the_audits_of_another_year_and_of_another_city_have_a_budget_of_their_own(
    researcher: Researcher,
) -> None:
    for resolution in (5, 6, 7, 8):
        researcher.ask(resolution=resolution, epsilon=1)
    with pytest.raises(Conflict, match=r"0\.00 is left"):
        researcher.ask(period="2025Q1")
    researcher.ask(period="2024Q4")
    assert researcher.query("SELECT year, spent FROM privacy_budget ORDER BY 1") == [
        (2024, Decimal("0.50")),
        (2025, Decimal("4.00")),
    ]
    with researcher.town.database.transaction() as connection:
        other = connection.scalar(text("SELECT city_id FROM city WHERE slug = 'othertown'"))
        assert find_budget(connection, city_id=other, year=2025).left == Decimal(4)


def test_a_crash_between_paying_and_answering_costs_nothing_more_and_gives_nothing_back(
    researcher: Researcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for step in ("read_contributions", "aggregate", "keep_answer"):
        with monkeypatch.context() as patch:
            patch.setattr(answering, step, crash)
            with pytest.raises(KeyboardInterrupt):
                researcher.answered()
        assert researcher.spent() == Decimal("0.50")
        assert researcher.query("SELECT answer FROM aggregate") == [(None,)]
    assert researcher.answered().answer is not None
    assert researcher.spent() == Decimal("0.50")


def test_the_job_is_queued_with_the_payment_or_not_at_all(
    researcher: Researcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = "SELECT count(*) FROM jobs.procrastinate_jobs WHERE task_name = 'safeaudit:aggregate'"
    with monkeypatch.context() as patch:
        patch.setattr("server.aggregating.ask.enqueue_aggregate", _fail)
        with pytest.raises(RuntimeError):
            researcher.ask()
    assert (researcher.spent(), researcher.query(jobs)) == (0, [(0,)])
    for _ in range(3):
        researcher.ask()
    assert (researcher.spent(), researcher.query(jobs)) == (Decimal("0.50"), [(1,)])


def _fail(*_: object, **__: object) -> None:
    raise RuntimeError


def test_of_two_answers_that_were_drawn_the_second_is_never_seen(researcher: Researcher) -> None:
    found = researcher.answered()
    with researcher.town.database.transaction() as connection:
        keep_answer(
            connection,
            city_id=researcher.town.city.city_id,
            aggregate_id=found.aggregate_id,
            answer={"rows": []},
        )
    assert researcher.ask() == found


def test_who_spends_waits_for_who_spends_before(
    town: Town, meanwhile: Callable[[Callable[[], object]], Callable[[], object]]
) -> None:
    def spend_three() -> bool:
        with town.database.transaction() as connection:
            return spend(connection, city_id=town.city.city_id, year=2025, epsilon=Decimal(3))

    with town.database.transaction() as connection:
        assert spend(connection, city_id=town.city.city_id, year=2025, epsilon=Decimal(2))
        result = meanwhile(spend_three)
    assert result() is False
    assert Researcher(town).spent() == Decimal(2)


def test_a_lower_limit_holds_at_once_and_zero_turns_aggregates_off(researcher: Researcher) -> None:
    researcher.ask(epsilon=1)
    researcher.query("UPDATE city SET settings = '{\"epsilon_per_year\": 0.75}' RETURNING 1")
    with pytest.raises(Conflict, match=r"0\.75 may ever be spent.* 1\.00 is, so 0 is left"):
        researcher.ask(epsilon=0.01)
    with pytest.raises(Conflict):
        researcher.ask(epsilon=0.76, period="2024Q1")
    researcher.query("UPDATE city SET settings = '{\"epsilon_per_year\": 0}' RETURNING 1")
    with pytest.raises(Conflict):
        researcher.ask(epsilon=0.01, period="2024Q1")


def test_the_cost_is_told_beforehand_and_spends_nothing(researcher: Researcher) -> None:
    town = researcher.town
    cost = cost_of(town.database, town.city, researcher.question(), now=MADE)
    assert (cost.epsilon, cost.known, cost.budget.left) == (Decimal("0.50"), False, Decimal(4))
    assert researcher.spent() == 0
    researcher.ask()
    again = cost_of(town.database, town.city, researcher.question(), now=MADE)
    assert (again.epsilon, again.known, again.budget.left) == (0, True, Decimal("3.50"))


def test_without_opendp_nothing_is_spent_and_a_worker_without_it_tells(
    researcher: Researcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = researcher.ask()
    monkeypatch.setattr("server.aggregating.extra.find_spec", lambda _name: None)
    with pytest.raises(Unavailable, match="make dp"):
        researcher.ask(epsilon=0.6)
    assert researcher.spent() == Decimal("0.50")
    town = researcher.town
    with pytest.raises(Unavailable):
        answer(town.database, town.city, aggregate_id=paid.aggregate_id, now=MADE)
    assert "make dp" in researcher.query("SELECT fault FROM aggregate")[0][0]
    monkeypatch.undo()
    assert researcher.answered().fault is None


def test_nobody_s_question_has_no_answer(researcher: Researcher) -> None:
    town = researcher.town
    assert answer(town.database, town.city, aggregate_id="x", now=MADE) is None
