"""Keys of staff, the log of what was done with them, and the buckets that bound how often."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    Identity,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from server.models.base import city_key, created_at, metadata

api_key = Table(
    "api_key",
    metadata,
    city_key(),
    Column("key_id", UUID(as_uuid=True), primary_key=True),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    created_at(),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    UniqueConstraint("city_id", "token_hash"),
    CheckConstraint("role IN ('planner', 'organiser', 'moderator', 'analyst', 'admin')", name="role_known"),
)

event = Table(
    "event",
    metadata,
    city_key(),
    Column("event_id", BigInteger, Identity(), primary_key=True),
    created_at("happened_at"),
    Column("actor", Text, nullable=False, comment="operator, or key:<key_id>"),
    Column("action", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default="{}"),
)

# Machine-local and UNLOGGED: a crash forgets who sent how much in the last minutes, and nothing else.
rate_bucket = Table(
    "rate_bucket",
    metadata,
    Column("bucket", LargeBinary, primary_key=True, comment="keyed hash of what is limited"),
    Column("tokens", Float(53), nullable=False),
    Column("refilled_at", DateTime(timezone=True), nullable=False),
    prefixes=["UNLOGGED"],
)
