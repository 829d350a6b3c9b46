"""Reference data of a city from elsewhere: streets, population, incidents. Never audits."""

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Column, DateTime, Double, ForeignKeyConstraint, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from server.models.base import city_key, created_at, metadata, tenant_key

reference_set = Table(
    "reference_set",
    metadata,
    city_key(),
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("licence", Text),
    Column("attribution", Text),
    created_at("loaded_at"),
    CheckConstraint("kind IN ('streets', 'population', 'incidents')", name="kind_known"),
)

reference_feature = Table(
    "reference_feature",
    metadata,
    tenant_key(),
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("feature_id", Text, primary_key=True),
    Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
    Column("occurred_at", DateTime(timezone=True)),
    Column("label", Text, comment="the name of a street"),
    Column("owner", Text, comment="whose a street is"),
    Column("amount", Double, comment="how many people live there"),
    Column("properties", JSONB, nullable=False),
    ForeignKeyConstraint(
        ["city_id", "kind", "name"],
        ["reference_set.city_id", "reference_set.kind", "reference_set.name"],
        ondelete="CASCADE",
    ),
    Index("ix_reference_feature_geom", "geom", postgresql_using="gist"),
)
