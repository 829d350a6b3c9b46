"""A deficit handed over: once whatever happens, to the configured address alone."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from server import outgoing
from server.cities import City
from server.city_form import read_entries
from server.errors import Conflict, Invalid
from server.handoff.deficit import Deficit
from server.handoff.endpoint import Endpoint
from tests.server.handoff.agency import CITY, KEY, Agency
from tests.server.handoff.conftest import send, statuses, stored
from tests.server.places import Places


def test_a_request_says_what_is_missing_where_and_on_what_evidence(
    own: Places, city: City, deficit: Deficit, endpoint: Endpoint, agency: Agency
) -> None:
    made = send(own, city, deficit, endpoint)
    (posted,) = agency.posts
    assert (posted["api_key"], posted["jurisdiction_id"], posted["service_code"]) == (KEY, CITY, "LIGHT-1")
    assert posted["address_string"] == "Bank & Sons Street and Mall Road"
    assert 28.57 < float(posted["lat"]) < 28.63
    assert 77.22 < float(posted["long"]) < 77.28
    assert posted["description"].startswith("Lighting: Bank & Sons Street and Mall Road. Lighting: ")
    assert "at least 20" in posted["description"]
    assert posted["description"].endswith(f"safeaudit {made.intervention_id}")
    assert (made.state, made.service_request_id) == ("sent", "293944")
    assert KEY not in json.dumps(dict(stored(own.database, city).fields))
    assert statuses(own.database, city)["service request"] == "requested"


def test_sent_again_it_is_not_sent_again(
    own: Places, city: City, deficit: Deficit, endpoint: Endpoint, agency: Agency
) -> None:
    first = send(own, city, deficit, endpoint)
    assert send(own, city, deficit, endpoint) == first
    assert send(own, city, deficit, endpoint, again=True) == first
    assert len(agency.posts) == 1


def test_many_at_once_send_one(
    own: Places, city: City, deficit: Deficit, endpoint: Endpoint, agency: Agency
) -> None:
    def attempt(_: int) -> str:
        try:
            return send(own, city, deficit, endpoint).state
        except Conflict:
            return "conflict"

    agency.lists = False  # else those who come too late would find it there
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(attempt, range(8)))
    assert "sent" in told
    assert len(agency.posts) == 1
    assert stored(own.database, city).service_request_id == "293944"


@pytest.mark.parametrize("mode", ["lost", "garbled", "bomb"])
def test_an_answer_that_got_lost_is_looked_for(
    own: Places, city: City, deficit: Deficit, endpoint: Endpoint, agency: Agency, mode: str
) -> None:
    agency.mode = mode
    with pytest.raises(Conflict, match="may have arrived"):
        send(own, city, deficit, endpoint)
    assert stored(own.database, city).state == "unknown"
    agency.mode = "realtime"
    found = send(own, city, deficit, endpoint)
    assert (found.state, found.service_request_id, found.status) == ("sent", "293944", "open")
    assert len(agency.posts) == 1


def test_where_it_cannot_be_found_only_the_operator_may_say_again(
    own: Places, city: City, deficit: Deficit, endpoint: Endpoint, agency: Agency
) -> None:
    agency.mode, agency.lists = "down", False
    for _ in range(3):
        with pytest.raises(Conflict, match="may have arrived"):
            send(own, city, deficit, endpoint)
    assert len(agency.posts) == 1
    agency.mode = "realtime"
    assert send(own, city, deficit, endpoint, again=True).state == "sent"
    assert len(agency.posts) == 2


def test_what_is_refused_or_never_left_may_be_sent_again(
    own: Places, city: City, deficit: Deficit, endpoint: Endpoint, agency: Agency
) -> None:
    with pytest.raises(Conflict, match="api_key is not known"):
        send(own, city, deficit, replace(endpoint, api_key="wrong"))
    assert stored(own.database, city).state == "refused"
    assert statuses(own.database, city)["service request"] == "cancelled"
    with pytest.raises(Conflict, match="cannot be reached"):
        send(own, city, deficit, replace(endpoint, url="http://127.0.0.1:1/v2"))
    assert stored(own.database, city).state == "unsent"
    assert send(own, city, deficit, endpoint).state == "sent"
    assert statuses(own.database, city)["service request"] == "requested"
    assert len(agency.requests) == 1


def test_no_redirect_is_followed(
    own: Places, city: City, deficit: Deficit, endpoint: Endpoint, agency: Agency
) -> None:
    agency.mode = "moved"
    with pytest.raises(Conflict, match="answers 307 and leads elsewhere"):
        send(own, city, deficit, endpoint)
    assert len(agency.posts) == 1


def test_an_answer_without_end_is_cut_off(
    own: Places,
    city: City,
    deficit: Deficit,
    endpoint: Endpoint,
    agency: Agency,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outgoing, "LARGEST_ANSWER", 20)
    with pytest.raises(Conflict, match="more than 20 bytes"):
        send(own, city, deficit, endpoint)
    assert stored(own.database, city).state == "unknown"


def test_a_server_without_numbers_has_taken_it_all_the_same(
    own: Places, city: City, deficit: Deficit, endpoint: Endpoint, agency: Agency
) -> None:
    agency.mode = "blackbox"
    assert send(own, city, deficit, endpoint).state == "sent"
    assert send(own, city, deficit, endpoint).service_request_id is None
    assert len(agency.posts) == 1


def test_a_parameter_without_a_service_is_refused_before_anything_is_kept(
    own: Places, city: City, endpoint: Endpoint, deficit: Deficit
) -> None:
    with pytest.raises(Invalid, match="names no service"):
        send(own, city, replace(deficit, parameter="openness"), endpoint)
    assert "service request" not in statuses(own.database, city)


@pytest.mark.parametrize(
    "said",
    [
        "no json",
        '{"url": "http://a.example"}',
        '{"url": "ftp://a.example", "services": {"lighting": "1"}}',
        '{"url": "https://me:secret@a.example", "services": {"lighting": "1"}}',
        '{"url": "https://a.example", "services": {"lighting": ""}}',
        '{"url": "https://a.example", "services": {"lighting": "1"}, "key": "k"}',
    ],
)
def test_an_endpoint_that_cannot_be_used_is_refused(said: str) -> None:
    with pytest.raises(Invalid):
        read_entries([("open311", said)])
