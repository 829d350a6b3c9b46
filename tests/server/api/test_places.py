"""What happened at one's own places: what everybody may know of them, and nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from geo.cells import polygon, to_text
from geo.geojson import write
from server.actors import Role
from server.cities import City
from server.database import Database
from server.publishing.analyse_city import analyse_city
from tests.server.api.people import Person, audit
from tests.server.api.test_interventions import tell
from tests.server.publishing.conftest import Town, scattered

TODAY = datetime.now(UTC).date()


@pytest.fixture
def planner(give_key: Callable[..., Person]) -> Person:
    return give_key(Role.PLANNER)


@pytest.fixture
def town(database: Database, city: City) -> Town:
    return Town(database, city)


def works(planner: Person, cell: int, **terms: Any) -> str:
    body = {
        "name": "Lights",
        "kind": "street lights",
        "area": write(polygon(cell)),
        "from": TODAY.isoformat(),
    }
    made = planner.post("interventions", body | {"targets": ["lighting"], "reason": "secret"} | terms)
    assert made.status_code == 201, made.json
    return str(made.json["intervention"])


def places(person: Person, path: str = "devices/me/places") -> dict[str, dict[str, Any]]:
    return {place["cell"]: place for place in person.get(path).json["places"]}


def test_an_auditor_sees_her_places_and_what_became_of_them(
    amina: Person, bela: Person, planner: Person, town: Town
) -> None:
    assert amina.get("devices/me/places").json == {"places": [], "next": None}
    scattered(town, auditors=30, places=91, seed=1)
    lonely = 200
    assert amina.device is not None
    town.audits([(UUID(amina.device), place, 0) for place in (0, 0, 80, lonely)], at=datetime.now(UTC))
    town.audits([(UUID(amina.device), 3, 0)], used=False, flags=["practice"])
    planned = works(planner, town.cell(0), status="planned")
    asked = works(planner, town.cell(lonely), status="requested", name="A path")
    assert not any(place["heard"] for place in places(amina).values()), "no run yet"

    analyse_city(town.database, town.city)
    seen = places(amina)
    assert seen.keys() == {to_text(town.cell(place)) for place in (0, 80, lonely)}
    bad, good, alone = (seen[to_text(town.cell(place))] for place in (0, 80, lonely))
    assert (bad["audits"], bad["heard"], good["heard"]) == (2, True, True)
    assert (bad["hotspot"]["status"], good["hotspot"]) == ("planned", None)
    assert [(work["intervention"], work["status"]) for work in bad["interventions"]] == [(planned, "planned")]
    assert bad["score"]["score"] < good["score"]["score"]
    assert (alone["heard"], alone["score"], alone["hotspot"]) == (False, None, None)
    assert [work["intervention"] for work in alone["interventions"]] == [asked]
    assert "secret" not in amina.get("devices/me/places").text
    assert places(bela) == {}
    assert bela.get("devices/me/places").headers["Cache-Control"] == "private, no-store"


def test_what_waits_to_be_heard_looks_the_same_whoever_waits_with_it(amina: Person, town: Town) -> None:
    """Else whoever sends audits learns from his own places how many others audit there."""
    assert amina.device is not None
    town.audits([(UUID(amina.device), place, 0) for place in (0, 1)], at=datetime.now(UTC))
    town.audit(town.people(town.city.k - 1), 0)
    analyse_city(town.database, town.city)
    one, other = ({**place, "cell": ""} for place in places(amina).values())
    assert one == other
    assert not one["heard"]


def test_an_effect_is_told_once_everybody_is_told(amina: Person, planner: Person, town: Town) -> None:
    assert amina.device is not None
    town.audits([(UUID(amina.device), 0, 0)], at=datetime.now(UTC))
    made = works(planner, town.cell(0), status="done")

    def work() -> dict[str, Any]:
        [place] = places(amina).values()
        [told] = place["interventions"]
        return dict(told)

    tell(town.database, town.city, made)
    analyse_city(town.database, town.city)
    assert work()["effect"] is work()["n"] is None, "planners alone know"
    tell(town.database, town.city, made, audience="public")
    assert work()["effect"] is None, "it is not published yet"
    analyse_city(town.database, town.city)
    assert (work()["effect"], work()["status"]) == (0.7, "done")


def test_places_come_in_pages_that_miss_none(amina: Person, town: Town) -> None:
    assert amina.device is not None
    town.audits([(UUID(amina.device), place, 1) for place in range(5)])
    whole, found, path = places(amina), [], "devices/me/places?limit=2"
    while path:
        page = amina.get(path).json
        found += [place["cell"] for place in page["places"]]
        path = page["next"] and page["next"].partition("http://localhost")[2]
    assert found == sorted(whole)
    assert len(found) == 5


def test_withdrawn_audits_and_old_versions_are_no_places(amina: Person, town: Town) -> None:
    sent = audit()
    amina.post("audits", sent)
    elsewhere = {"lat": 28.60, "lng": 77.22, "accuracy_m": 8.0}
    amina.put(f"audits/{sent['id']}", {**sent, "location": elsewhere})
    [moved] = places(amina)
    assert moved == amina.get(f"audits/{sent['id']}").json["cell"]
    amina.delete(f"audits/{sent['id']}")
    assert places(amina) == {}


def test_a_receipt_follows_the_place_of_its_audit(
    amina: Person, stranger: Person, planner: Person, town: Town
) -> None:
    sent = audit(id=str(uuid4()), observed_at=(datetime.now(UTC) - timedelta(hours=1)).isoformat())
    receipt = amina.post("audits", sent).json["receipt"]
    asked = {"receipt": receipt, "action": "place"}
    address = "/api/v1/receipts"
    [own] = places(amina).values()
    assert stranger.post(address, asked).json == own
    amina.delete(f"audits/{sent['id']}")
    gone = stranger.post(address, asked)
    assert gone.status_code == 404
    assert "withdrawn" in gone.json["detail"]


@pytest.mark.parametrize("query", ["after=x", "limit=0", "limit=501", "instrument=none"])
def test_a_bad_parameter_is_named(amina: Person, query: str) -> None:
    refused = amina.get(f"devices/me/places?{query}")
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == f"?{query.partition('=')[0]}"
