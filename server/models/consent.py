"""Consent texts a city approved: what residents were shown stays readable for ever."""

from sqlalchemy import CheckConstraint, Column, Table, Text

from server.models.base import city_key, created_at, metadata

consent_text = Table(
    "consent_text",
    metadata,
    city_key(),
    Column("version", Text, primary_key=True),
    Column("lang", Text, primary_key=True),
    Column("text", Text, nullable=False, comment="as shown, its placeholders filled"),
    created_at("approved_at"),
    CheckConstraint("length(text) > 0", name="text_there"),
)
