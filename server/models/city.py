"""A city: the tenant. Nothing crosses cities but published indicators."""

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Column, Identity, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from server.models.base import city_key, created_at, metadata

city = Table(
    "city",
    metadata,
    Column("city_id", Integer, Identity(), primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False, comment="IANA name; all calendar words are in it"),
    Column("languages", ARRAY(Text), nullable=False),
    Column("resolution", SmallInteger, nullable=False, comment="H3 resolution of the analysis"),
    Column("k", SmallInteger, nullable=False, comment="fewest counted auditors a public cell may rest on"),
    Column(
        "settings",
        JSONB,
        nullable=False,
        server_default="{}",
        comment="controller, contact, support numbers, agencies, standard, photos",
    ),
    created_at(),
    CheckConstraint("k >= 5", name="k_floor"),
    CheckConstraint("resolution BETWEEN 6 AND 11", name="resolution_range"),
    CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="slug_form"),
)

city_boundary = Table(
    "city_boundary",
    metadata,
    city_key(),
    Column("area", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
)
