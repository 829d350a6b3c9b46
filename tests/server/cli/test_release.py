"""`safeaudit release` as the operator types it, on a real store."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cities import City
from server.cli import group
from server.database import Database
from server.errors import Conflict, Invalid, NotThere
from tests.server.publishing.conftest import Town
from tests.server.releasing.conftest import people_of_a_summer


@pytest.fixture
def run(
    database: Database, database_url: str, city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    people_of_a_summer(Town(database, city))
    monkeypatch.setenv("SAFEAUDIT_DATABASE_URL", database_url)
    monkeypatch.setenv("SAFEAUDIT_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("SAFEAUDIT_HOME", str(tmp_path))

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(group, ["release", *arguments])

    return call


def test_a_release_is_made_once_listed_and_verified(run: Callable[..., Result], tmp_path: Path) -> None:
    told = [run("create", "testville", "--period", "2025Q3", "--purpose", "a test") for _ in range(2)]
    assert told[0].exit_code == 0, told[0].output
    folder = tmp_path / "releases" / "testville" / "2025Q3-safetipin-9"
    assert told[0].stdout == told[1].stdout
    assert told[0].stdout.splitlines()[-1] == str(folder)
    assert run("list", "testville").output.startswith("2025Q3-safetipin-9\t2025Q3\tsafetipin-9\t")
    digest = told[0].stdout.split("SHA256SUMS ")[1].split()[0]
    assert run("verify", str(folder)).output.strip().endswith(digest)
    (folder / "audits.csv").write_text("x")
    assert isinstance(run("verify", str(folder)).exception, Invalid)


def test_what_cannot_be_released_is_told(run: Callable[..., Result]) -> None:
    assert isinstance(run("create", "nowhere", "--period", "2025Q3").exception, NotThere)
    assert isinstance(run("create", "testville", "--period", "2999Q4").exception, Conflict)
    assert isinstance(run("create", "testville", "--period", "last summer").exception, Invalid)
