"""Instruments of a city: questionnaires as data, every version kept."""

from sqlalchemy import Column, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from server.models.base import city_key, created_at, metadata

instrument = Table(
    "instrument",
    metadata,
    city_key(),
    Column("instrument_id", Text, primary_key=True),
    Column("version", SmallInteger, primary_key=True, autoincrement=False),
    Column("position", SmallInteger, nullable=False, comment="order in the city; the first is the default"),
    Column("document", JSONB, nullable=False, comment="questions with their texts in every language"),
    created_at(),
)
