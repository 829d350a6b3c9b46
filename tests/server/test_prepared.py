"""Statements executed by libpq: inside transactions, outside, and when PostgreSQL goes away."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from server.database import Database, connect
from server.prepared import Prepared, to_bool, to_moment, to_uuids

_ENDED = "SELECT pg_terminate_backend(pid) FROM unnest(:ids) AS own(pid)"
_NUMBER = Prepared("SELECT $1::int")
_SELF = Prepared("SELECT pg_backend_pid()")


def test_a_prepared_statement_is_part_of_the_transaction(database: Database) -> None:
    with database.transaction() as connection:
        Prepared("CREATE TABLE gone (number int)").rows(connection)
        connection.rollback()
    with database.transaction() as connection:
        assert connection.scalar(text("SELECT to_regclass('gone')")) is None


def test_what_is_kept_outside_a_transaction_is_committed_at_once(database: Database) -> None:
    with database.statements() as connection:
        Prepared("CREATE TABLE kept AS SELECT 1").rows(connection)
        with database.transaction() as another:
            assert another.scalar(text("SELECT count(*) FROM kept")) == 1


def test_a_statement_that_is_wrong_costs_no_connection(database: Database) -> None:
    with database.statements() as connection:
        with pytest.raises(psycopg.errors.DivisionByZero):
            Prepared("SELECT 1 / $1::int").rows(connection, 0)
        assert _NUMBER.rows(connection, 7) == [("7",)]


def test_one_lost_connection_takes_its_idle_siblings_along(database: Database, database_url: str) -> None:
    lost = connect(database_url, pool_size=3)
    with ExitStack() as held:
        connections = [held.enter_context(lost.statements()) for _ in range(3)]
        own = [int(_SELF.rows(one)[0][0]) for one in connections]
    with database.transaction() as connection:
        connection.execute(text(_ENDED), {"ids": own})
    with pytest.raises(psycopg.OperationalError), lost.statements() as connection:
        _NUMBER.rows(connection, 1)
    with ExitStack() as held:
        for number in range(3):
            connection = held.enter_context(lost.statements())
            assert _NUMBER.rows(connection, number) == [(str(number),)]
    lost.dispose()


def test_values_and_rows_are_what_postgresql_reads_and_writes(database: Database) -> None:
    given = (None, b"\x00\xff", "ü'%s", UUID(int=7), True, 2.5)
    told = Prepared("SELECT $1::text, $2::bytea, $3::text, $4::uuid, $5::boolean, $6::float8")
    with database.statements() as connection:
        assert told.rows(connection, *given) == [(None, "\\x00ff", "ü'%s", str(UUID(int=7)), "t", "2.5")]
        several = Prepared("SELECT now(), ARRAY[$1::uuid, $1], '{}'::uuid[]")
        [(moment, ids, none)] = several.rows(connection, UUID(int=7))
    assert abs(to_moment(moment) - datetime.now(UTC)) < timedelta(minutes=1)
    assert (to_uuids(ids), to_uuids(none)) == ([UUID(int=7)] * 2, [])
    assert (to_bool("t"), to_bool("f"), to_bool(None)) == (True, False, False)
