"""The embedded database is moved to another data folder, or stays as it was."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, text

from server.backup import upgrade_database as upgrading
from server.backup.archive import Fingerprint, read_manifest
from server.backup.store import fingerprints
from server.backup.upgrade_database import remove_replaced, upgrade_database
from server.cli import group
from server.cli.upgrade_db import command
from server.cluster import ClusterError, binaries, data_folder, ensure
from server.cluster.embedded import Cluster
from server.database import connect
from server.errors import Conflict, Invalid
from server.settings import Settings

OF_WHICH = text("SELECT system_identifier FROM pg_control_system()")


CITY = ("city", "create", "delhi", "--name", "Delhi", "--timezone", "Asia/Kolkata")


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    """A HOME with a city, and nothing running."""
    with tempfile.TemporaryDirectory(prefix="sa-", dir="/tmp", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        settings = Settings(home=Path(made, "home"))
        environ = {"SAFEAUDIT_HOME": str(settings.home)}
        told = CliRunner().invoke(group, [*CITY, "--boundary", "77.19,28.60,77.23,28.64"], env=environ)
        assert told.exit_code == 0, told.output
        yield settings


@contextmanager
def opened(settings: Settings) -> Iterator[Connection]:
    with ensure(settings.home) as cluster:
        database = connect(cluster.url, pool_size=1)
        try:
            with database.transaction() as connection:
                yield connection
        finally:
            database.dispose()


def state(settings: Settings) -> tuple[int, dict[str, Fingerprint]]:
    """Return by which data folder the database is served, and what is in it."""
    with opened(settings) as connection:
        return connection.execute(OF_WHICH).scalar_one(), fingerprints(connection)


def test_every_table_is_in_another_data_folder_and_the_old_one_stays(settings: Settings) -> None:
    before, tables = state(settings)
    told: list[str] = []
    done = upgrade_database(settings, rebuild=True, progress=told.append)
    after, now = state(settings)
    assert after != before
    assert now == tables
    assert sum(table.rows for table in now.values()) == done.rows > 5
    assert dict(read_manifest(done.backup).tables) == tables
    assert [path.name for path in data_folder.kept(Cluster(settings.home).data)] == [done.kept.name]
    assert (done.kept / "PG_VERSION").read_text().strip() == str(done.before)
    assert not list(settings.home.glob(".upgrading-*"))
    assert told[-1] == "fingerprints of the tables"
    assert remove_replaced(settings) == [done.kept]
    assert not done.kept.exists()


def test_a_table_that_came_over_otherwise_keeps_the_old_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = upgrading.undump

    def lossy(url: str, file: Path, *, program: str) -> None:
        real(url, file, program=program)
        database = connect(url, pool_size=1)
        with database.transaction() as connection:
            connection.execute(text("UPDATE city SET name = 'Dehli'"))
        database.dispose()

    before = state(settings)
    monkeypatch.setattr(upgrading, "undump", lossy)
    with pytest.raises(Invalid, match=r"public\.city$"):
        upgrade_database(settings, rebuild=True, progress=lambda _: None)
    assert state(settings) == before
    assert not data_folder.kept(Cluster(settings.home).data)


def test_not_while_somebody_uses_it(settings: Settings) -> None:
    with ensure(settings.home), pytest.raises(ClusterError, match="is in use: end `safeaudit up`"):
        upgrade_database(settings, rebuild=True, progress=lambda _: None)


def test_nothing_to_do_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFEAUDIT_HOME", str(settings.home))
    told = CliRunner().invoke(command)
    major = binaries.find().major
    assert isinstance(told.exception, Conflict)
    assert f"is of PostgreSQL {major}, and the newest with PostGIS here is {major}" in str(told.exception)
    assert CliRunner().invoke(command, ["--remove-old"]).output == "there are no old data\n"


def test_a_store_of_ones_own_and_an_empty_home_are_refused(tmp_path: Path) -> None:
    own = Settings(home=tmp_path, database_url="postgresql://x/y", secret_key="k" * 40)
    with pytest.raises(Conflict, match="pg_upgradecluster"):
        upgrade_database(own, rebuild=False, progress=lambda _: None)
    with pytest.raises(Conflict, match="no database"):
        upgrade_database(Settings(home=tmp_path), rebuild=False, progress=lambda _: None)


def test_a_move_cut_off_is_never_an_empty_database(settings: Settings) -> None:
    data = Cluster(settings.home).data
    aside = data.with_name("data-replaced-1")
    data.rename(aside)
    with pytest.raises(ClusterError, match=f"mv {aside} {data}"):
        ensure(settings.home)
    with pytest.raises(ClusterError, match="cut off"):
        remove_replaced(settings)
    aside.rename(data)
