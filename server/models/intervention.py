"""Interventions: what was done where, when, for whom and at what price; and what it did, once and for all."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Numeric,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from server.models.base import city_key, created_at, metadata, tenant_key

intervention = Table(
    "intervention",
    metadata,
    city_key(),
    Column("intervention_id", UUID(as_uuid=True), primary_key=True),
    Column("instrument_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="plain words, such as street lights"),
    Column("area", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
    Column("begins_on", Date, nullable=False, comment="from: the day the work begins"),
    Column("completes_on", Date, comment="to: the day it is complete; null: the day it begins"),
    Column("follow_up_days", SmallInteger, nullable=False, comment="its effect is told after so many"),
    Column("targets", ARRAY(Text), nullable=False, comment="ratings it is to raise; none: all of the place"),
    Column("cost", Numeric(16, 2)),
    Column("currency", Text, comment="ISO 4217"),
    Column("owner", Text),
    Column("partners", ARRAY(Text), nullable=False),
    Column("reason", Text, comment="why this one"),
    Column("status", Text, nullable=False),
    created_at(),
    CheckConstraint("completes_on >= begins_on", name="time_order"),
    CheckConstraint("cost >= 0", name="cost_sign"),
    CheckConstraint("(cost IS NULL) = (currency IS NULL)", name="cost_has_currency"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_form"),
    CheckConstraint("follow_up_days BETWEEN 28 AND 730", name="follow_up_range"),
    CheckConstraint(
        "status IN ('requested', 'planned', 'ongoing', 'done', 'cancelled')", name="status_known"
    ),
)

intervention_effect = Table(
    "intervention_effect",
    metadata,
    tenant_key(),
    Column("intervention_id", UUID(as_uuid=True), primary_key=True),
    Column("audience", Text, primary_key=True, comment="whose audits it rests on: admitted, or all used"),
    Column("as_of", DateTime(timezone=True), nullable=False),
    Column("result", JSONB, nullable=False, comment="never changed: told once, after the follow-up"),
    ForeignKeyConstraint(
        ["city_id", "intervention_id"], ["intervention.city_id", "intervention.intervention_id"]
    ),
    CheckConstraint("audience IN ('public', 'planner')", name="audience_known"),
)
