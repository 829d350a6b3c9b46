"""Handing over by HTTP: what the command does, for planners' keys."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from server.actors import Role
from server.app import create_app
from server.cities import City
from server.handoff.deficit import Deficit
from server.services.create_key import create_key
from server.settings import Settings
from tests.server.handoff.agency import KEY, Agency
from tests.server.places import Places

REQUESTS = "/api/v1/cities/testville/requests"


@pytest.fixture
def client(own: Places, city: City, tmp_path: Path) -> FlaskClient:
    """Return a planner's client."""
    with own.database.transaction() as connection:
        key = create_key(connection, city_id=city.city_id, role=Role.PLANNER, name="test").token
    settings = Settings(home=tmp_path, open311_keys={"testville": KEY})
    client = create_app(settings, own.database, own.cities).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


def test_a_planner_sends_a_request_once(client: FlaskClient, deficit: Deficit, agency: Agency) -> None:
    asked = {"place": deficit.feature_id, "rating": "lighting", "send": True}
    first, second = (client.post(REQUESTS, json=asked) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json == second.json
    assert len(agency.posts) == 1
    told = first.json
    assert told is not None
    assert (told["state"], told["rating"]) == ("sent", "lighting")
    assert told["service_request_id"] in agency.requests
    listed = client.get("/api/v1/cities/testville/interventions").json
    assert listed is not None
    assert [
        one["status"] for one in listed["interventions"] if one["intervention"] == told["intervention"]
    ] == ["requested"]


def test_without_sending_it_is_written_for_other_means(
    client: FlaskClient, deficit: Deficit, agency: Agency
) -> None:
    told = client.post(REQUESTS, json={"place": deficit.feature_id}).json
    assert told is not None
    assert told["state"] == "written"
    assert {"lat", "long", "description"} <= told["fields"].keys()
    assert agency.posts == []


def test_what_cannot_be_handed_over_is_named(client: FlaskClient, deficit: Deficit, agency: Agency) -> None:
    assert client.post(REQUESTS, json={"place": "nowhere"}).status_code == 404
    wrong = client.post(REQUESTS, json={"place": deficit.feature_id, "rating": "taste"})
    assert (wrong.status_code, wrong.json and wrong.json["errors"][0]["pointer"]) == (422, "/rating")
    agency.mode = "down"
    away = client.post(REQUESTS, json={"place": deficit.feature_id, "rating": "lighting", "send": True})
    assert away.status_code == 409
    del client.environ_base["HTTP_AUTHORIZATION"]
    assert client.post(REQUESTS, json={"place": deficit.feature_id}).status_code == 401
