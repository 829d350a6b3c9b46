"""Aggregates with noise: what was asked and answered, and what of each year's privacy budget is spent."""

from sqlalchemy import CheckConstraint, Column, DateTime, Numeric, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from server.models.base import city_key, created_at, metadata

privacy_budget = Table(
    "privacy_budget",
    metadata,
    city_key(),
    Column("year", SmallInteger, primary_key=True, autoincrement=False, comment="in which audits were made"),
    Column("spent", Numeric(6, 2), nullable=False, comment="epsilon; it only grows"),
    CheckConstraint("spent >= 0", name="spent_positive"),
)

aggregate = Table(
    "aggregate",
    metadata,
    city_key(),
    Column("aggregate_id", Text, primary_key=True, comment="hash of the question"),
    Column("year", SmallInteger, nullable=False, comment="whose budget paid"),
    Column("epsilon", Numeric(4, 2), nullable=False, comment="spent before anything was computed"),
    Column("question", JSONB, nullable=False),
    created_at("asked_at"),
    Column("answer", JSONB, comment="never changed once it is there"),
    Column("answered_at", DateTime(timezone=True)),
    Column("fault", Text, comment="why it could not be answered"),
    CheckConstraint("epsilon > 0", name="epsilon_positive"),
)
