"""Releases over HTTP: everybody reads, admins ask, files never change."""

import csv
import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import geopandas
import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from server.actors import Role
from server.api.context import Services
from server.cities import City
from server.database import Database
from server.queries.jobs import enqueue_release
from server.releasing import create_release as making
from server.releasing.ask import ask_for_what_is_due, do_what_was_asked
from server.settings import Settings
from tests.server.api.conftest import Work
from tests.server.api.people import CITY, Person
from tests.server.publishing.conftest import Town
from tests.server.releasing.conftest import MADE, people_of_a_summer

ID = "2025Q3-safetipin-9"


@pytest.fixture
def town(database: Database, city: City, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(Services, "now", lambda _self: MADE)
    town = Town(database, city)
    people_of_a_summer(town)
    return town


@pytest.fixture
def admin(give_key: Callable[..., Person]) -> Person:
    return give_key(Role.ADMIN)


@pytest.fixture
def released(town: Town, admin: Person, work: Work) -> Town:
    assert admin.post("releases", {"period": "2025Q3", "purpose": "the tests"}).status_code == 202
    work()
    return town


def fetch(person: Person, name: str, **headers: str) -> TestResponse:
    return person.client.get(f"{CITY}/releases/{ID}/files/{name}", headers=headers)


def test_an_admin_asks_a_job_makes_it_and_asking_again_gives_the_card(
    town: Town, admin: Person, stranger: Person, work: Work
) -> None:
    asked = admin.post("releases", {"period": "2025Q3", "purpose": "the tests"})
    assert (asked.status_code, asked.json["status"]) == (202, "waiting")
    place = asked.headers["Location"]
    assert admin.post("releases", {"period": "2025Q3"}).status_code == 202
    assert stranger.get(f"releases/{ID}").status_code == 404
    work()
    assert admin.get(place).json["status"] == "made"
    again = admin.post("releases", {"period": "2025Q3", "purpose": "another"})
    assert again.status_code == 200
    assert again.json == stranger.get(f"releases/{ID}").json
    assert again.json["purpose"] == "the tests"
    with town.database.transaction() as connection:
        assert connection.scalar(text("SELECT count(*) FROM release")) == 1
        assert connection.scalar(text("SELECT count(*) FROM release_request")) == 0


def test_everybody_may_read_the_list_the_card_and_every_file(released: Town, stranger: Person) -> None:
    (listed,) = stranger.get("releases").json["releases"]
    card = stranger.get(listed["href"]).json
    assert (card["k"], card["cap"], card["licence"]["id"]) == (10, 1, "CC-BY-4.0")
    assert {name: card[name] for name in listed} == listed
    assert len(card["files"]) == 7
    for file in card["files"]:
        answer = stranger.client.get(file["href"])
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == file["type"]
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["ETag"] == f'"{file["sha256"]}"'
        assert hashlib.sha256(answer.data).hexdigest() == file["sha256"]


def test_a_file_is_not_sent_again_and_can_be_had_in_parts(
    released: Town, stranger: Person, tmp_path: Path
) -> None:
    whole = fetch(stranger, "audits.parquet")
    again = fetch(stranger, "audits.parquet", **{"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    part = fetch(stranger, "audits.parquet", Range="bytes=4-9")
    assert (part.status_code, part.data) == (206, whole.data[4:10])
    assert len(geopandas.read_parquet(io.BytesIO(whole.data))) > 300


def test_a_row_of_hxl_hashtags_stands_under_the_header_on_request_and_no_other_file_is_there(
    released: Town, stranger: Person
) -> None:
    plain = list(csv.reader(io.StringIO(fetch(stranger, "audits.csv").text)))
    answer = fetch(stranger, "audits.csv?hxl=on")
    tagged = list(csv.reader(io.StringIO(answer.text)))
    assert [tagged[0], *tagged[2:]] == plain
    assert tagged[1][0] == "#loc+code+v_h3"
    assert all(tag.startswith("#") for tag in tagged[1])
    assert answer.headers["ETag"] != fetch(stranger, "audits.csv").headers["ETag"]
    assert fetch(stranger, "audits.csv?hxl=maybe").status_code == 422
    for name in ("audits.xlsx", "..%2FSHA256SUMS", "..", ".SHA256SUMS"):
        assert fetch(stranger, name).status_code == 404


REFUSED = (
    ({"period": "2025Q4"}, 409, "can be released from 2026-01-15"),
    ({"period": "2026Q4"}, 409, "still to come"),
    ({"period": "2025Q1"}, 409, "no used audits"),
    ({"period": "summer"}, 422, "fault"),
    ({}, 422, "fault"),
    ({"period": "2025Q3", "instrument": "x"}, 404, "no instrument"),
    ({"period": "2025Q3", "purpose": "x" * 501}, 422, "fault"),
)


def test_what_cannot_be_released_is_told_why(town: Town, admin: Person) -> None:
    for body, status, words in REFUSED:
        answer = admin.post("releases", body)
        assert (answer.status_code, words in answer.json["detail"]) == (status, True), answer.json


def test_an_unknown_city_and_release_are_not_there(stranger: Person) -> None:
    assert stranger.get("/api/v1/cities/nowhere/releases").status_code == 404
    assert stranger.get("/api/v1/cities/othertown/releases/" + ID).status_code == 404
    assert stranger.get("releases/2025Q2-safetipin-9").status_code == 404


def test_too_few_people_are_told_to_whoever_asked_and_another_try_may_follow(
    database: Database, city: City, admin: Person, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Services, "now", lambda _self: MADE)
    town = Town(database, city)
    town.audit(town.people(9), 0, at=datetime(2025, 8, 1, tzinfo=UTC))
    place = admin.post("releases", {"period": "2025Q3"}).headers["Location"]
    work()
    told = admin.get(place).json
    assert told["status"] == "refused"
    assert "fewer than 10 counted auditors" in told["fault"]
    town.audit(town.people(9), 0, at=datetime(2025, 8, 1, tzinfo=UTC))
    assert admin.post("releases", {"period": "2025Q3"}).json["status"] == "waiting"
    work()
    assert admin.get(place).json["status"] == "made"


def test_a_file_that_was_tampered_with_on_the_server_is_not_served(
    released: Town, stranger: Person, settings: Settings
) -> None:
    path = making.folder_of(settings.home, slug="testville", release_id=ID) / "audits.csv"
    path.write_bytes(path.read_bytes() + b"x")
    assert fetch(stranger, "audits.csv").status_code == 503
    path.unlink()
    assert fetch(stranger, "audits.csv").status_code == 503
    assert fetch(stranger, "codebook.md").status_code == 200


def test_the_schedule_asks_once_for_the_quarter_that_is_due_where_the_city_wants_it(
    town: Town, settings: Settings
) -> None:
    def waiting() -> list[str]:
        with town.database.transaction() as connection:
            return list(connection.scalars(text("SELECT release_id FROM release_request")))

    ask_for_what_is_due(town.database, town.city, now=MADE)
    assert waiting() == []
    willing = replace(town.city, settings={"releases": True})
    ask_for_what_is_due(
        town.database, willing, now=datetime(2025, 10, 13, tzinfo=UTC)
    )  # second quarter: empty
    assert waiting() == []
    for _ in range(2):
        ask_for_what_is_due(town.database, willing, now=MADE)
    assert waiting() == [ID]
    with town.database.transaction() as connection:
        enqueue_release(connection, city_id=willing.city_id, release_id=ID)
        jobs = text("SELECT count(*) FROM jobs.procrastinate_jobs WHERE task_name = 'safeaudit:release'")
        assert connection.scalar(jobs) == 1
    for _ in range(2):
        do_what_was_asked(
            town.database,
            willing,
            release_id=ID,
            home=settings.home,
            secret=b"secret",
            now=lambda: MADE,
        )
    with town.database.transaction() as connection:
        assert list(connection.scalars(text("SELECT release_id FROM release"))) == [ID]
    ask_for_what_is_due(town.database, willing, now=MADE)
    assert waiting() == []
