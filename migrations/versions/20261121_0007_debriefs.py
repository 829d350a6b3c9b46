"""Walks have a debrief, made when first asked for; phones say how many audits they still hold."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_debrief",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.UUID(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "content",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="counts of answers by at least k people",
        ),
        sa.ForeignKeyConstraint(
            ["city_id", "campaign_id"],
            ["campaign.city_id", "campaign.campaign_id"],
            name=op.f("fk_campaign_debrief_campaign"),
        ),
        sa.PrimaryKeyConstraint("city_id", "campaign_id", name=op.f("pk_campaign_debrief")),
    )
    op.add_column(
        "device",
        sa.Column("waiting", sa.Integer(), comment="audits it said it still holds; null: it never said"),
    )
    op.create_check_constraint(op.f("ck_device_waiting_not_negative"), "device", "waiting >= 0")


def downgrade() -> None:
    op.drop_column("device", "waiting")
    op.drop_table("campaign_debrief")
