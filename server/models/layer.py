"""Runs and what they publish: immutable layers of flat, typed rows.

Rows are written only from what analysis.disclosure.gate returns. The database role of the layer
path may read these tables and city, and nothing else.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from server.models.base import city_key, metadata, tenant_key

run = Table(
    "run",
    metadata,
    city_key(),
    Column("run_id", BigInteger, Identity(), primary_key=True),
    Column("as_of", DateTime(timezone=True), nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("public", Boolean, nullable=False, comment="false for runs as of a day in the past"),
    Column("parameters", JSONB, nullable=False, comment="k, resolution, weights, software version"),
)

cell_geometry = Table(
    "cell_geometry",
    metadata,
    city_key(),
    Column("cell", BigInteger, primary_key=True, autoincrement=False),
    Column("resolution", SmallInteger, nullable=False),
    Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
    Column("geom_3857", Geometry("GEOMETRY", srid=3857, spatial_index=False), nullable=False),
    Index("ix_cell_geometry_geom", "geom", postgresql_using="gist"),
    Index("ix_cell_geometry_geom_3857", "geom_3857", postgresql_using="gist"),
)

layer = Table(
    "layer",
    metadata,
    tenant_key(),
    Column("run_id", BigInteger, primary_key=True, autoincrement=False),
    Column("instrument_id", Text, primary_key=True),
    Column("layer", Text, primary_key=True),
    Column("audience", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("fields", JSONB, nullable=False, comment="name, type and title of each property, in order"),
    Column("features", Integer, nullable=False),
    ForeignKeyConstraint(["city_id", "run_id"], ["run.city_id", "run.run_id"], ondelete="CASCADE"),
    CheckConstraint("audience IN ('public', 'planner')", name="audience_known"),
)

layer_row = Table(
    "layer_row",
    metadata,
    tenant_key(),
    Column("run_id", BigInteger, primary_key=True, autoincrement=False),
    Column("instrument_id", Text, primary_key=True),
    Column("layer", Text, primary_key=True),
    Column("feature_id", Text, primary_key=True),
    Column("cell", BigInteger, comment="its polygon is in cell_geometry"),
    Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), comment="where it is no cell"),
    Column("properties", JSONB, nullable=False),
    ForeignKeyConstraint(
        ["city_id", "run_id", "instrument_id", "layer"],
        ["layer.city_id", "layer.run_id", "layer.instrument_id", "layer.layer"],
        ondelete="CASCADE",
    ),
    CheckConstraint("(cell IS NULL) <> (geom IS NULL)", name="one_shape"),
    Index("ix_layer_row_geom", "geom", postgresql_using="gist"),
)
