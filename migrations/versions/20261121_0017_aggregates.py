"""Aggregates with noise, and the privacy budget of each year."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "privacy_budget",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "year",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="in which audits were made",
        ),
        sa.Column("spent", sa.Numeric(6, 2), nullable=False, comment="epsilon; it only grows"),
        sa.CheckConstraint("spent >= 0", name=op.f("ck_privacy_budget_spent_positive")),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_privacy_budget_city")),
        sa.PrimaryKeyConstraint("city_id", "year", name=op.f("pk_privacy_budget")),
    )
    op.create_table(
        "aggregate",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("aggregate_id", sa.Text(), nullable=False, comment="hash of the question"),
        sa.Column("year", sa.SmallInteger(), nullable=False, comment="whose budget paid"),
        sa.Column("epsilon", sa.Numeric(4, 2), nullable=False, comment="spent before anything was computed"),
        sa.Column("question", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "answer",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="never changed once it is there",
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True, comment="why it could not be answered"),
        sa.CheckConstraint("epsilon > 0", name=op.f("ck_aggregate_epsilon_positive")),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_aggregate_city")),
        sa.PrimaryKeyConstraint("city_id", "aggregate_id", name=op.f("pk_aggregate")),
    )
    op.execute("GRANT SELECT ON privacy_budget, aggregate TO safeaudit_layers")


def downgrade() -> None:
    op.drop_table("aggregate")
    op.drop_table("privacy_budget")
