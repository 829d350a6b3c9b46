"""Requests by the commands of the operator."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from server.cities import City
from server.cli import main
from server.errors import Conflict
from server.handoff.deficit import find_deficit
from server.handoff.requesting import write_request
from tests.server.handoff.agency import KEY, Agency
from tests.server.places import Places


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
