"""What phones with ODK Collect send is kept as sent, with its attachments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "submission",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("submission_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("device_id", postgresql.UUID(as_uuid=True), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False, comment="meta/instanceID as sent"),
        sa.Column(
            "deprecated_id",
            sa.Text(),
            nullable=True,
            comment="meta/deprecatedID: the instance that this one corrects",
        ),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("form_version", sa.Text(), nullable=False),
        sa.Column("xml_hash", sa.LargeBinary(), nullable=False, comment="keyed hash of the XML as sent"),
        sa.Column(
            "xml",
            sa.LargeBinary(),
            nullable=True,
            comment="null once emptied; without its comment where the sender is a minor",
        ),
        sa.Column(
            "file_names",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="attachments that the XML speaks of",
        ),
        sa.Column(
            "complete",
            sa.Boolean(),
            nullable=False,
            comment="false: parts of a split post are still to come",
        ),
        sa.Column(
            "audit_id",
            postgresql.UUID(as_uuid=True),
            nullable=False,
            comment="the audit it makes or would make",
        ),
        sa.Column(
            "audit_version",
            sa.SmallInteger(),
            nullable=True,
            comment="the version it made; null in quarantine",
        ),
        sa.Column("quarantine", sa.Text(), nullable=True, comment="why it made none"),
        sa.Column(
            "faults",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="[{pointer, detail}] of an invalid one",
        ),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "quarantine IN ('campaign_over', 'conflict', 'invalid', 'stale', 'superseded',"
            " 'unknown_version', 'withdrawn')",
            name=op.f("ck_submission_quarantine_known"),
        ),
        sa.ForeignKeyConstraint(
            ["city_id", "device_id"],
            ["device.city_id", "device.device_id"],
            name=op.f("fk_submission_device"),
        ),
        sa.PrimaryKeyConstraint("city_id", "submission_id", name=op.f("pk_submission")),
        sa.UniqueConstraint(
            "city_id", "instance_id", "xml_hash", name=op.f("uq_submission_city_id_instance_id_xml_hash")
        ),
    )
    op.create_index("ix_submission_audit", "submission", ["city_id", "audit_id"])
    op.create_index("ix_submission_device", "submission", ["city_id", "device_id"])
    op.create_index(
        "ix_submission_deprecated",
        "submission",
        ["city_id", "deprecated_id"],
        postgresql_where="deprecated_id IS NOT NULL",
    )
    op.create_index(
        "ix_submission_quarantine",
        "submission",
        ["city_id", "submission_id"],
        postgresql_where="quarantine IS NOT NULL",
    )
    op.create_table(
        "attachment",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["city_id", "submission_id"],
            ["submission.city_id", "submission.submission_id"],
            name=op.f("fk_attachment_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("city_id", "submission_id", "name", "sha256", name=op.f("pk_attachment")),
    )


def downgrade() -> None:
    op.drop_table("attachment")
    op.drop_table("submission")
