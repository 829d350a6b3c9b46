"""What became of a request: asked each night, shown on hotspots and interventions."""

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

from procrastinate import JobContext

from server.app import create_app
from server.cities import City
from server.handoff.deficit import Deficit
from server.handoff.endpoint import Endpoint
from server.handoff.following import follow_requests
from server.jobs import NIGHT_HOUR, nightly
from server.publishing.analyse_city import analyse_city
from server.settings import Settings
from tests.server.handoff.agency import KEY, Agency
from tests.server.handoff.conftest import layer, send, stored
from tests.server.places import Places


def test_tokens_and_statuses_are_followed_until_closed(
    own: Places, city: City, deficit: Deficit, endpoint: Endpoint, agency: Agency
) -> None:
    agency.mode = "batch"
    made = send(own, city, deficit, endpoint)
    assert (made.service_request_id, made.token) == (None, "t/293944")
    (early,) = follow_requests(own.database, city, endpoint)  # the token is not known yet
    assert (early.state, early.status) == ("sent", None)
    agency.tokens["t%2F293944"] = "293944"
    (known,) = follow_requests(own.database, city, endpoint)
    assert (known.service_request_id, known.status) == ("293944", "open")
    agency.requests["293944"] |= {"status": "closed", "status_notes": "three lamps mended"}
    (closed,) = follow_requests(own.database, city, endpoint)
    assert (closed.status, closed.status_notes) == ("closed", "three lamps mended")
    asked = len(agency.asked)
    follow_requests(own.database, city, endpoint)
    assert len(agency.asked) == asked


def test_each_night_requests_are_followed_where_it_is_night(
    own: Places, city: City, deficit: Deficit, endpoint: Endpoint, agency: Agency
) -> None:
    send(own, city, deficit, endpoint)
    agency.requests["293944"]["status"] = "closed"
    given = {"database": own.database, "cities": own.cities, "open311_keys": {"testville": KEY}}
    context = cast(JobContext, SimpleNamespace(additional_context=given))
    at_noon, at_night = (
        datetime(2026, 11, 20, hour, 7, tzinfo=ZoneInfo(city.time_zone)) for hour in (12, NIGHT_HOUR)
    )
    nightly(context, int(at_noon.timestamp()))
    assert stored(own.database, city).status is None
    nightly(context, int(at_night.timestamp()))
    assert stored(own.database, city).status == "closed"


def test_the_next_run_shows_it_on_the_hotspot_and_everybody_on_the_intervention(
    own: Places, city: City, deficit: Deficit, endpoint: Endpoint, agency: Agency, tmp_path: Path
) -> None:
    made = send(own, city, deficit, endpoint)
    follow_requests(own.database, city, endpoint)
    analyse_city(own.database, city)
    for name in ("hotspots-now", "hotspots"):
        columns = layer(own.database, city, name).columns
        told = [
            status
            for needs, status in zip(columns["needs"], columns["status"], strict=True)
            if "lighting" in str(needs)
        ]
        assert told == ["requested"], name
    client = create_app(Settings(home=tmp_path), own.database, own.cities).test_client()
    shown = client.get(f"/api/v1/cities/testville/interventions/{made.intervention_id}").json
    assert shown["status"] == "requested"
    assert shown["request"].keys() == {"service_request_id", "status", "updated_at"}
    assert (shown["request"]["service_request_id"], shown["request"]["status"]) == ("293944", "open")
