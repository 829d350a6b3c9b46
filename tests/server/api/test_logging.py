"""Logs: structured, with the request's id, and without anything people sent."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from sqlalchemy import text

from server import log
from server.database import Database
from tests.server.api.people import Person, audit

CANARIES = (
    "28.6139",
    "77.209",
    "canary-comment",
    "892da",
    "893da",
    "sad_",
    "sak_",
    "canary-slug",
    "canary-value",
)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    log.configure("DEBUG", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def entries(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_a_request_is_one_line_with_template_status_and_time(lines: io.StringIO, amina: Person) -> None:
    response = amina.get("cells/893da11462fffff/score?daypart=day&LNG77=1")
    entry = entries(lines)[-1]
    assert entry["event"] == "request"
    assert entry["route"] == "/api/v1/cities/<city>/cells/<cell>/score"
    assert entry["parameters"] == ["daypart"]
    assert (entry["method"], entry["status"]) == ("GET", 200)
    assert entry["request_id"] == response.headers["X-Request-ID"]
    assert entry["ms"] > 0
    assert entry["level"] == "info"


def test_nothing_people_sent_is_logged(lines: io.StringIO, amina: Person, database: Database) -> None:
    receipt = amina.post("audits", audit(comment="canary-comment")).json["receipt"]
    amina.post("audits", audit(comment="canary-comment", answers={"canary-value": 1}))
    amina.get("/api/v1/cities/canary-slug?since=canary-value")
    amina.post("/api/v1/receipts", {"receipt": receipt, "action": "show"})
    with database.transaction() as connection:
        connection.execute(text("ALTER TABLE audit ADD CONSTRAINT canary CHECK (accuracy_m < 8) NOT VALID"))
    try:
        assert amina.post("audits", audit(comment="canary-comment")).status_code == 500
        assert amina.post("audits/batch", {"audits": [audit(comment="canary-comment")]}).status_code == 500
    finally:
        with database.transaction() as connection:
            connection.execute(text("ALTER TABLE audit DROP CONSTRAINT canary"))
    logged = lines.getvalue()
    for canary in (*CANARIES, receipt, amina.token, amina.device):
        assert canary not in logged, canary
    failed = [entry for entry in entries(lines) if entry["event"] == "request failed"]
    assert len(failed) == 2
    assert failed[0]["errors"] == ["CheckViolation 23514"]
    assert any("insert_audits" in frame for frame in failed[0]["frames"])


def test_libraries_log_in_the_same_form(lines: io.StringIO) -> None:
    try:
        raise ValueError("canary-value")
    except ValueError:
        logging.getLogger("some.library").exception("it broke")
    (entry,) = entries(lines)
    assert (entry["event"], entry["level"], entry["errors"]) == ("it broke", "error", ["ValueError"])
    assert "canary-value" not in lines.getvalue()
