"""Interventions, and what they did."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_geospatial_table(
        "intervention",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("intervention_id", postgresql.UUID(as_uuid=True), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="plain words, such as street lights"),
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
        sa.Column("begins_on", sa.Date(), nullable=False, comment="from: the day the work begins"),
        sa.Column(
            "completes_on",
            sa.Date(),
            nullable=True,
            comment="to: the day it is complete; null: the day it begins",
        ),
        sa.Column(
            "follow_up_days", sa.SmallInteger(), nullable=False, comment="its effect is told after so many"
        ),
        sa.Column(
            "targets",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="ratings it is to raise; none: all of the place",
        ),
        sa.Column("cost", sa.Numeric(16, 2), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True, comment="ISO 4217"),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("partners", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True, comment="why this one"),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("completes_on >= begins_on", name=op.f("ck_intervention_time_order")),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_intervention_cost_sign")),
        sa.CheckConstraint(
            "(cost IS NULL) = (currency IS NULL)", name=op.f("ck_intervention_cost_has_currency")
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_intervention_currency_form")),
        sa.CheckConstraint("follow_up_days BETWEEN 28 AND 730", name=op.f("ck_intervention_follow_up_range")),
        sa.CheckConstraint(
            "status IN ('requested', 'planned', 'ongoing', 'done', 'cancelled')",
            name=op.f("ck_intervention_status_known"),
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_intervention_city")),
        sa.PrimaryKeyConstraint("city_id", "intervention_id", name=op.f("pk_intervention")),
    )
    op.create_table(
        "intervention_effect",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("intervention_id", postgresql.UUID(as_uuid=True), nullable=False),
        sa.Column(
            "audience", sa.Text(), nullable=False, comment="whose audits it rests on: admitted, or all used"
        ),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "result",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="never changed: told once, after the follow-up",
        ),
        sa.CheckConstraint(
            "audience IN ('public', 'planner')", name=op.f("ck_intervention_effect_audience_known")
        ),
        sa.ForeignKeyConstraint(
            ["city_id", "intervention_id"],
            ["intervention.city_id", "intervention.intervention_id"],
            name=op.f("fk_intervention_effect_intervention"),
        ),
        sa.PrimaryKeyConstraint(
            "city_id", "intervention_id", "audience", name=op.f("pk_intervention_effect")
        ),
    )


def downgrade() -> None:
    op.drop_table("intervention_effect")
    op.drop_geospatial_table("intervention")
