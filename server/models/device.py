"""A device: one pseudonymous auditor, known by a token (a phone) or a keyed hash (an import).

What people say of themselves lies apart, in profile, without which every audit stays complete.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import UUID

from server.models.base import city_key, created_at, metadata, tenant_key

device = Table(
    "device",
    metadata,
    city_key(),
    Column("device_id", UUID(as_uuid=True), primary_key=True),
    Column("origin", Text, nullable=False),
    Column("campaign_id", UUID(as_uuid=True)),
    Column("token_hash", LargeBinary, comment="SHA-256 of the token; an import's auditor has none"),
    Column("locale", Text),
    Column("consent_version", Text),
    Column("consent_lang", Text),
    Column("waiting", Integer, comment="audits it said it still holds; null: it never said"),
    created_at("enrolled_at"),
    Column("move_hash", LargeBinary, comment="SHA-256 of the code that moves it to another phone"),
    Column("move_until", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("erased_at", DateTime(timezone=True)),
    ForeignKeyConstraint(["city_id", "campaign_id"], ["campaign.city_id", "campaign.campaign_id"]),
    UniqueConstraint("city_id", "token_hash"),
    UniqueConstraint("city_id", "move_hash"),
    CheckConstraint("waiting >= 0", name="waiting_not_negative"),
    CheckConstraint("origin IN ('phone', 'import')", name="origin_known"),
    Index("ix_device_campaign", "city_id", "campaign_id", postgresql_where="campaign_id IS NOT NULL"),
)

profile = Table(
    "profile",
    metadata,
    tenant_key(),
    Column("device_id", UUID(as_uuid=True), primary_key=True),
    Column("gender", Text),
    Column("age_band", Text),
    Column("disability", Text),
    ForeignKeyConstraint(
        ["city_id", "device_id"], ["device.city_id", "device.device_id"], ondelete="CASCADE"
    ),
    CheckConstraint("gender IN ('woman', 'man', 'other')", name="gender_known"),
    CheckConstraint("age_band IN ('under_18', '18_24', '25_39', '40_59', '60_plus')", name="age_band_known"),
    CheckConstraint("disability IN ('yes', 'no')", name="disability_known"),
)
