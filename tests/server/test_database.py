"""The store's pools, when PostgreSQL goes away and comes back."""

from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy import text

from server.database import Database, connect, execute_by_driver

_ENDED = "SELECT pg_terminate_backend(pid) FROM unnest(:ids) AS own(pid)"
_NUMBER = "SELECT %(number)s::int"


def test_the_driver_s_statement_is_part_of_the_transaction(database: Database) -> None:
    with database.transaction() as connection:
        execute_by_driver(connection, "CREATE TABLE gone (number int)", {})
        connection.rollback()
    with database.transaction() as connection:
        assert connection.scalar(text("SELECT to_regclass('gone')")) is None


def test_what_is_kept_outside_a_transaction_is_committed_at_once(database: Database) -> None:
    with database.statements() as connection:
        execute_by_driver(connection, "CREATE TABLE kept AS SELECT 1", {})
        with database.transaction() as another:
            assert another.scalar(text("SELECT count(*) FROM kept")) == 1


def test_a_statement_that_is_wrong_costs_no_connection(database: Database) -> None:
    with database.statements() as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            execute_by_driver(connection, "SELECT 1 / %(number)s::int", {"number": 0})
        assert execute_by_driver(connection, _NUMBER, {"number": 7}).fetchone() == (7,)


def test_one_lost_connection_takes_its_idle_siblings_along(database: Database, database_url: str) -> None:
    lost = connect(database_url, pool_size=3)
    with ExitStack() as held:
        connections = [held.enter_context(lost.statements()) for _ in range(3)]
        own = [execute_by_driver(one, "SELECT pg_backend_pid()", {}).fetchall()[0][0] for one in connections]
    with database.transaction() as connection:
        connection.execute(text(_ENDED), {"ids": own})
    with pytest.raises(psycopg.OperationalError), lost.statements() as connection:
        execute_by_driver(connection, _NUMBER, {"number": 1})
    with ExitStack() as held:
        for number in range(3):
            connection = held.enter_context(lost.statements())
            assert execute_by_driver(connection, _NUMBER, {"number": number}).fetchone() == (number,)
    lost.dispose()
