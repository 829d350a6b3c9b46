"""The one door of errors: shape, languages, HTML, and what must not come out of it."""

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from server import errors
from server.api import problem_types
from server.api.problem_titles import LANGUAGES, TITLES
from server.api.problem_types import TYPES
from server.app import create_app
from server.cities import CityDirectory
from server.database import Database, connect
from server.settings import Settings
from tests.server.api.people import CITY, Person, audit


def test_a_problem_has_its_five_members(stranger: Person) -> None:
    response = stranger.get("/api/v1/cities/atlantis")
    assert response.mimetype == "application/problem+json"
    assert response.json["type"] == "/problems/not-there"
    assert response.json["status"] == response.status_code == 404
    assert response.json["instance"] == f"urn:uuid:{response.headers['X-Request-ID']}"
    assert stranger.get(response.json["type"]).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "title", "language"),
    [
        ("es-MX,es;q=0.9,en;q=0.5", "No se encuentra", "es"),
        ("hi", "नहीं मिला", "hi"),
        ("ar-EG", "غير موجود", "ar"),
        ("fi", "Not there", "en"),
        ("", "Not there", "en"),
    ],
)
def test_the_title_is_in_the_reader_s_language(
    stranger: Person, accepted: str, title: str, language: str
) -> None:
    response = stranger.get("/nowhere", headers={"Accept-Language": accepted})
    assert (response.json["title"], response.headers["Content-Language"]) == (title, language)
    assert "Accept-Language" in response.headers["Vary"]


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("*/*", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("application/json, text/html", "application/problem+json"),
        ("", "application/problem+json"),
    ],
)
def test_html_only_where_it_is_preferred(stranger: Person, accept: str, mimetype: str) -> None:
    assert stranger.get("/nowhere", headers={"Accept": accept}).mimetype == mimetype


def test_a_page_of_a_problem_shows_text_as_text(amina: Person) -> None:
    script = "<script>alert(1)</script>"
    response = amina.post("audits", audit(**{script: 1}), headers={"Accept": "text/html"})
    assert response.status_code == 422
    assert script not in response.text
    assert "&lt;script&gt;" in response.text


def test_flask_s_own_errors_leave_by_the_same_door(stranger: Person) -> None:
    response = stranger.ask("PUT", "/api/v1/cities")
    assert (response.status_code, response.json["type"]) == (405, "/problems/method-not-allowed")
    assert "GET" in response.headers["Allow"]
    assert stranger.ask("GET", "/api/v1").json["type"] == "/problems/not-there"


def test_a_request_id_is_kept_only_if_it_is_one(stranger: Person) -> None:
    given = "0f0e0d0c-0b0a-4908-8706-050403020100"
    assert stranger.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given
    made = stranger.get("/healthz", headers={"X-Request-ID": "../../evil"}).headers["X-Request-ID"]
    assert UUID(made).version == 4


def test_a_fault_of_ours_tells_only_its_id(app: Flask, stranger: Person, database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(text("ALTER TABLE api_key RENAME TO hidden"))
    try:
        response = stranger.get("campaigns", headers={"Authorization": "Bearer sak_secret"})
    finally:
        with database.transaction() as connection:
            connection.execute(text("ALTER TABLE hidden RENAME TO api_key"))
    assert response.status_code == 500
    assert set(response.json) == {"type", "title", "status", "detail", "instance"}
    assert "api_key" not in response.text


def test_an_unreachable_store_is_503_and_asks_to_come_again(settings: Settings, tmp_path: object) -> None:
    nowhere = connect("postgresql://nobody@/nothing?host=/nonexistent")
    client = create_app(settings, nowhere, CityDirectory(nowhere)).test_client()
    for path in ("/api/v1/cities", CITY, "/readyz"):
        response = client.get(path)
        assert (response.status_code, response.json["type"]) == (503, "/problems/unavailable")
        assert int(response.headers["Retry-After"]) > 0
        assert "nonexistent" not in response.text
    assert client.get("/healthz").status_code == 200


def test_a_store_that_dies_under_a_request_is_503(
    amina: Person, store: Database, served_store: Database
) -> None:
    # The pooled connections are cut as a restart of PostgreSQL would cut them.
    with store.transaction() as connection:
        connection.execute(
            text("""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()""")
        )
    answers = [amina.post("audits", audit()).status_code for _ in range(4)]
    assert set(answers) <= {503, 201}
    assert answers[-1] == 201, "the pool mends itself"
    for cut in (store, served_store):
        cut.dispose()


def test_a_full_pool_is_503(settings: Settings, cities: CityDirectory, store: Database) -> None:
    small = connect(store.engine.url.render_as_string(hide_password=False), pool_size=1)
    small.engine.pool._timeout = 0.1  # type: ignore[attr-defined] # five seconds in service
    client = create_app(settings, small, cities).test_client()
    with small.transaction():
        response = client.post(f"{CITY}/devices", json={})
    assert response.status_code == 503
    small.dispose()


def test_every_refusal_has_a_type_and_every_type_its_titles() -> None:
    kinds = [
        one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.Refusal)
    ]
    assert {one for one in kinds if one is not errors.Refusal} <= set(problem_types.BY_REFUSAL)
    assert set(TITLES) == {one.slug for one in TYPES}
    assert all(len(titles) == len(LANGUAGES) and all(titles) for titles in TITLES.values())
    assert len({one.slug for one in TYPES}) == len(TYPES)
