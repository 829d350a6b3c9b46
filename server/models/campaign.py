"""A campaign: an audit walk with one join link and a head count its organiser answers for."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from server.models.base import city_key, created_at, metadata, tenant_key

campaign = Table(
    "campaign",
    metadata,
    city_key(),
    Column("campaign_id", UUID(as_uuid=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("area", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False)),
    Column("starts_at", DateTime(timezone=True), nullable=False, comment="earlier audits are practice"),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("headcount", Integer, comment="people expected"),
    Column("confirmed_headcount", Integer, comment="people the organiser says were there"),
    Column("token_hash", LargeBinary, nullable=False, comment="SHA-256 of the token in the join link"),
    Column("closed_at", DateTime(timezone=True)),
    created_at(),
    UniqueConstraint("city_id", "token_hash"),
    CheckConstraint("starts_at < ends_at", name="time_order"),
    CheckConstraint("headcount > 0 AND confirmed_headcount > 0", name="headcount_positive"),
)

campaign_debrief = Table(
    "campaign_debrief",
    metadata,
    tenant_key(),
    Column("campaign_id", UUID(as_uuid=True), primary_key=True),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("content", JSONB, nullable=False, comment="counts of answers by at least k people"),
    ForeignKeyConstraint(["city_id", "campaign_id"], ["campaign.city_id", "campaign.campaign_id"]),
)
