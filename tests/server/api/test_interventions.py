"""Interventions over HTTP: planned by planners, told to everybody."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text

from analysis.effect.result import Effect, Evaluation, Month
from server.actors import Role
from server.cities import City
from server.database import Database
from server.queries.interventions import Audience, ToldEffect, insert_effects
from tests.server.api.people import Person

TODAY = datetime.now(UTC).date()
RING = [[77.24, 28.59], [77.26, 28.59], [77.26, 28.61], [77.24, 28.61], [77.24, 28.59]]
AREA = {"type": "Polygon", "coordinates": [RING]}
EFFECT = Effect(estimate=0.4, low=0.1, high=0.7, p=0.012, detectable=0.3, top=3.0)


def lights(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Lights on Mill Road",
        "kind": "street lights",
        "area": AREA,
        "from": (TODAY - timedelta(days=200)).isoformat(),
        "targets": ["lighting"],
        "cost": 250000,
        "currency": "INR",
        "owner": "City works",
        "partners": ["Residents of ward 4"],
        "reason": "the darkest way to the station",
        "status": "done",
        **changes,
    }


@pytest.fixture
def planner(give_key: Callable[..., Person]) -> Person:
    return give_key(Role.PLANNER)


def tell(database: Database, city: City, intervention: str, *, audience: Audience = "planner") -> None:
    """Tell an effect, as a run does."""
    told = ToldEffect(
        intervention_id=UUID(intervention),
        audience=audience,
        as_of=datetime.now(UTC),
        evaluation=Evaluation(
            reason="",
            audits=(60, 90),
            auditors=(12, 15),
            effect=EFFECT,
            score=EFFECT,
            ratings={"lighting": EFFECT, "feeling": None},
            months=(Month(month=-1, effect=EFFECT, audits=9),),
            places=40,
        ),
    )
    with database.transaction() as connection:
        insert_effects(connection, city_id=city.city_id, effects=[told, told])


def test_everybody_sees_what_is_public_and_planners_the_rest(
    planner: Person, stranger: Person, amina: Person
) -> None:
    made = planner.post("interventions", lights()).json
    place = f"interventions/{made['intervention']}"
    assert made["partners"] == ["Residents of ward 4"]
    assert (made["follow_up_days"], made["instrument"]) == (90, "safetipin-9")
    for somebody in (stranger, amina):
        seen = somebody.get(place)
        assert seen.json["name"] == "Lights on Mill Road"
        assert seen.json["effect"] is seen.json["n"] is None
        assert not {"partners", "reason", "evaluation"} & set(seen.json)
        assert somebody.get("interventions").json["interventions"] == [seen.json]
    assert "public" in stranger.get(place).headers["Cache-Control"]
    assert "no-store" in planner.get(place).headers["Cache-Control"]
    assert planner.get("interventions").json["interventions"][0]["reason"]


def test_planners_see_the_effect_once_it_is_told(
    planner: Person, stranger: Person, database: Database, city: City
) -> None:
    made = planner.post("interventions", lights()).json["intervention"]
    assert planner.get(f"interventions/{made}").json["evaluation"] is None
    tell(database, city, made)
    told = planner.get(f"interventions/{made}").json["evaluation"]
    assert told["effect"] == msgspec.to_builtins(EFFECT)
    assert told["effect_per_1000"]["estimate"] == pytest.approx(0.4 / 250)
    assert (told["audits_before"], told["audits_after"], told["places"]) == (60, 90, 40)
    assert told["ratings"]["feeling"] is None
    assert stranger.get(f"interventions/{made}").json["effect"] is None, "the public has its own"


def test_what_is_told_fixes_place_days_and_targets(planner: Person, database: Database, city: City) -> None:
    made = planner.post("interventions", lights()).json["intervention"]
    place = f"interventions/{made}"
    assert planner.patch(place, {"targets": [], "to": TODAY.isoformat()}).json["targets"] == []
    tell(database, city, made)
    assert planner.patch(place, {"from": "2020-01-01"}).status_code == 409
    assert planner.patch(place, {"owner": None, "cost": None, "currency": None}).json["cost"] is None


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (lights(name=""), "/name"),
        (lights(**{"from": "soon"}), "/from"),
        (lights(**{"from": "2026-02-30"}), "/from"),
        (lights(to="2019-01-01"), "/to"),
        (lights(**{"from": (TODAY + timedelta(days=5)).isoformat()}), "/status"),
        (lights(targets=["lamps"]), "/targets/0"),
        (lights(cost=-1), "/cost"),
        (lights(currency=None), "/currency"),
        (lights(area={"type": "Point", "coordinates": [77.25, 28.6]}), "/area"),
        (lights(area={"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [2, 2], [1, 1]]]}), "/area"),
        (lights(follow_up_days=1), "/follow_up_days"),
        (lights(colour="red"), "/colour"),
    ],
)
def test_an_intervention_that_is_none_is_refused(
    planner: Person, database: Database, body: dict[str, Any], pointer: str
) -> None:
    response = planner.post("interventions", body)
    assert response.status_code == 422
    assert pointer in {fault["pointer"] for fault in response.json["errors"]}
    with database.transaction() as connection:
        assert connection.scalar(text("SELECT count(*) FROM intervention")) == 0


def test_nothing_is_there_for_others(planner: Person, give_key: Callable[..., Person]) -> None:
    foreign = give_key(Role.PLANNER, "othertown")
    made = planner.post("interventions", lights()).json["intervention"]
    for unknown in (uuid4(), "7"):
        assert planner.get(f"interventions/{unknown}").status_code == 404
        assert planner.patch(f"interventions/{unknown}", {"owner": "X"}).status_code == 404
    assert foreign.get(f"/api/v1/cities/othertown/interventions/{made}").status_code == 404
    assert foreign.patch(f"interventions/{made}", {"owner": "X"}).status_code == 401
    assert planner.patch(f"interventions/{made}", {}).status_code == 422
