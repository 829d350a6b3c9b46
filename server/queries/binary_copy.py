"""Columns out of and into PostgreSQL by binary COPY, as numpy arrays: no work for each row in Python.

Every column has a fixed width and is never NULL, so that one row is one numpy record.
https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format": a 19-byte header, per row the number of
fields and each field behind its length, a trailer of -1; all big-endian.
"""

import uuid
from collections.abc import Mapping
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection

Records = NDArray[np.void]

UUID = (">u8", (2,))
"""A uuid as two halves, which sort as the uuid does."""
BOOL, INT2, INT4, INT8, FLOAT8 = "?", ">i2", ">i4", ">i8", ">f8"

_STAGE = sql.SQL("CREATE TEMPORARY TABLE coming ON COMMIT DROP AS SELECT {names} FROM {table} LIMIT 0")
_FILL = sql.SQL("COPY pg_temp.coming ({names}) FROM STDIN (FORMAT binary)")
_MOVE = sql.SQL("INSERT INTO {table} ({names}) SELECT {names} FROM pg_temp.coming")

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_AT_ONCE = 100_000
"""Rows held as they came: of ten million they would take more memory than all that is made of them."""
_COUNT = "(fields)"


def uuids(halves: Records) -> list[uuid.UUID]:
    """Return UUIDs that were read as two halves each."""
    return [uuid.UUID(int=(high << 64) | low) for high, low in halves.tolist()]


def read_records(
    connection: Connection, query: str, values: Mapping[str, Any], *, columns: Mapping[str, Any]
) -> Records:
    """Return the rows of a SELECT as records of `columns`, name -> numpy type, in the order of the SELECT.

    `query` takes psycopg's `%(name)s` placeholders. ValueError where a column is NULL or of another width.
    """
    parts = [_unframed(b"", columns)]
    received, begins = bytearray(), len(_HEADER)
    whole = _AT_ONCE * _framed(columns).itemsize
    with _cursor(connection).copy(f"COPY ({query}) TO STDOUT (FORMAT binary)", values) as copy:
        for part in copy:
            received += part
            if len(received) >= begins + whole + len(_TRAILER):
                parts.append(_unframed(bytes(received[begins : begins + whole]), columns))
                del received[: begins + whole]
                begins = 0
    parts.append(_unframed(bytes(received[begins : -len(_TRAILER)]), columns))
    return np.concatenate(parts)


def _unframed(received: bytes, columns: Mapping[str, Any]) -> Records:
    """Return rows as records without the frames, which are half of them."""
    framed = _framed(columns)
    if len(received) % framed.itemsize:
        raise ValueError(f"a column among {', '.join(columns)} is NULL or not of the width it is read with")
    rows = np.frombuffer(received, dtype=framed)
    records = np.empty(len(rows), dtype=record_type(columns))
    for name in columns:
        if np.any(rows[_length(name)] != framed[name].itemsize):
            raise ValueError(f"column {name} is NULL or not of the width it is read with")
        records[name] = rows[name]
    return records


def write_records(
    connection: Connection, table: str, records: Records, *, columns: Mapping[str, Any]
) -> None:
    """Insert records into a table; `columns` as for `read_records`, and text as `S` and its exact width.

    PostgreSQL takes no COPY into a table with row security (manual, COPY, Notes): they come by a table of
    the transaction's own.
    """
    framed = np.zeros(len(records), dtype=_framed(columns))
    framed[_COUNT] = len(columns)
    for name in columns:
        framed[_length(name)] = framed.dtype[name].itemsize
        framed[name] = records[name]
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    there = {"table": sql.Identifier(table), "names": names}
    cursor = _cursor(connection)
    cursor.execute(_STAGE.format(**there))
    with cursor.copy(_FILL.format(**there)) as copy:
        copy.write(_HEADER + framed.tobytes() + _TRAILER)
    cursor.execute(_MOVE.format(**there))
    cursor.execute("DROP TABLE pg_temp.coming")


def record_type(columns: Mapping[str, Any]) -> np.dtype[np.void]:
    """Return the type of a record of columns, name -> numpy type."""
    return np.dtype([_part(name, kind) for name, kind in columns.items()])


def _part(name: str, kind: Any) -> Any:
    return (name, *kind) if isinstance(kind, tuple) else (name, kind)


def _length(name: str) -> str:
    return f"({name})"


def _framed(columns: Mapping[str, Any]) -> np.dtype[np.void]:
    """Return the type of one row on the wire: each column behind its length."""
    parts: list[Any] = [(_COUNT, INT2)]
    for name, kind in columns.items():
        parts += [(_length(name), INT4), _part(name, kind)]
    return np.dtype(parts)


def _cursor(connection: Connection) -> psycopg.Cursor[Any]:
    """Return a cursor of the driver, within the connection's transaction."""
    cursor: psycopg.Cursor[Any] = connection.connection.cursor()  # type: ignore[assignment]
    return cursor
