"""What goes through binary COPY comes back as it was."""

import uuid

import numpy as np
import pytest

from server.database import Database
from server.queries import binary_copy
from server.queries.binary_copy import BOOL, INT2, INT4, INT8, UUID, read_records, record_type, write_records

COLUMNS = {"id": UUID, "small": INT2, "whole": INT4, "large": INT8, "yes": BOOL, "word": "S3"}
TABLE = "CREATE TEMPORARY TABLE copied (id uuid, small int2, whole int4, large int8, yes boolean, word text)"


def test_records_survive_the_way_in_and_out(database: Database) -> None:
    id_ = uuid.UUID("00ff00ff-0000-4000-8000-ffffffffff00")
    given = np.zeros(2, dtype=record_type(COLUMNS))
    given[0] = ((id_.int >> 64, id_.int & (2**64 - 1)), -2, -3, 2**62, True, b"abc")
    given[1] = ((0, 1), 2**15 - 1, 2**31 - 1, -(2**63), False, b"xyz")
    with database.transaction() as connection:
        connection.exec_driver_sql(TABLE)
        write_records(connection, "copied", given, columns=COLUMNS)
        told = connection.exec_driver_sql("SELECT * FROM copied ORDER BY small").all()
        back = read_records(connection, "SELECT * FROM copied ORDER BY small", {}, columns=COLUMNS)
    assert tuple(told[0]) == (id_, -2, -3, 2**62, True, "abc")
    for name in COLUMNS:
        assert np.array_equal(back[name], given[name]), name


def test_no_rows_are_no_records(database: Database) -> None:
    with database.transaction() as connection:
        assert len(read_records(connection, "SELECT 1 WHERE false", {}, columns={"x": INT4})) == 0
        connection.exec_driver_sql(TABLE)
        write_records(connection, "copied", np.zeros(0, dtype=record_type(COLUMNS)), columns=COLUMNS)


@pytest.mark.parametrize("rows", [0, 1, 6, 7, 8, 20, 21, 22])
def test_rows_that_come_in_parts_are_all_there(
    database: Database, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(binary_copy, "_AT_ONCE", 7)
    with database.transaction() as connection:
        query = f"SELECT n, -n::int8 FROM generate_series(1, {rows}) AS n"
        back = read_records(connection, query, {}, columns={"x": INT4, "y": INT8})
    assert back["x"].tolist() == list(range(1, rows + 1))
    assert back["y"].tolist() == list(range(-1, -rows - 1, -1))


@pytest.mark.parametrize(
    "query", ["SELECT NULL::int4", "SELECT 1::int8", "SELECT 1::int2 UNION ALL SELECT NULL"]
)
def test_a_null_or_another_width_is_an_error(database: Database, query: str) -> None:
    with database.transaction() as connection, pytest.raises(ValueError, match="NULL or not of the width"):
        read_records(connection, query, {}, columns={"x": INT4})


def test_a_null_in_place_of_as_many_bytes_elsewhere_is_an_error(database: Database) -> None:
    with database.transaction() as connection, pytest.raises(ValueError, match="column x"):
        read_records(connection, "SELECT NULL::int4, 1::int8", {}, columns={"x": INT4, "y": INT4})
