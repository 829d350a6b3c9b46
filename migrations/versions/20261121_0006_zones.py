"""Zones: administrative areas in sets, each with its licence."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "zone_set",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("attribution", sa.Text(), nullable=True),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_zone_set_city")),
        sa.PrimaryKeyConstraint("city_id", "name", name=op.f("pk_zone_set")),
    )
    op.create_geospatial_table(
        "zone",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("set_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "area",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["city_id", "set_name"],
            ["zone_set.city_id", "zone_set.name"],
            name=op.f("fk_zone_zone_set"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("city_id", "set_name", "name", name=op.f("pk_zone")),
    )


def downgrade() -> None:
    op.drop_geospatial_table("zone")
    op.drop_table("zone_set")
