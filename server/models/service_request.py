"""What was handed to an agency: one service request per place and parameter, and what became of it."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from server.models.base import created_at, metadata, tenant_key

service_request = Table(
    "service_request",
    metadata,
    tenant_key(),
    Column("intervention_id", UUID(as_uuid=True), primary_key=True, comment="also the reference it carries"),
    Column("feature_id", Text, nullable=False, comment="the hotspot or dark spot"),
    Column("parameter", Text, nullable=False),
    Column("endpoint", Text, comment="where it was sent; null while it is a file alone"),
    Column("fields", JSONB, nullable=False, comment="as sent, without the key"),
    Column("state", Text, nullable=False, comment="what is known of its sending"),
    Column("problem", Text, comment="why it was not taken"),
    Column("service_request_id", Text),
    Column("token", Text),
    Column("status", Text, comment="open or closed, as the agency says"),
    Column("status_notes", Text),
    created_at(),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(
        ["city_id", "intervention_id"], ["intervention.city_id", "intervention.intervention_id"]
    ),
    UniqueConstraint("city_id", "feature_id", "parameter"),
    CheckConstraint(
        "state IN ('written', 'sending', 'sent', 'refused', 'unsent', 'unknown')", name="state_known"
    ),
)
