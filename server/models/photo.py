"""A photo of an audit: what was sent is known by its hash alone, what is kept was drawn anew.

The file lies in the album under `name`. A file that is in no photo is in `loose_photo`: from before it is
written until its photo is committed, and again from the commit that deletes its photo until it is removed. So
a crash at any moment leaves no photo without its file, and no file that nobody knows of.
"""

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import UUID

from server.models.base import city_key, created_at, metadata, tenant_key

photo = Table(
    "photo",
    metadata,
    tenant_key(),
    Column(
        "audit_id",
        UUID(as_uuid=True),
        primary_key=True,
        comment="the audit it belongs to, or would belong to if its submission were not in quarantine",
    ),
    Column("device_id", UUID(as_uuid=True), primary_key=True, comment="who sent it"),
    Column("sha256", LargeBinary, primary_key=True, comment="of the bytes as sent, which are not kept"),
    Column("name", Text, nullable=False, comment="of the file in the album"),
    Column("stored_sha256", LargeBinary, nullable=False, comment="of that file"),
    Column("bytes", Integer, nullable=False),
    Column("width", SmallInteger, nullable=False),
    Column("height", SmallInteger, nullable=False),
    Column("faces", SmallInteger, nullable=False, comment="how many were found, and hidden"),
    created_at("received_at"),
    ForeignKeyConstraint(["city_id", "device_id"], ["device.city_id", "device.device_id"]),
    Index("ix_photo_device", "city_id", "device_id"),
)

loose_photo = Table(
    "loose_photo",
    metadata,
    city_key(),
    Column("name", Text, primary_key=True, comment="of a file in the album that is in no photo"),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="from when on it may be removed"),
    Index("ix_loose_photo_due", "due_at"),
)
