"""The table of who may do what, and that nothing is served beside it."""

from base64 import b64encode

import pytest
from flask import Flask
from sqlalchemy import text

from server.api import access
from server.database import Database
from tests.server.api.people import Person


def test_every_route_has_a_rule_and_every_rule_a_route(app: Flask) -> None:
    served = {(route, method) for route, method in access.routes(app)}
    ruled = {(route, method) for route, methods in access.RULES.items() for method in methods}
    assert served == ruled


def test_a_route_without_a_rule_cannot_be_served(app: Flask) -> None:
    bare = Flask("bare", static_folder=None)
    bare.add_url_rule("/secret", view_func=lambda: "x")
    with pytest.raises(RuntimeError, match="GET /secret"):
        access.guard(bare)


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
