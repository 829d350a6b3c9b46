"""Releases: what was given away of a closed quarter, once and for all, and which audits went into it."""

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB, REAL, UUID

from server.models.base import city_key, created_at, metadata, tenant_key

release = Table(
    "release",
    metadata,
    city_key(),
    Column(
        "release_id", Text, primary_key=True, comment="quarter and instrument, such as 2026Q3-safetipin-9"
    ),
    Column("instrument_id", Text, nullable=False),
    Column("period", Text, nullable=False, comment="quarter of observation, such as 2026Q3"),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("purpose", Text),
    Column("rows_in", Integer, nullable=False, comment="audits of counted auditors that were considered"),
    Column("rows_out", Integer, nullable=False),
    Column("account", JSONB, nullable=False, comment="parameters, who is missing, checks passed"),
    Column("about", JSONB, nullable=False, comment="citation, licence and software as they were"),
    Column("files", JSONB, nullable=False, comment="[{name, bytes, sha256}], never changed"),
    Column("sha256", LargeBinary, nullable=False, comment="of SHA256SUMS, which holds the files' hashes"),
    UniqueConstraint("city_id", "instrument_id", "period"),
)

released_audit = Table(
    "released_audit",
    metadata,
    tenant_key(),
    Column("audit_id", UUID(as_uuid=True), primary_key=True, comment="so no audit is in two releases"),
    Column("version", SmallInteger, nullable=False),
    Column("release_id", Text, nullable=False),
    ForeignKeyConstraint(
        ["city_id", "audit_id", "version"], ["audit.city_id", "audit.audit_id", "audit.version"]
    ),
    ForeignKeyConstraint(["city_id", "release_id"], ["release.city_id", "release.release_id"]),
)

release_request = Table(
    "release_request",
    metadata,
    city_key(),
    Column("release_id", Text, primary_key=True),
    Column("instrument_id", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("purpose", Text),
    Column("actor", Text, nullable=False, comment="who asked: operator, or key:<key_id>"),
    created_at("asked_at"),
    Column("share", REAL, nullable=False, server_default="0", comment="of the work done, 0 to 1"),
    Column("doing", Text, nullable=False, server_default="waiting"),
    Column("fault", Text, comment="why it could not be made; null: it may still be"),
)
