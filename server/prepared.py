"""Statements that every submission passes, executed by libpq itself.

A cursor of the driver and a result of SQLAlchemy cost several times what sending such a statement and reading
its one row takes. Values and rows are texts, as PostgreSQL reads and writes them.
"""

from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

import psycopg
from psycopg import pq
from psycopg.errors import error_from_result
from sqlalchemy import Connection

Row = tuple[Any, ...]  # of str and None


class Text(bytes):
    """A text as PostgreSQL reads it, in UTF-8: long ones need not be made a `str` on the way."""


_DONE = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)
_READY = "statements prepared here"


class Prepared:
    """A statement with numbered parameters ($1, $2 …); a connection that commits by itself parses it once."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._name = b"safeaudit_" + blake2b(sql.encode(), digest_size=8).hexdigest().encode()

    def rows(self, connection: Connection, *values: object) -> list[Row]:
        """Return the rows of the statement, executed within the connection's transaction.

        Raises psycopg.Error. What ends the connection takes it and its idle siblings out of use, as it
        would through SQLAlchemy.
        """
        driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment] # the only dialect here
        texts = [_to_text(value) for value in values]
        if driver.autocommit:
            return _rows(self._at_once(connection, driver.pgconn, texts))
        # The driver forgets what is prepared with each rollback, and begins on its own statements alone.
        if driver.pgconn.transaction_status == pq.TransactionStatus.IDLE:
            execute(connection, "BEGIN")
        return _rows(_checked(connection, driver.pgconn.exec_params(self.sql.encode(), texts)))

    def _at_once(self, connection: Connection, line: pq.abc.PGconn, texts: Any) -> pq.abc.PGresult:
        ready = connection.info.setdefault(_READY, set())
        if self._name not in ready:
            _checked(connection, line.prepare(self._name, self.sql.encode()))
            ready.add(self._name)
        return _checked(connection, line.exec_prepared(self._name, texts))


def execute(connection: Connection, commands: str) -> None:
    """Execute commands that return no rows, in one round trip; raises psycopg.Error as `Prepared.rows`."""
    driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment] # as above
    _checked(connection, driver.pgconn.exec_(commands.encode()))


def to_bool(text: str | None) -> bool:
    """Return the truth of a text PostgreSQL wrote."""
    return text == "t"


def to_moment(text: str) -> datetime:
    """Return the time of a text PostgreSQL wrote, with its offset."""
    return datetime.fromisoformat(text)


def to_uuids(text: str) -> list[UUID]:
    """Return the ids of an array PostgreSQL wrote."""
    return [UUID(one) for one in text.strip("{}").split(",") if one]


def _checked(connection: Connection, result: pq.abc.PGresult) -> pq.abc.PGresult:
    """Return a result that went well."""
    if result.status in _DONE:
        return result
    driver = connection.connection.driver_connection
    if driver is not None and not driver.closed:
        raise error_from_result(result)
    lost = psycopg.OperationalError("the connection was lost")
    connection.invalidate(lost)
    connection.engine.dispose()
    raise lost


def _to_text(value: object) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, Text):
        return value
    if isinstance(value, list):  # of what needs no quotes in PostgreSQL's arrays, such as ids
        return b"{%s}" % b",".join(str(one).encode() for one in value)
    return b"\\x" + value.hex().encode() if isinstance(value, bytes) else str(value).encode()


def _rows(result: pq.abc.PGresult) -> list[Row]:
    columns = range(result.nfields)
    rows = ([result.get_value(row, column) for column in columns] for row in range(result.ntuples))
    return [tuple(None if value is None else value.decode() for value in row) for row in rows]
