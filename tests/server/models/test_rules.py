"""The rules of the store (docs/decisions/0001-one-store.md), held over the whole metadata."""

from collections.abc import Iterator

import pytest
from sqlalchemy import BigInteger, DateTime, Integer, MetaData, Table, text
from sqlalchemy.schema import ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

from geo.cells import cells_of, parent
from server.database import Database
from server.errors import Conflict
from server.models.base import SHARED_TABLES
from server.models.registry import metadata
from server.queries.spreading import plan, spread

SPREADING = (PrimaryKeyConstraint, UniqueConstraint, ForeignKeyConstraint)


def faults(tables: MetaData) -> Iterator[str]:
    """Yield what would keep the schema from spreading by city."""
    for table in tables.sorted_tables:
        if table.name in SHARED_TABLES:
            continue
        for constraint in table.constraints:
            if isinstance(constraint, SPREADING) and next(iter(constraint.columns)).name != "city_id":
                yield f"{table.name}: {constraint.name} is not led by city_id"
        for index in table.indexes:
            if index.unique and next(iter(index.columns)).name != "city_id":
                yield f"{table.name}: unique index {index.name} is not led by city_id"
        yield from column_faults(table)


def column_faults(table: Table) -> Iterator[str]:
    for column in table.columns:
        # Machines of a cluster count in ranges of their own, for which an INTEGER has no room.
        if column.identity and not isinstance(column.type, BigInteger):
            yield f"{table.name}.{column.name} counts in fewer than 64 bits"
        if isinstance(column.type, DateTime) and not column.type.timezone:
            yield f"{table.name}.{column.name} has no time zone"


def test_city_id_leads_every_key_of_a_tenant_table() -> None:
    assert list(faults(metadata)) == []


def test_the_rule_sees_a_key_that_is_not_led_by_city() -> None:
    broken = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        table.to_metadata(broken)
    audit: Table = broken.tables["audit"]
    audit.append_constraint(UniqueConstraint("audit_id"))
    broken.tables["run"].columns["run_id"].type = Integer()
    assert list(faults(broken)) == [
        "run.run_id counts in fewer than 64 bits",
        "audit: uq_audit_audit_id is not led by city_id",
    ]


def test_tables_are_spread_after_those_they_refer_to() -> None:
    calls = dict(plan())
    assert calls.keys() == {table.name for table in metadata.sorted_tables} - {"rate_bucket"}
    assert calls["city"] == "SELECT create_reference_table('city')"
    assert calls["audit"] == "SELECT create_distributed_table('audit', 'city_id')"
    order = list(calls)
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            assert order.index(key.column.table.name) < order.index(table.name)


def test_without_citus_nothing_is_spread(database: Database) -> None:
    with database.transaction() as connection, pytest.raises(Conflict, match="CREATE EXTENSION citus"):
        spread(connection)


def test_tenant_tables_have_no_triggers(database: Database) -> None:
    names = [table.name for table in metadata.sorted_tables]
    with database.transaction() as connection:
        triggers = connection.execute(
            text(
                "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
                "WHERE relname = ANY(:names) AND NOT tgisinternal"
            ),
            {"names": names},
        ).all()
    assert triggers == []


@pytest.mark.parametrize(
    "table",
    [
        *("audit", "admission", "device", "profile", "api_key", "event", "campaign"),
        *("submission", "attachment", "photo", "loose_photo", "released_audit", "release_request"),
    ],
)
def test_the_layer_role_has_no_right_on_raw_tables(database: Database, table: str) -> None:
    with database.layer_reading() as connection:
        assert connection.scalar(text("SELECT current_user")) == "safeaudit_layers"
        allowed = connection.scalar(
            text("SELECT has_table_privilege(:table, 'SELECT, INSERT, UPDATE, DELETE')"), {"table": table}
        )
    assert allowed is False


def test_the_layer_role_cannot_change_what_it_reads(database: Database) -> None:
    with database.layer_reading() as connection:
        released = ("release", "aggregate", "privacy_budget")
        for table in ("city", "run", "layer", "layer_row", "cell_geometry", *released):
            rights = connection.execute(
                text(
                    "SELECT has_table_privilege(:table, 'SELECT'),"
                    " has_table_privilege(:table, 'INSERT, UPDATE, DELETE')"
                ),
                {"table": table},
            ).one()
            assert tuple(rights) == (True, False), table


def test_h3_parent_in_sql_equals_h3(database: Database) -> None:
    cells = cells_of([28.6139, -33.86, 64.7, 0.0], [77.2090, 151.2, 10.5, 179.99], resolution=11)
    with database.transaction() as connection:
        for resolution in range(12):
            for cell in cells:
                sql = connection.scalar(
                    text("SELECT h3_parent(:cell, :resolution)"),
                    {"cell": int(cell), "resolution": resolution},
                )
                assert sql == parent(int(cell), resolution=resolution)
        finer = connection.scalar(text("SELECT h3_parent(:cell, 12)"), {"cell": int(cells[0])})
        assert finer is None
