"""What moderators decide, and how far auditors agree; what waits in quarantine becomes cases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moderation_case",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "cell", sa.BigInteger(), nullable=True, comment="of a burst, of the city's resolution then"
        ),
        sa.Column(
            "submission_id",
            sa.BigInteger(),
            nullable=True,
            comment="the submission in quarantine that it is about",
        ),
        sa.Column(
            "detail",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="the figures that opened it",
        ),
        sa.CheckConstraint(
            "reason IN ('burst', 'campaign_over', 'coarse', 'conflict', 'copied', 'invalid', 'leap', 'named',"
            " 'stale', 'superseded', 'unknown_version')",
            name=op.f("ck_moderation_case_reason_known"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'accepted', 'hidden')", name=op.f("ck_moderation_case_state_known")
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_moderation_case_city")),
        sa.ForeignKeyConstraint(
            ["city_id", "submission_id"],
            ["submission.city_id", "submission.submission_id"],
            name=op.f("fk_moderation_case_submission"),
        ),
        sa.PrimaryKeyConstraint("city_id", "case_id", name=op.f("pk_moderation_case")),
    )
    op.create_index("ix_moderation_case_state", "moderation_case", ["city_id", "state", "case_id"])
    op.create_table(
        "moderation_audit",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_id", postgresql.UUID(as_uuid=True), nullable=False),
        sa.Column(
            "version",
            sa.SmallInteger(),
            nullable=True,
            comment="the one that waits; null: all, however the audit is corrected later",
        ),
        sa.ForeignKeyConstraint(
            ["city_id", "case_id"],
            ["moderation_case.city_id", "moderation_case.case_id"],
            name=op.f("fk_moderation_audit_moderation_case"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("city_id", "case_id", "audit_id", name=op.f("pk_moderation_audit")),
    )
    op.create_index("ix_moderation_audit_audit", "moderation_audit", ["city_id", "audit_id"])
    op.create_table(
        "auditor_trust",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("device_id", postgresql.UUID(as_uuid=True), nullable=False),
        sa.Column(
            "trust", sa.REAL(), nullable=False, comment="0..1, 1 where it agrees with others as people do"
        ),
        sa.Column("cells", sa.Integer(), nullable=False, comment="in how many cells others were heard too"),
        sa.ForeignKeyConstraint(
            ["city_id", "device_id"],
            ["device.city_id", "device.device_id"],
            name=op.f("fk_auditor_trust_device"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("city_id", "device_id", name=op.f("pk_auditor_trust")),
    )
    op.execute("""
        INSERT INTO moderation_case (city_id, reason, opened_at, submission_id)
        SELECT city_id, quarantine, received_at, submission_id FROM submission
        WHERE quarantine IS NOT NULL AND xml IS NOT NULL ORDER BY city_id, submission_id""")


def downgrade() -> None:
    for table in ("auditor_trust", "moderation_audit", "moderation_case"):
        op.drop_table(table)
