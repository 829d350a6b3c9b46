"""The table of who may do what, and that nothing is served beside it."""

from base64 import b64encode
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from server.actors import STAFF, Role
from server.api import access
from server.database import Database
from tests.server.api.people import Person

EXAMPLES = {
    "<city>": "testville",
    "<campaign>": "00000000-0000-4000-8000-000000000000",
    "<intervention>": "00000000-0000-4000-8000-000000000000",
    "<case>": "1",
    "<audit>": "00000000-0000-4000-8000-000000000000",
    "<release>": "2025Q3-safetipin-9",
    "<aggregate>": "0123456789abcdef01234567",
    "<run>": "1",
    "<job>": "1",
    "<instrument>": "safetipin-9",
    "<cell>": "893da11462fffff",
}


def test_every_route_has_a_rule_and_every_rule_a_route(app: Flask) -> None:
    served = {(route, method) for route, method in access.routes(app)}
    ruled = {(route, method) for route, methods in access.RULES.items() for method in methods}
    assert served == ruled


def test_a_route_without_a_rule_cannot_be_served(app: Flask) -> None:
    bare = Flask("bare", static_folder=None)
    bare.add_url_rule("/secret", view_func=lambda: "x")
    with pytest.raises(RuntimeError, match="GET /secret"):
        access.guard(bare)


def protected() -> list[tuple[str, str, frozenset[Role]]]:
    return [
        (route, method, rule)
        for route, methods in access.RULES.items()
        for method, rule in methods.items()
        if rule is not None
    ]


@pytest.mark.parametrize(("route", "method", "rule"), protected())
def test_only_the_roles_of_the_table_get_in(
    stranger: Person,
    amina: Person,
    give_key: object,
    database: Database,
    route: str,
    method: str,
    rule: frozenset[Role],
) -> None:
    path = route
    for name, example in EXAMPLES.items():
        path = path.replace(name, example)
    assert stranger.ask(method, path, json={}).status_code == 401
    for role in Role:
        holder = amina if role is Role.AUDITOR else give_key(role)
        status = holder.ask(method, path, json={}).status_code
        assert (status == 403) == (role not in rule), f"{role} {method} {path}: {status}"
        assert status != 401


def test_a_key_of_another_city_opens_nothing(give_key: Callable[..., Person]) -> None:
    for role in STAFF:
        foreign = give_key(role, "othertown")
        assert foreign.get("campaigns").status_code == 401


def test_a_revoked_key_opens_nothing(omar: Person, database: Database) -> None:
    assert omar.get("campaigns").status_code == 200
    with database.transaction() as connection:
        connection.execute(text("UPDATE api_key SET revoked_at = now()"))
    assert omar.get("campaigns").status_code == 401


def test_an_expired_key_opens_nothing(omar: Person, database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(text("UPDATE api_key SET expires_at = now() - interval '1 second'"))
    assert omar.get("campaigns").status_code == 401


def test_a_token_is_a_password_too_where_one_only_reads(omar: Person, database: Database) -> None:
    """Programs for maps often know no other header; browsers send it unasked, so nothing is changed by it."""
    sent = b64encode(f"anybody:{omar.token}".encode()).decode()
    headers = {"Authorization": f"Basic {sent}"}
    assert omar.get("campaigns", headers=headers).status_code == 200
    assert omar.post("campaigns", {}, headers=headers).status_code == 401
    for wrong in ("", "%%%", b64encode(b"no colon").decode(), b64encode(b"omar:wrong").decode()):
        assert omar.get("campaigns", headers={"Authorization": f"Basic {wrong}"}).status_code == 401
