"""Photos drawn anew instead of attachments as sent.

The bytes that attachments held until now go: they were never shown to anybody, may hold positions and faces,
and no released version has kept any.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "audit_id",
            postgresql.UUID(as_uuid=True),
            nullable=False,
            comment="the audit it belongs to, or would belong to if its submission were not in quarantine",
        ),
        sa.Column("device_id", postgresql.UUID(as_uuid=True), nullable=False, comment="who sent it"),
        sa.Column(
            "sha256", sa.LargeBinary(), nullable=False, comment="of the bytes as sent, which are not kept"
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="of the file in the album"),
        sa.Column("stored_sha256", sa.LargeBinary(), nullable=False, comment="of that file"),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.SmallInteger(), nullable=False),
        sa.Column("height", sa.SmallInteger(), nullable=False),
        sa.Column("faces", sa.SmallInteger(), nullable=False, comment="how many were found, and hidden"),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["city_id", "device_id"], ["device.city_id", "device.device_id"], name=op.f("fk_photo_device")
        ),
        sa.PrimaryKeyConstraint("city_id", "audit_id", "device_id", "sha256", name=op.f("pk_photo")),
    )
    op.create_index("ix_photo_device", "photo", ["city_id", "device_id"])
    op.create_table(
        "loose_photo",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="of a file in the album that is in no photo"),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="from when on it may be removed",
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_loose_photo_city")),
        sa.PrimaryKeyConstraint("city_id", "name", name=op.f("pk_loose_photo")),
    )
    op.create_index("ix_loose_photo_due", "loose_photo", ["due_at"])
    op.add_column(
        "attachment",
        sa.Column("fault", sa.Text(), nullable=True, comment="why it made no photo; null: it did"),
    )
    op.execute("UPDATE attachment SET fault = 'sent before photos were kept'")
    op.drop_column("attachment", "content")


def downgrade() -> None:
    op.execute("DELETE FROM attachment")
    op.add_column("attachment", sa.Column("content", sa.LargeBinary(), nullable=False))
    op.drop_column("attachment", "fault")
    op.drop_table("loose_photo")
    op.drop_table("photo")
