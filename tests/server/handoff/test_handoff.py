"""A deficit handed over: once whatever happens, to the configured address alone, and followed."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from procrastinate import JobContext
from sqlalchemy import make_url, text

from server.app import create_app
from server.cities import City, CityDirectory
from server.city_form import read_entries
from server.cli import main
from server.cluster.embedded import Cluster
from server.database import Database, connect
from server.errors import Conflict, Invalid, NotThere
from server.handoff import endpoint as endpoint_module
from server.handoff.deficit import Deficit, find_deficit
from server.handoff.endpoint import Endpoint
from server.handoff.following import follow_requests
from server.handoff.requesting import endpoint_of, send_request, write_request
from server.jobs import NIGHT_HOUR, nightly
from server.layer_table import LayerTable
from server.publishing.analyse_city import analyse_city
from server.queries.interventions import list_interventions
from server.queries.layers import list_latest
from server.queries.service_requests import ServiceRequest, list_requests
from server.services.change_city import change_city
from server.services.read_layer import read_layer
from server.settings import Settings
from tests.server.handoff.agency import CITY, KEY, Agency, serving
from tests.server.places import Places


@pytest.fixture
def agency() -> Iterator[Agency]:
    with serving() as found:
        yield found


@pytest.fixture
def own(places: Places, cluster: Cluster) -> Iterator[Places]:
    """A copy of the analysed town's store for one test."""
    places.database.dispose()
    name = f"test_{os.getpid()}_{uuid4().hex[:8]}"
    cluster.create_database(name, template=make_url(places.url).database)
    url = cluster.database_url(name)
    database = connect(url, pool_size=4)
    yield Places(url=url, database=database, cities=CityDirectory(database))
    database.dispose()
    cluster.drop_database(name)


@pytest.fixture
def city(own: Places, agency: Agency) -> City:
    said = {"url": agency.address, "jurisdiction_id": CITY, "services": {"lighting": "LIGHT-1"}}
    with own.database.transaction() as connection:
        change_city(connection, city=own.city, said=read_entries([("open311", json.dumps(said))]))
    own.cities.read_again()
    return own.city


@pytest.fixture
def endpoint(city: City) -> Endpoint:
    found = endpoint_of(city, {"testville": KEY})
    assert found is not None
    return found


def layer(database: Database, city: City, name: str) -> LayerTable:
    with database.layer_reading() as connection:
        latest = list_latest(connection, city_id=city.city_id)
        return read_layer(connection, next(one for one in latest if one.name == name))


@pytest.fixture
def hotspot(own: Places, city: City) -> str:
    """The hotspot that lacks light."""
    columns = layer(own.database, city, "hotspots-now").columns
    return next(
        str(id_)
        for id_, needs in zip(columns["id"], columns["needs"], strict=True)
        if "lighting" in str(needs).split(";")
    )


@pytest.fixture
def deficit(own: Places, city: City, hotspot: str) -> Deficit:
    return find_deficit(own.database, city, hotspot, "lighting")


def stored(database: Database, city: City) -> ServiceRequest:
    with database.transaction() as connection:
        (found,) = list_requests(connection, city_id=city.city_id).values()
    return found


def statuses(database: Database, city: City) -> dict[str, str]:
    with database.transaction() as connection:
        return {row.kind: row.status for row in list_interventions(connection, city_id=city.city_id)}


def send(
    own: Places, city: City, deficit: Deficit, endpoint: Endpoint, *, again: bool = False
) -> ServiceRequest:
    return send_request(own.database, city, deficit, endpoint, actor="operator", again=again)


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


def test_the_figures_are_the_layers(own: Places, city: City, deficit: Deficit, hotspot: str) -> None:
    table = layer(own.database, city, "hotspots-now")
    place = list(table.columns["id"]).index(hotspot)
    mean, low, high = (float(table.columns[f"lighting_{end}"][place]) for end in ("mean", "low", "high"))
    assert f"{mean:.1f} ({low:.1f} - {high:.1f})" in deficit.evidence


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
    monkeypatch.setattr(endpoint_module, "LARGEST_ANSWER", 20)
    with pytest.raises(Conflict, match="more than 20 bytes"):
        send(own, city, deficit, endpoint)
    assert stored(own.database, city).state == "unknown"


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


def test_a_server_without_numbers_has_taken_it_all_the_same(
    own: Places, city: City, deficit: Deficit, endpoint: Endpoint, agency: Agency
) -> None:
    agency.mode = "blackbox"
    assert send(own, city, deficit, endpoint).state == "sent"
    assert send(own, city, deficit, endpoint).service_request_id is None
    assert len(agency.posts) == 1


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


def test_a_dark_spot_lacks_light_and_nothing_else(own: Places, city: City) -> None:
    columns = layer(own.database, city, "dark-spots").columns
    cell = str(columns["cell"][0])
    found = find_deficit(own.database, city, cell)
    assert (found.parameter, found.agency) == ("lighting", "Power Board")
    assert "Lighting, by night: " in found.evidence
    with pytest.raises(Invalid, match="does not lack"):
        find_deficit(own.database, city, cell, "walk_path")


def test_what_is_not_there_or_not_lacking_is_named(own: Places, city: City, hotspot: str) -> None:
    with pytest.raises(NotThere, match="no hotspot or dark spot 'x'"):
        find_deficit(own.database, city, "x")
    with pytest.raises(Invalid) as refused:
        find_deficit(own.database, city, hotspot, "transport")
    assert "lighting" in refused.value.faults[0].detail


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


@pytest.fixture
def safeaudit(
    own: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    monkeypatch.setenv("SAFEAUDIT_DATABASE_URL", own.url.replace("+psycopg", ""))
    monkeypatch.setenv("SAFEAUDIT_SECRET_KEY", "x" * 40)
    monkeypatch.setenv("SAFEAUDIT_HOME", str(tmp_path))
    monkeypatch.setenv("SAFEAUDIT_OPEN311_KEYS", f"testville:{KEY}")

    def call(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["safeaudit", "intervention", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return call


def test_the_commands(
    safeaudit: Callable[..., tuple[int, str]],
    own: Places,
    city: City,
    hotspot: str,
    agency: Agency,
    tmp_path: Path,
) -> None:
    assert safeaudit("request", "testville", hotspot)[0] == 2
    file = tmp_path / "request.json"
    assert safeaudit("request", "testville", hotspot, "--rating", "lighting", "--file", file)[0] == 0
    written = json.loads(file.read_text(encoding="utf-8"))
    assert written["service_code"] == "LIGHT-1"
    assert safeaudit("request", "testville", hotspot, "--rating", "lighting", "--file", file)[0] == 0
    assert json.loads(file.read_text(encoding="utf-8")) == written
    code, said = safeaudit("request", "testville", hotspot, "--rating", "lighting", "--send")
    assert (code, "handed over as a file" in said) == (1, True)
    code, said = safeaudit("request", "testville", hotspot, "--rating", "lighting", "--send", "--again")
    assert (code, said.strip().endswith("293944")) == (0, True)
    assert "\tlighting\tsent\t293944\topen" in safeaudit("status", "testville")[1]
    assert len(agency.posts) == 1
    with own.database.transaction() as connection:
        assert connection.execute(text("SELECT count(*) FROM service_request")).scalar_one() == 1
    with pytest.raises(Conflict):
        write_request(own.database, city, find_deficit(own.database, city, hotspot, "lighting"), actor="o")
