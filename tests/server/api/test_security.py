"""What docs/security.md promises of every answer and of the log."""

import io
import logging
from collections.abc import Iterator

import pytest
import structlog
from flask import Flask

from server import log
from server.api import access
from server.settings import Settings
from tests.server.api.people import CITY, Person, audit
from tests.server.api.test_matrix import address


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    log.configure("DEBUG", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def answers(app: Flask) -> list[tuple[str, dict[str, str]]]:
    """The headers of an answer of every route and method, to nobody, over https."""
    client = app.test_client()
    found = []
    for route, methods in access.RULES.items():
        for method in methods:
            response = client.open(
                address(route), method=method, json={}, base_url="https://audits.example.org"
            )
            found.append((f"{method} {route}", dict(response.headers)))
            response.close()
    return found


def test_every_answer_carries_its_headers(answers: list[tuple[str, dict[str, str]]]) -> None:
    for line, headers in answers:
        assert headers["X-Content-Type-Options"] == "nosniff", line
        assert headers["Referrer-Policy"] == "no-referrer", line
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", line
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], line
        assert "unsafe" not in headers["Content-Security-Policy"], line
        assert headers["Strict-Transport-Security"].startswith("max-age="), line


def test_over_plain_http_nobody_is_told_to_stay_with_https(app: Flask) -> None:
    assert "Strict-Transport-Security" not in app.test_client().get("/healthz").headers


def test_no_answer_sets_a_cookie(answers: list[tuple[str, dict[str, str]]]) -> None:
    assert [line for line, headers in answers if "Set-Cookie" in headers] == []


def test_no_answer_tells_what_the_server_is_made_of(answers: list[tuple[str, dict[str, str]]]) -> None:
    telling = {"Server", "X-Powered-By", "Via"}
    assert [line for line, headers in answers if telling & headers.keys()] == []


def test_what_is_told_of_a_person_is_not_kept_by_caches(amina: Person) -> None:
    sent = amina.post("audits", audit()).json["id"]
    for path in ("devices/me", "devices/me/audits", "devices/me/places", f"audits/{sent}"):
        assert "no-store" in amina.get(path).headers.get("Cache-Control", ""), path


def test_no_secret_reaches_the_log(
    lines: io.StringIO, amina: Person, stranger: Person, settings: Settings, app: Flask
) -> None:
    """Whatever is sent where: tokens in headers, addresses, bodies and parameters, the server's own key."""
    assert amina.token is not None
    moving = amina.post("devices/me/move").json["code"]
    receipt = amina.post("audits", audit()).json["receipt"]
    secret = app.extensions["safeaudit"].secret.decode()
    canaries = (amina.token, moving, receipt, secret, "sak_canary", "sac_canary")
    for canary in canaries:
        stranger.get(f"/openrosa/testville/{canary}/formList")
        stranger.get(f"{CITY}/layers?token={canary}")
        stranger.get(f"{CITY}/campaigns", headers={"Authorization": f"Bearer {canary}"})
        stranger.get(f"{CITY}/campaigns", headers={"X-Request-ID": canary, "Cookie": f"a={canary}"})
        app.test_client().post(f"{CITY}/devices/move", json={"code": canary})
        app.test_client().post("/api/v1/receipts", json={"receipt": canary, "action": "show"})
        app.test_client().get(f"/{canary}")
    logged = lines.getvalue()
    assert logged.count('"event":"request"') >= 7 * len(canaries)
    assert [canary for canary in canaries if canary in logged] == []
    assert str(settings.home) not in logged


def test_a_log_that_kept_a_token_would_be_seen(lines: io.StringIO, amina: Person) -> None:
    structlog.get_logger("test").info("careless", token=amina.token)
    assert amina.token is not None
    assert amina.token in lines.getvalue()
