"""Upgrades of a store that is in use."""

import pytest
from alembic import command
from sqlalchemy import text

from server.cluster.embedded import Cluster
from server.database import Database
from server.errors import Unavailable
from server.services import migrate as migration
from tests.migrations.upgrade import upgrade

LONGEST_LOCK_S = 3.0


def test_from_the_first_schema_to_the_last_with_rows_and_writers(cluster: Cluster) -> None:
    found = upgrade(cluster, rows=20_000)
    assert found.written > 50
    assert (found.lost, found.altered) == (0, False), str(found)
    assert found.longest_write_s < LONGEST_LOCK_S, str(found)


def test_a_table_that_stays_busy_is_told_and_nothing_is_changed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration, "LOCK_WAIT_S", 0.1)
    monkeypatch.setattr(migration, "TRIES", 1)
    with database.transaction() as connection:
        command.downgrade(migration._config(connection), "-1")
        before = migration.revision(connection)
    with database.transaction() as reader:
        reader.execute(text("SELECT 1 FROM audit"))
        with pytest.raises(Unavailable, match="nothing was: migrate again"):
            migration.migrate(database)
    with database.transaction() as connection:
        assert migration.revision(connection) == before
