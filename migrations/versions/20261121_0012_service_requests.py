"""What was handed to agencies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_request",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "intervention_id",
            postgresql.UUID(as_uuid=True),
            nullable=False,
            comment="also the reference it carries",
        ),
        sa.Column("feature_id", sa.Text(), nullable=False, comment="the hotspot or dark spot"),
        sa.Column("parameter", sa.Text(), nullable=False),
        sa.Column(
            "endpoint", sa.Text(), nullable=True, comment="where it was sent; null while it is a file alone"
        ),
        sa.Column(
            "fields",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="as sent, without the key",
        ),
        sa.Column("state", sa.Text(), nullable=False, comment="what is known of its sending"),
        sa.Column("problem", sa.Text(), nullable=True, comment="why it was not taken"),
        sa.Column("service_request_id", sa.Text(), nullable=True),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True, comment="open or closed, as the agency says"),
        sa.Column("status_notes", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('written', 'sending', 'sent', 'refused', 'unsent', 'unknown')",
            name=op.f("ck_service_request_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["city_id", "intervention_id"],
            ["intervention.city_id", "intervention.intervention_id"],
            name=op.f("fk_service_request_intervention"),
        ),
        sa.PrimaryKeyConstraint("city_id", "intervention_id", name=op.f("pk_service_request")),
        sa.UniqueConstraint(
            "city_id",
            "feature_id",
            "parameter",
            name=op.f("uq_service_request_city_id_feature_id_parameter"),
        ),
    )


def downgrade() -> None:
    op.drop_table("service_request")
