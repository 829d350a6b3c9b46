"""`safeaudit aggregate` as the operator types it, on a real store."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cities import City
from server.cli import group
from server.database import Database
from server.errors import Conflict, Invalid
from tests.server.publishing.conftest import Town
from tests.server.releasing.conftest import people_of_a_summer

ASK = ("aggregate", "ask", "testville", "--period", "2025Q3", "--resolution", "6")
LIGHT = (*ASK, "--measure", "lighting", "--epsilon", "0.5")


@pytest.fixture
def run(
    database: Database, database_url: str, terse_city: City, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    people_of_a_summer(Town(database, terse_city), places=3)
    monkeypatch.setenv("SAFEAUDIT_DATABASE_URL", database_url)
    monkeypatch.setenv("SAFEAUDIT_SECRET_KEY", "k" * 40)

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(group, arguments)

    return call


def test_an_operator_sees_the_cost_asks_and_asks_again_for_nothing(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    cost = run(*LIGHT, "--dry-run").output
    assert "costs 0.50; of the audits of 2025 4 is left" in cost
    assert "95 %, within: " in cost
    first = run(*LIGHT)
    assert first.exit_code == 0, first.output
    rows = list(csv.DictReader(io.StringIO(first.stdout)))
    assert list(rows[0]) == ["place", "auditors", "mean", "mean_low", "mean_high"]
    assert "noise of auditors: discrete Laplace, scale 24.0" in first.stderr
    file = tmp_path / "light.csv"
    assert run(*LIGHT, "--out", str(file)).exit_code == 0
    assert file.read_bytes().decode() == first.stdout_bytes.decode()
    assert "costs 0, as it was asked before" in run(*LIGHT, "--dry-run").output
    listed = run("aggregate", "list", "testville").output.splitlines()
    assert "audits of 2025: 0.50 of 4 spent, 3.50 left; to be asked from 2025-04-15 on" in listed
    assert listed[-1].split("\t")[1:] == ["2025Q3", "lighting", "resolution 6", "0.50"]


def test_what_cannot_be_asked_or_afforded_is_told(run: Callable[..., Result]) -> None:
    assert isinstance(run(*ASK, "--measure", "x", "--epsilon", "0.5").exception, Invalid)
    assert isinstance(run(*ASK, "--measure", "lighting", "--epsilon", "lots").exception, Invalid)
    assert run("city", "set", "testville", "epsilon_per_year=0.25").exit_code == 0
    refused = run(*LIGHT).exception
    assert isinstance(refused, Conflict)
    assert "0.25 may ever be spent" in str(refused)
    risen = run("city", "set", "testville", "epsilon_per_year=0.5").exception
    assert isinstance(risen, Invalid)
    assert "may only fall" in str(risen)
    for value in ("5", "-1", "0.001", "much"):
        assert isinstance(run("city", "set", "testville", f"epsilon_per_year={value}").exception, Invalid)
