"""`safeaudit check` says in plain words what is wrong, and exits 1 if anything is."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from server.cities import City
from server.cli import group
from server.database import Database
from server.queries.jobs import enqueue_analysis

Check = Callable[[], Result]


@pytest.fixture
def check(database_url: str, city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    monkeypatch.setenv("SAFEAUDIT_DATABASE_URL", database_url)
    monkeypatch.setenv("SAFEAUDIT_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("SAFEAUDIT_HOME", str(tmp_path))
    return lambda: CliRunner().invoke(group, ["check"])


def test_plain_http_is_told(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    for address, told in (
        ("http://audits.example.org", True),
        ("https://audits.example.org", False),
        ("http://127.0.0.1:8080", False),
    ):
        monkeypatch.setenv("SAFEAUDIT_PUBLIC_URL", address)
        assert ("SAFEAUDIT_PUBLIC_URL is plain http" in check().output) == told, address


def test_jobs_that_nobody_does_are_told(check: Check, database: Database, city: City) -> None:
    with database.transaction() as connection:
        job = enqueue_analysis(connection, city_id=city.city_id)
    assert "jobs are not being done" not in check().output
    with database.transaction() as connection:
        connection.execute(text("UPDATE jobs.procrastinate_events SET at = now() - interval '2 hours'"))
    told = check()
    assert "- 1 jobs are not being done for over an hour: is `safeaudit worker` running?" in told.output
    assert told.exit_code == 1
    with database.transaction() as connection:
        connection.execute(text("SET LOCAL search_path TO jobs"))
        connection.execute(text("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = :id"), {"id": job})
    assert "- 1 jobs are not being done" in check().output, "its worker is gone"
    heard = """WITH worker AS (INSERT INTO jobs.procrastinate_workers DEFAULT VALUES RETURNING id)
               UPDATE jobs.procrastinate_jobs SET worker_id = worker.id FROM worker"""
    with database.transaction() as connection:
        connection.execute(text("SET LOCAL search_path TO jobs"))
        connection.execute(text(heard))
    assert "jobs are not being done" not in check().output, "its worker is at it"


def test_an_old_schema_and_a_store_that_forgets_are_told(check: Check, database: Database) -> None:
    output = check().output
    assert "fsync is 'off', must be on" in output, "the store of the tests forgets"
    assert "testville was never analysed: run `safeaudit analyze testville`" in output
    with database.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert "the schema is 0001, this program needs" in check().output
