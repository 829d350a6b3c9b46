"""Aggregates over HTTP: researchers ask, everybody reads what was answered and what is left."""

from collections.abc import Callable

import pytest

from server.actors import Role
from server.api.context import Services
from server.cities import City
from server.database import Database
from tests.server.api.conftest import Work
from tests.server.api.people import Person
from tests.server.publishing.conftest import Town
from tests.server.releasing.conftest import MADE, people_of_a_summer

BODY = {"period": "2025Q3", "measure": "lighting", "resolution": 7, "epsilon": 0.5}


@pytest.fixture
def town(database: Database, city: City, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(Services, "now", lambda _self: MADE)
    town = Town(database, city)
    people_of_a_summer(town, places=3)
    return town


@pytest.fixture
def researcher(give_key: Callable[..., Person]) -> Person:
    return give_key(Role.ANALYST)


def test_a_question_is_costed_paid_for_answered_and_free_from_then_on(
    town: Town, researcher: Person, stranger: Person, work: Work
) -> None:
    cost = researcher.post("aggregates/cost", BODY).json
    assert (cost["epsilon"], cost["asked_before"], cost["affordable"]) == (0.5, False, True)
    assert cost["budget"] == {"year": 2025, "limit": 4, "spent": 0, "left": 4, "opens_on": "2025-04-15"}
    assert [part["of"] for part in cost["noise"]] == ["auditors", "total"]
    widths = [one["within"] for one in cost["mean_within"]]
    assert widths[0] is None
    assert widths[-1] < 1
    asked = researcher.post("aggregates", BODY)
    assert (asked.status_code, asked.json["status"], asked.json["rows"]) == (202, "waiting", [])
    assert stranger.get(asked.headers["Location"]).headers["Cache-Control"] == "no-store"
    work()
    answer = stranger.get(asked.headers["Location"])
    assert (answer.json["status"], answer.json["noise"]) == ("answered", cost["noise"])
    assert len(answer.json["rows"]) > 20
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = researcher.post("aggregates", BODY)
    assert (again.status_code, again.json) == (200, answer.json)
    assert researcher.post("aggregates/cost", BODY).json["epsilon"] == 0
    listed = stranger.get("aggregates").json
    assert [one["id"] for one in listed["aggregates"]] == [answer.json["id"]]
    assert [(one["year"], one["spent"]) for one in listed["budgets"]] == [(2025, 0.5), (2024, 0)]


REFUSED = (
    ({"period": "2025Q4"}, 409, "can be released from 2026-01-15"),
    ({"epsilon": 2}, 422, "/epsilon"),
    ({"epsilon": "0.5"}, 422, "/epsilon"),
    ({"resolution": 9}, 422, "/resolution"),
    ({"zones": "wards"}, 422, "/zones"),
    ({"measure": "x"}, 422, "/measure"),
    ({"gender": "x"}, 422, "/gender"),
    ({"places_per_auditor": 0}, 422, "/places_per_auditor"),
    ({"instrument": "x"}, 404, "no instrument"),
    ({"unknown": 1}, 422, "/unknown"),
)


def test_what_cannot_be_asked_is_told_why_and_costs_nothing(
    town: Town, researcher: Person, stranger: Person
) -> None:
    for changes, status, words in REFUSED:
        for path in ("aggregates", "aggregates/cost"):
            answer = researcher.post(path, {**BODY, **changes})
            assert answer.status_code == status, answer.json
            told = answer.json["detail"] + str(answer.json.get("errors"))
            assert words in told, told
    assert stranger.get("aggregates").json["aggregates"] == []
    for resolution in (5, 6, 7, 8):
        paid = researcher.post("aggregates", {**BODY, "resolution": resolution, "epsilon": 1})
        assert paid.status_code == 202
    refused = researcher.post("aggregates", {**BODY, "epsilon": 0.01})
    assert refused.status_code == 409
    assert "0.00 is left" in refused.json["detail"]
    assert "opens on 2026-04-15" in refused.json["detail"]
    assert researcher.post("aggregates/cost", {**BODY, "epsilon": 0.01}).json["affordable"] is False


def test_an_aggregate_that_nobody_asked_for_is_not_there(stranger: Person) -> None:
    assert stranger.get("aggregates/x").status_code == 404
    assert stranger.get("/api/v1/cities/nowhere/aggregates").status_code == 404
