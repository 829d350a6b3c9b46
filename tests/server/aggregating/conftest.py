"""A town with audits of a summer, and somebody who asks for aggregates of it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from server.aggregating.answer import answer
from server.aggregating.ask import ask
from server.aggregating.question import Question
from server.aggregating.wording import question_of
from server.cities import City
from server.database import Database
from server.queries.aggregates import Asked
from tests.server.publishing.conftest import Town
from tests.server.releasing.conftest import MADE, people_of_a_summer


@dataclass(frozen=True)
class Researcher:
    """Somebody who asks, and looks at what is kept."""

    town: Town

    def question(self, **changes: Any) -> Question:
        said = {"period": "2025Q3", "measure": "lighting", "resolution": 7, "epsilon": 0.5, **changes}
        return question_of(self.town.database, self.town.city, said)

    def ask(self, **changes: Any) -> Asked:
        """Ask, without waiting for an answer."""
        question = self.question(**changes)
        return ask(self.town.database, self.town.city, question, actor="operator", now=MADE)

    def answered(self, **changes: Any) -> Asked:
        asked = self.ask(**changes)
        found = answer(self.town.database, self.town.city, aggregate_id=asked.aggregate_id, now=MADE)
        assert found is not None
        return found

    def rows(self, **changes: Any) -> dict[str, dict[str, Any]]:
        """Return the rows of an answer by place."""
        found = self.answered(**changes)
        assert found.answer is not None, found.fault
        return {row["place"]: row for row in found.answer["rows"]}

    def spent(self) -> Decimal:
        return sum((spent for (spent,) in self.query("SELECT spent FROM privacy_budget")), Decimal(0))

    def query(self, sql: str) -> list[Any]:
        with self.town.database.transaction() as connection:
            return list(connection.execute(text(sql)))


@pytest.fixture
def researcher(town: Town) -> Researcher:
    return Researcher(town)


@pytest.fixture
def summer(researcher: Researcher) -> Researcher:
    """A researcher of a town with a summer's audits."""
    people_of_a_summer(researcher.town)
    return researcher


@pytest.fixture
def town(database: Database, terse_city: City) -> Town:
    return Town(database, terse_city)
