"""Every route and method, asked by everybody: each role of the city, each of another city, and nobody.

`pytest -s` on this file prints how large the matrix is.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from server.actors import Role
from server.api import access
from server.cities import CityDirectory
from server.database import Database
from server.prepared import Prepared
from server.services.create_key import create_key
from tests.server.api.people import Person, audit

HERE, OTHER, NOWHERE = "testville", "othertown", "nowhere"
MISSING = "00000000-0000-4000-8000-000000000000"
EXAMPLES = {
    **dict.fromkeys(("campaign", "intervention", "audit"), MISSING),
    **dict.fromkeys(("case", "run", "job", "z", "x", "y", "item"), "1"),
    **{"release": "2025Q3-safetipin-9", "aggregate": "0123456789abcdef01234567", "sha256": "0" * 64},
    **{"cell": "893da11462fffff", "layer": "cells", "extension": "geojson", "collection": "cells"},
    **{"instrument": "safetipin-9", "form": "safetipin-9", "kind": "schema", "token": "sad_unknown"},
    **{"name": "x", "filename": "x", "slug": "not-there"},
}
Ask = Callable[..., TestResponse]


def address(route: str, city: str = HERE, **values: str) -> str:
    """Return the address of a route with examples, or these values, in place of its parameters."""
    given = EXAMPLES | {"city": city} | values
    return re.sub(r"<(?:[^:>]*:)?([a-z0-9]+)>", lambda found: given[found[1]], route)


@dataclass(frozen=True)
class Everybody:
    """A token of each role in two cities; devices anew each time, as they may erase themselves."""

    ask: Ask
    keys: Mapping[tuple[str, Role], str]

    def token(self, city: str, role: Role) -> str:
        if role is not Role.AUDITOR:
            return self.keys[city, role]
        made = self.ask("POST", f"/api/v1/cities/{city}/devices")
        assert made.status_code == 201, made.json
        return str(made.json["token"])


@pytest.fixture
def everybody(app: Flask, database: Database, cities: CityDirectory) -> Everybody:
    client = app.test_client()

    def ask(method: str, path: str, token: str | None = None, body: Any = None) -> TestResponse:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return client.open(path, method=method, headers=headers, json={} if body is None else body)

    with database.transaction() as connection:
        keys = {
            (slug, role): create_key(connection, city_id=cities.get(slug).city_id, role=role, name="t").token
            for slug in (HERE, OTHER)
            for role in Role
            if role is not Role.AUDITOR
        }
    return Everybody(ask, keys)


def told(response: TestResponse) -> tuple[object, ...]:
    """Return all of an answer that could tell one reason for it from another."""
    if response.status_code < 400:
        return (response.status_code,)
    return response.status_code, _anonymous(response.text), _headers(response)


def _anonymous(body: str) -> str:
    return re.sub(r"urn:uuid:[0-9a-f-]{36}", "ID", body)


def _headers(response: TestResponse) -> dict[str, str]:
    return {name: value for name, value in response.headers if name not in ("X-Request-ID", "Date")}


def test_everybody_asks_for_everything(everybody: Everybody) -> None:
    """As its table of rules says; a token of another city is as good as one that nobody has."""
    asked = 0
    for route, methods in access.RULES.items():
        for method, rule in methods.items():
            if "<token>" in route:  # a device's or a campaign's, in the address: the view looks it up
                rule = access.AUDITOR  # noqa: PLW2901 - what that comes to
            asked += _everybody_asks(everybody, method, route, rule)
    size = sum(map(len, access.RULES.values()))
    print(f"\naccess matrix: {size} routes and methods, {asked} requests")
    assert asked > 1000


def _everybody_asks(everybody: Everybody, method: str, route: str, rule: access.Access) -> int:
    """Hold one route and method against its rule; return how many requests that took."""
    line = f"{method} {route}"

    def ask(token: str | None, city: str = HERE) -> TestResponse:
        in_address = {"token": token} if token else {}
        return everybody.ask(method, address(route, city, **in_address), token)

    nobody, unknown = ask(None), ask("sad_unknown")
    if rule is None:
        assert nobody.status_code not in (401, 403), line
    else:
        assert (nobody.status_code, unknown.status_code) == (401, 401), line
    if "<city>" not in route:
        return 2
    assert ask(everybody.token(HERE, Role.ADMIN), NOWHERE).status_code == 404, line
    for role in Role:
        own, foreign = ask(everybody.token(HERE, role)), ask(everybody.token(OTHER, role))
        assert told(foreign) == told(unknown), f"{role} of another city: {line}"
        if rule is not None:
            refused = 401 if "<token>" in route else 403
            assert (own.status_code == refused) == (role not in rule), f"{role}: {line}: {own.status_code}"
            assert role not in rule or own.status_code != 401, f"{role}: {line}"
    return 3 + 2 * len(Role)


@pytest.fixture
def work(served_store: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that the store is sent, in order, but for limits, which count what came before."""
    sent: list[str] = []
    rows = Prepared.rows

    def keep(statement: str) -> None:
        if "rate_bucket" not in statement:
            sent.append(statement)

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        keep(statement)

    def prepared(self: Prepared, *values: Any) -> Any:
        keep(self.sql)
        return rows(self, *values)

    monkeypatch.setattr(Prepared, "rows", prepared)
    engines: list[Engine] = [served_store.engine, served_store.statement_engine, served_store.layer_engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield sent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


@dataclass(frozen=True)
class Theirs:
    """Things of other people and of another city, each with who may ask for such things here."""

    route: str
    methods: tuple[str, ...]
    role: Role
    ids: Mapping[str, str]


@pytest.fixture
def theirs(
    everybody: Everybody,
    rows: Callable[[str], list[dict[str, Any]]],
    bela: Person,
    database: Database,
    cities: CityDirectory,
) -> list[Theirs]:
    other = cities.get(OTHER).city_id
    walk = {"name": "W", "from": "2026-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z"}
    key = everybody.keys[OTHER, Role.ADMIN]
    campaign = everybody.ask("POST", f"/api/v1/cities/{OTHER}/campaigns", key, walk).json["campaign"]
    job = everybody.ask("POST", f"/api/v1/cities/{OTHER}/runs", key).json["job"]
    of_bela = bela.post("audits", audit()).json["id"]
    device = everybody.token(OTHER, Role.AUDITOR)
    abroad = audit(location={"lat": -1.3, "lng": 36.8})
    assert everybody.ask("POST", f"/api/v1/cities/{OTHER}/audits", device, abroad).status_code == 201
    with database.transaction() as connection:
        case = connection.scalar(
            text(
                "INSERT INTO moderation_case (city_id, reason, opened_at)"
                f" VALUES ({other}, 'burst', now()) RETURNING case_id"
            )
        )
        run = connection.scalar(
            text(
                "INSERT INTO run (city_id, as_of, seed, started_at, public, parameters)"
                f" VALUES ({other}, now(), 0, now(), true, '{{}}') RETURNING run_id"
            )
        )
    v1 = access.CITY
    own = ("GET", "PUT", "DELETE")
    return [
        Theirs(f"{v1}/audits/<audit>", own, Role.AUDITOR, {"audit": of_bela}),
        Theirs(f"{v1}/audits/<audit>", own, Role.AUDITOR, {"audit": abroad["id"]}),
        Theirs(f"{v1}/audits/<audit>/photos", ("GET",), Role.MODERATOR, {"audit": abroad["id"]}),
        Theirs(f"{v1}/campaigns/<campaign>", ("GET",), Role.ORGANISER, {"campaign": campaign}),
        Theirs(f"{v1}/campaigns/<campaign>/debrief", ("GET",), Role.ORGANISER, {"campaign": campaign}),
        Theirs(f"{v1}/campaigns/<campaign>/close", ("POST",), Role.ORGANISER, {"campaign": campaign}),
        Theirs(f"{v1}/moderation/<case>", ("GET",), Role.MODERATOR, {"case": str(case)}),
        Theirs(f"{v1}/runs/<run>", ("GET",), Role.PLANNER, {"run": str(run)}),
        Theirs(f"{v1}/runs/jobs/<job>", ("GET",), Role.PLANNER, {"job": str(job)}),
    ]


def test_what_is_of_others_is_as_what_is_not_there(
    everybody: Everybody, theirs: list[Theirs], work: list[str]
) -> None:
    """The same answer by the same statements, so that it takes as long too."""
    missing = {
        "audit": str(uuid4()),
        "campaign": str(uuid4()),
        "case": "987654",
        "run": "987654",
        "job": "987654",
    }
    for one in theirs:
        token = everybody.token(HERE, one.role)
        for method in one.methods:
            answers = []
            for ids in (missing, one.ids):
                body = audit(id=ids["audit"]) if method == "PUT" else {}
                path = address(one.route, **(missing | dict(ids)))
                everybody.ask("GET", access.CITY.replace("<city>", HERE))  # the city is known again
                work.clear()
                answer = everybody.ask(method, path, token, body)
                (shown,) = (ids[name] for name in one.ids)
                body_told = _anonymous(answer.text).replace(shown, "ID")
                answers.append((answer.status_code, body_told, _headers(answer), list(work)))
            assert answers[0] == answers[1], f"{method} {one.route}"
            assert answers[0][0] == 404 or answers[0][1] == '{"photos":[]}', f"{method} {one.route}"
