"""The metadata all tables hang on, and the columns they share.

Rules of the store (docs/decisions/0001-one-store.md), held by tests/server/models/test_rules.py:
city_id leads every primary key, unique constraint and foreign key of a tenant table, so that the
store spreads by city unchanged; no triggers on tenant tables; times are timestamptz.
"""

from sqlalchemy import Column, DateTime, ForeignKey, Integer, MetaData, func

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)

# Tables that are not a tenant's: the list of tenants itself, and machine-local bookkeeping.
SHARED_TABLES = frozenset({"city", "rate_bucket"})

# What single people sent or said, and what is kept of it: under row security (migration 0018), so that a
# statement sees the rows of the city that its connection names, and no others.
RAW_TABLES = frozenset(
    {
        *("admission", "attachment", "audit", "auditor_trust", "device", "moderation_audit"),
        *("moderation_case", "photo", "profile", "released_audit", "submission"),
    }
)


def city_key() -> Column[int]:
    """Return the city_id with which the primary key of a table directly below its city begins."""
    return Column("city_id", Integer, ForeignKey("city.city_id"), primary_key=True, autoincrement=False)


def tenant_key() -> Column[int]:
    """Return the city_id of a table whose foreign key to another tenant table implies the city."""
    return Column("city_id", Integer, primary_key=True, autoincrement=False)


def created_at(name: str = "created_at") -> Column[object]:
    """Return a timestamptz column that defaults to the transaction's time."""
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())
