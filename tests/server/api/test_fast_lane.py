"""The short way tells what the application tells, and leaves to it whatever is not plain."""

import gzip
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from server.actors import Role
from server.api.fast_lane import FastLane
from server.api.slow_bodies import SlowBodies
from server.app import create_app
from server.cities import CityDirectory
from server.database import Database, connect
from server.settings import Settings
from tests.server.api.people import CITY, Person, audit

LONG_WAY = "application/json;charset=UTF-8"


@pytest.fixture
def passed_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of requests that the short way left to the application."""
    assert isinstance(app.wsgi_app, SlowBodies)
    lane, seen = app.wsgi_app.application, []
    assert isinstance(lane, FastLane)
    application = lane._application

    def noting(environ: Any, start_response: Any) -> Iterable[bytes]:
        seen.append(environ["PATH_INFO"])
        return application(environ, start_response)

    monkeypatch.setattr(lane, "_application", noting)
    return seen


def body(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def test_both_ways_tell_the_same_of_one_audit(amina: Person, passed_on: list[str]) -> None:
    sent = audit(comment="die Laterne ist kaputt · बत्ती")
    created = amina.post("audits", data=body(sent), content_type="application/json")
    again = amina.post("audits", data=body(sent), content_type="application/json")
    assert not passed_on
    long = amina.post("audits", data=body(sent), content_type=LONG_WAY)
    other = amina.post("audits", data=body(audit()), content_type=LONG_WAY)
    assert passed_on == [f"{CITY}/audits"] * 2
    assert (created.status_code, again.status_code, long.status_code) == (201, 200, 200)
    assert other.status_code == 201
    assert again.json == long.json == {**created.json, "status": "duplicate"}
    assert list(created.json) == list(other.json)
    assert alike(created.headers) == alike(other.headers)
    assert alike(again.headers) == alike(long.headers)


def test_both_ways_tell_the_same_of_a_batch(amina: Person, bela: Person, passed_on: list[str]) -> None:
    taken, twice = audit(), audit()
    bela.post("audits", taken)
    sent = {"audits": [audit(), taken, twice, twice, audit(location={"lat": 0, "lng": 0})]}
    first = amina.post("audits/batch", data=body(sent), content_type="application/json")
    short = amina.post("audits/batch", data=body(sent), content_type="application/json")
    assert not passed_on
    long = amina.post("audits/batch", data=body(sent), content_type=LONG_WAY)
    assert len(passed_on) == 1
    found = [result["status"] for result in first.json["results"]]
    assert found == ["created", "conflict", "created", "duplicate", "created"]
    assert (first.json["created"], first.json["duplicate"], first.json["conflict"]) == (3, 1, 1)
    assert short.json == long.json
    assert alike(short.headers) == alike(long.headers)


def alike(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in headers if name not in ("X-Request-ID", "Content-Length")}


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("audits", {"data": body(audit(answers={"lighting": 9}))}, 422),
        ("audits", {"data": body(audit(comment=None))}, 201),
        ("audits", {"data": body(audit(comment='"quoted"'))}, 201),
        ("audits", {"data": body(audit(instrument="hazard", answers={}))}, 422),
        ("audits", {"data": body(audit())[:-1]}, 400),
        ("audits", {"data": body(audit()).replace(b'"people"', b'"lighting"')}, 400),
        ("audits", {"data": b""}, 400),
        ("audits", {"data": body(audit(comment="x" * 2**21))}, 413),
        ("audits", {"data": body(audit()), "content_type": "text/plain"}, 415),
        ("audits", {"data": gzip.compress(body(audit())), "headers": {"Content-Encoding": "gzip"}}, 201),
        ("audits?x=1", {"data": body(audit())}, 201),
        ("audits", {"data": body(audit()), "headers": {"Authorization": "Bearer sad_unknown"}}, 401),
        ("audits", {"data": body(audit()), "headers": {"Authorization": "Basic YTpi"}}, 401),
        ("audits/batch", {"data": body({"audits": []})}, 422),
        ("audits/batch", {"data": body({"audits": [audit(), 7]})}, 200),
        ("/api/v1/cities/atlantis/audits", {"data": body(audit())}, 404),
    ],
)
def test_what_gives_pause_is_decided_by_the_application(
    amina: Person, passed_on: list[str], path: str, sent: dict[str, Any], status: int
) -> None:
    response = amina.post(path, **{"content_type": "application/json", **sent})
    assert (len(passed_on), response.status_code) == (1, status)


def test_conflicts_and_keys_of_staff_are_told_by_the_application(
    amina: Person, omar: Person, give_key: Callable[[Role], Person], passed_on: list[str]
) -> None:
    sent = audit()
    amina.post("audits", sent)
    assert amina.post("audits", {**sent, "comment": "other"}).status_code == 409
    assert omar.post("audits", audit()).status_code == 403
    assert len(passed_on) == 2


def test_both_ways_spend_of_one_limit(
    app_with: Callable[..., Person], settings: Settings, amina: Person
) -> None:
    strict = replace(app_with(replace(settings, submissions_per_minute=4)), token=amina.token)
    types = ["application/json", LONG_WAY] * 2
    told = [strict.post("audits", data=body(audit()), content_type=one) for one in types]
    assert [response.status_code for response in told] == [201] * 4
    over = strict.post("audits", data=body(audit()), content_type="application/json")
    assert (over.status_code, int(over.headers["Retry-After"]) > 0) == (429, True)


def test_the_request_keeps_the_id_a_proxy_gave(amina: Person) -> None:
    given = str(uuid4())
    assert amina.post("audits", audit(), headers={"X-Request-ID": given}).headers["X-Request-ID"] == given
    odd = amina.post("audits", audit(), headers={"X-Request-ID": "free text"}).headers["X-Request-ID"]
    assert odd != "free text"


def test_a_lost_connection_is_mended_and_the_audit_kept_once(
    settings: Settings, cities: CityDirectory, store: Database, served_store: Database, amina: Person
) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    database = connect(url, pool_size=2)
    client = create_app(settings, database, cities).test_client()
    header = {"Authorization": f"Bearer {amina.token}"}
    assert client.post(f"{CITY}/audits", json=audit(), headers=header).status_code == 201
    with store.transaction() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                " AND datname = current_database() AND state = 'idle'"
            )
        )
    sent = audit()
    assert client.post(f"{CITY}/audits", json=sent, headers=header).status_code in (200, 201, 503)
    assert client.post(f"{CITY}/audits", json=sent, headers=header).status_code == 200
    for cut in (store, served_store):
        cut.dispose()
    with store.transaction() as connection:
        kept = connection.scalar(text("SELECT count(*) FROM audit WHERE audit_id = :id"), {"id": sent["id"]})
    assert kept == 1
    database.dispose()
