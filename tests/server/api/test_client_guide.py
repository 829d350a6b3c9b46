"""The client guide, run as it is printed, against a server on a real port."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.serving import make_server

from server.database import Database

GUIDE = Path(__file__).parents[3] / "docs" / "client-guide.md"
PLACE = {"LAT": "28.6139", "LNG": "77.2090"}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE)


@pytest.fixture
def failures() -> list[str]:
    """How the next requests end instead of being answered; empty: all are answered."""
    return []


@pytest.fixture
def address(app: Flask, failures: list[str]) -> Iterator[str]:
    """Serve the application; each failure asked for is taken by one request."""

    def failing(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        how = failures.pop(0) if failures else ""
        if how == "busy":
            start_response("503 Service Unavailable", [("Retry-After", "0")])
            return [b""]
        answer = app.wsgi_app(environ, start_response)
        if how == "lost":  # done, but the phone never hears of it
            raise ConnectionResetError
        return answer

    server = make_server("127.0.0.1", 0, failing, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def states(database: Database) -> list[str]:
    with database.transaction() as connection:
        query = text("SELECT state FROM audit ORDER BY audit_id, version")
        return list(connection.scalars(query))


def test_the_shell_commands_do_what_the_guide_says(address: str, database: Database, tmp_path: Path) -> None:
    (script,) = blocks("sh")
    environment = {**os.environ, **PLACE, "SERVER": address, "CITY": "testville"}
    done = subprocess.run(
        ["sh", "-eu", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    answers = [json.loads(one) for one in re.findall(r"\{.*?\}(?=\{\"|$)", done.stdout, re.DOTALL)]
    statuses = [answer["results"][0]["status"] for answer in answers if "results" in answer]
    assert statuses == ["created", "duplicate"]
    assert states(database) == ["kept", "withdrawn"]


def run_phone(address: str, folder: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    phone, use = blocks("python")
    names = f"CITY, LAT, LNG = {address + '/api/v1/cities/testville'!r}, {PLACE['LAT']}, {PLACE['LNG']}\n"
    script = "\n".join([phone, names, *(lines or [use])])
    return subprocess.run(
        [sys.executable, "-W", "error::SyntaxWarning", "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_python_client_does_what_the_guide_says(address: str, database: Database, tmp_path: Path) -> None:
    done = run_phone(address, tmp_path)
    assert done.returncode == 0, done.stderr
    assert states(database) == ["kept"]


def test_lost_answers_and_a_crash_neither_lose_nor_double(
    address: str, database: Database, tmp_path: Path, failures: list[str]
) -> None:
    add = "phone.add(lat=LAT, lng=LNG, accuracy_m=8.0, answers={'lighting': 1})"
    made = "phone = Phone('phone.db', CITY)"
    failures += ["", "busy", "lost"]
    first = run_phone(
        address, tmp_path, made, add, add, "import time; time.sleep = lambda s: None", "phone.send()"
    )
    assert first.returncode == 0, first.stderr
    assert failures == []
    assert states(database) == ["kept", "kept"]
    crashed = run_phone(address, tmp_path, made, add, "import os; os._exit(9)")
    assert crashed.returncode == 9
    again = run_phone(address, tmp_path, made, "phone.send()", "assert phone.waiting() == []")
    assert again.returncode == 0, again.stderr
    assert states(database) == ["kept"] * 3


def test_a_revoked_token_costs_no_audit(address: str, database: Database, tmp_path: Path) -> None:
    assert run_phone(address, tmp_path).returncode == 0
    with database.transaction() as connection:
        connection.execute(text("UPDATE device SET revoked_at = now()"))
    done = run_phone(address, tmp_path, "import time; time.sleep = lambda s: None", blocks("python")[1])
    assert done.returncode == 0, done.stderr
    assert states(database) == ["kept", "kept"]
