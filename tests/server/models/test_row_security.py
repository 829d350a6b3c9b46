"""Raw rows of one city at a time: what PostgreSQL itself refuses, whatever a statement forgets to ask."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import ProgrammingError

from server.cities import City, CityDirectory
from server.database import TENANT_ROLE, Database, connect
from server.models.audit import audit
from server.models.base import RAW_TABLES, SHARED_TABLES
from server.models.device import device, profile
from server.models.registry import metadata
from server.prepared import Prepared

HERE, OTHER = "testville", "othertown"


@pytest.fixture
def served(database_url: str) -> Iterator[Database]:
    """The store as web and worker see it."""
    served = connect(database_url, pool_size=2, role=TENANT_ROLE)
    yield served
    served.dispose()


@pytest.fixture
def two(database: Database, city: City, cities: CityDirectory) -> dict[str, int]:
    """Two cities with a device, a profile and an audit each."""
    ids = {slug: cities.get(slug).city_id for slug in (HERE, OTHER)}
    with database.transaction() as connection:
        for city_id in ids.values():
            one = {"city_id": city_id, "device_id": uuid4()}
            connection.execute(insert(device).values(**one, origin="phone"))
            connection.execute(insert(profile).values(**one, gender="woman"))
            kept = {"audit_id": uuid4(), "version": 1, "used": True, "flags": []}
            connection.execute(insert(audit).values(**one, **kept))
    return ids


def cities_in(connection: Connection, table: str = "audit") -> list[int]:
    return list(connection.scalars(text(f"SELECT city_id FROM {table} ORDER BY city_id")))


def test_without_a_city_there_are_no_raw_rows(served: Database, two: dict[str, int]) -> None:
    for table in ("audit", "device", "profile"):
        with served.transaction() as connection:
            assert cities_in(connection, table) == []
        with served.statements() as connection:
            assert cities_in(connection, table) == []


def test_with_a_city_there_are_its_rows_alone(served: Database, two: dict[str, int]) -> None:
    for city_id in two.values():
        with served.of(city_id).transaction() as connection:
            assert cities_in(connection) == [city_id]
        with served.of(city_id).statements() as connection:
            assert cities_in(connection, "profile") == [city_id]


def test_a_connection_forgets_the_city_of_whoever_had_it_before(
    served: Database, two: dict[str, int]
) -> None:
    """The pool has two connections: each is lent again and again, to other cities and to none."""
    asked = Prepared("SELECT city_id FROM audit")
    for named in [*two.values(), None, *two.values(), None] * 3:
        there = served if named is None else served.of(named)
        seen = [] if named is None else [str(named)]
        with there.statements() as connection:
            assert [row[0] for row in asked.rows(connection)] == seen
        with there.transaction() as connection:
            assert [row[0] for row in asked.rows(connection)] == seen


def test_nothing_is_changed_or_written_beyond_the_city(served: Database, two: dict[str, int]) -> None:
    with served.of(two[HERE]).transaction() as connection:
        assert connection.execute(text("UPDATE audit SET comment = 'mine'")).rowcount == 1
        assert connection.execute(text("DELETE FROM profile")).rowcount == 1
        assert (
            connection.execute(text("DELETE FROM profile WHERE city_id = :id"), {"id": two[OTHER]}).rowcount
            == 0
        )
    intruder = insert(device).values(city_id=two[OTHER], device_id=uuid4(), origin="phone")
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        served.of(two[HERE]).transaction() as connection,
    ):
        connection.execute(intruder)


def test_the_owner_sees_one_city_where_it_names_one_and_else_all(
    database: Database, two: dict[str, int]
) -> None:
    with database.transaction() as connection:
        assert cities_in(connection) == sorted(two.values())
    with database.of(two[OTHER]).transaction() as connection:
        assert cities_in(connection) == [two[OTHER]]


def test_every_raw_table_is_held_and_no_other(database: Database) -> None:
    held = text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    policies = text("SELECT tablename, policyname, permissive, cmd FROM pg_policies ORDER BY 1, 2")
    with database.transaction() as connection:
        assert set(connection.scalars(held)) == RAW_TABLES
        found = [tuple(row) for row in connection.execute(policies)]
    assert found == [
        (table, name, "PERMISSIVE", "ALL")
        for table in sorted(RAW_TABLES)
        for name in ("all_cities", "city_named")
    ]


def test_whoever_serves_owns_nothing_and_is_no_superuser(served: Database) -> None:
    asked = text("""
        SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolcanlogin,
               EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid),
               pg_has_role('safeaudit_tenant', 'safeaudit_operator', 'MEMBER')
        FROM pg_roles WHERE rolname = current_user AND rolname = 'safeaudit_tenant'""")
    with served.transaction() as connection:
        assert tuple(connection.execute(asked).one()) == (False, False, False)


def test_whoever_serves_may_use_every_table(served: Database) -> None:
    """A table of a later migration is not forgotten."""
    every = [*sorted(metadata.tables), "jobs.procrastinate_jobs", "jobs.procrastinate_events"]
    asked = text("SELECT has_table_privilege(:table, 'SELECT') AND has_table_privilege(:table, 'INSERT')")
    with served.transaction() as connection:
        assert [table for table in every if not connection.scalar(asked, {"table": table})] == []
    assert set(metadata.tables) >= SHARED_TABLES


@pytest.mark.parametrize(
    "act", ["UPDATE event SET actor = 'nobody'", "DELETE FROM event", "TRUNCATE event", "DROP TABLE event"]
)
def test_the_log_of_events_is_only_added_to(served: Database, two: dict[str, int], act: str) -> None:
    with served.transaction() as connection:
        connection.execute(
            text("INSERT INTO event (city_id, actor, action) VALUES (:id, 'operator', 'test')"),
            {"id": two[HERE]},
        )
    with pytest.raises(ProgrammingError) as refused, served.transaction() as connection:
        connection.execute(text(act))
    assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)


def test_the_tests_of_this_page_can_fail(database: Database, served: Database, two: dict[str, int]) -> None:
    with database.transaction() as connection:
        connection.execute(text("ALTER TABLE audit DISABLE ROW LEVEL SECURITY"))
    with served.transaction() as connection:
        assert cities_in(connection) == sorted(two.values())
