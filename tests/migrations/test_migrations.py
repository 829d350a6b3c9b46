"""The migrations yield just the schema of the models, and lose no row on the way."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from geoalchemy2.alembic_helpers import include_object
from sqlalchemy import Connection, text

from server.cities import City
from server.cluster.embedded import Cluster
from server.database import Database, connect
from server.errors import Conflict
from server.models.registry import metadata
from server.services.migrate import _config, head, migrate, revision


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[Database]:
    cluster.create_database("test_empty")
    database = connect(cluster.database_url("test_empty"), pool_size=2)
    yield database
    database.dispose()
    cluster.drop_database("test_empty")


def test_an_empty_store_comes_to_the_schema_of_the_models(empty: Database) -> None:
    assert migrate(empty) == (None, head())
    assert migrate(empty) == (head(), head())
    with empty.transaction() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": include_object, "compare_server_default": True}
        )
        differences = [
            change for change in compare_metadata(context, metadata) if "alembic_version" not in str(change)
        ]
        assert differences == []


def test_the_comparison_sees_a_missing_column(empty: Database) -> None:
    migrate(empty)
    with empty.transaction() as connection:
        connection.execute(text("ALTER TABLE audit DROP COLUMN mode"))
        context = MigrationContext.configure(connection, opts={"include_object": include_object})
        assert "mode" in str(compare_metadata(context, metadata))


def test_down_and_up_again_from_an_empty_store(empty: Database) -> None:
    migrate(empty)
    with empty.transaction() as connection:
        command.downgrade(_config(connection), "base")
        assert revision(connection) is None
    assert migrate(empty) == (None, head())


def test_going_below_the_first_schema_with_rows_is_refused_and_loses_nothing(
    database: Database, city: City
) -> None:
    with pytest.raises(RuntimeError, match="drop every city"), database.transaction() as connection:
        command.downgrade(_config(connection), "base")
    with database.transaction() as connection:
        assert revision(connection) == head()
        assert connection.scalar(text("SELECT count(*) FROM city")) == 2
    assert city.slug == "testville"


def test_a_store_of_a_newer_program_is_refused(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Conflict, match="newer than this program"):
        migrate(database)


def test_one_step_down_and_up_again_keeps_every_row(database: Database, city: City) -> None:
    tables = ("city", "city_boundary", "instrument")
    with database.transaction() as connection:
        before = {name: _rows(connection, name) for name in tables}
        command.downgrade(_config(connection), "-1")
        assert revision(connection) != head()
        command.upgrade(_config(connection), "head")
        assert revision(connection) == head()
        assert {name: _rows(connection, name) for name in tables} == before
    assert before["city"] != "[]"


def _rows(connection: Connection, table: str) -> str:
    return str(
        connection.scalar(text(f"SELECT COALESCE(json_agg(t ORDER BY t::text), '[]') FROM {table} AS t"))
    )
