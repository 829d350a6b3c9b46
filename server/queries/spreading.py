"""SQL that spreads the store over the machines of a Citus cluster, all rows of a city on one of them."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from server.errors import Conflict
from server.models.base import SHARED_TABLES
from server.models.registry import metadata

# https://docs.citusdata.com/en/stable/develop/api_udf.html
_DISTRIBUTE = "SELECT create_distributed_table('{}', 'city_id')"
_COPY_EVERYWHERE = "SELECT create_reference_table('{}')"
_HAS_CITUS = text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')")
_SPREAD = text("SELECT logicalrelid::regclass::text FROM pg_dist_partition")


def spread(connection: Connection) -> list[str]:
    """Spread by city every table that is not spread yet; return their names.

    Raises Conflict where PostgreSQL has no Citus, and changes nothing then. Each table is locked meanwhile.
    """
    if not connection.scalar(_HAS_CITUS):
        raise Conflict(
            "this PostgreSQL has no Citus to spread the store with: install it, and CREATE EXTENSION citus "
            "as its superuser; nothing was changed"
        )
    before = set(connection.scalars(_SPREAD))
    calls = {table: call for table, call in plan() if table not in before}
    for call in calls.values():
        connection.execute(text(call))
    return list(calls)


def plan() -> Iterator[tuple[str, str]]:
    """Yield (table, call), each after all that it refers to; what is no city's is on every machine."""
    for table in metadata.sorted_tables:
        if table.name not in SHARED_TABLES:
            yield table.name, _DISTRIBUTE.format(table.name)
        elif any(key.references(table) for other in metadata.sorted_tables for key in other.foreign_keys):
            yield table.name, _COPY_EVERYWHERE.format(table.name)
