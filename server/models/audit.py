"""An audit: raw truth, append-only. Each correction is a further version, each end a tombstone.

A tombstone empties every earlier version and leaves id, hash and date, so that resending what was
withdrawn is recognised and revives nothing.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, REAL, UUID

from server.models.base import created_at, metadata, tenant_key

audit = Table(
    "audit",
    metadata,
    tenant_key(),
    Column("audit_id", UUID(as_uuid=True), primary_key=True),
    Column("version", SmallInteger, primary_key=True, autoincrement=False, comment="1 is the first sending"),
    Column("device_id", UUID(as_uuid=True), nullable=False),
    Column("state", Text, nullable=False, server_default="kept"),
    Column("content_hash", LargeBinary, comment="SHA-256 of the parsed content; a tombstone has none"),
    created_at("received_at"),
    Column("instrument_id", Text),
    Column("instrument_version", SmallInteger),
    Column("location", Geometry("POINT", srid=4326, spatial_index=False)),
    Column("accuracy_m", REAL),
    Column("cell", BigInteger, comment="H3 cell of resolution 11"),
    Column("observed_at", DateTime(timezone=True)),
    Column("answered_at", DateTime(timezone=True)),
    Column("daypart", SmallInteger, comment="0 day, 1 night, 2 unknown"),
    Column("ratings", ARRAY(SmallInteger), comment="in the instrument's order; -1 is no answer"),
    Column("answers", JSONB, comment="answers that are not ratings"),
    Column("comment", Text),
    Column("mode", Text),
    Column("used", Boolean, nullable=False, comment="false: kept out of analysis; flags say why"),
    Column("flags", ARRAY(Text), nullable=False),
    Column(
        "exact", Boolean, nullable=False, server_default="true", comment="false: cell's centre and full hour"
    ),
    ForeignKeyConstraint(["city_id", "device_id"], ["device.city_id", "device.device_id"]),
    CheckConstraint("state IN ('kept', 'withdrawn', 'erased')", name="state_known"),
    CheckConstraint("mode IN ('walk', 'vehicle', 'photo', 'import')", name="mode_known"),
    CheckConstraint("daypart IN (0, 1, 2)", name="daypart_known"),
    Index("ix_audit_device", "city_id", "device_id", "received_at"),
    # Only corrections and tombstones: what makes "is there a later version?" cheap.
    Index("ix_audit_later", "city_id", "audit_id", postgresql_where="version > 1"),
)

admission = Table(
    "admission",
    metadata,
    tenant_key(),
    Column("audit_id", UUID(as_uuid=True), primary_key=True),
    Column("version", SmallInteger, primary_key=True, autoincrement=False),
    Column("instrument_id", Text, nullable=False),
    Column("cell", BigInteger, nullable=False, comment="H3 cell of the city's resolution at admission"),
    Column("run_id", BigInteger, nullable=False, comment="the run that let this audit into public layers"),
    Column(
        "split",
        Boolean,
        nullable=False,
        server_default="false",
        comment="public layers of day and night know it",
    ),
    Column(
        "by_gender",
        Boolean,
        nullable=False,
        server_default="false",
        comment="what the public is told of women and of men knows it",
    ),
    Column(
        "gender",
        SmallInteger,
        nullable=False,
        server_default="0",
        comment="the auditor's when admitted: 0 not said, 1 woman, 2 man, 3 other",
    ),
    # No foreign key to audit, of which no row is ever deleted: a run would lock a million one by one.
    ForeignKeyConstraint(["city_id", "run_id"], ["run.city_id", "run.run_id"]),
)
