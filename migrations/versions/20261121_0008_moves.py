"""Devices can move to another phone."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "device",
        sa.Column(
            "move_hash", sa.LargeBinary(), comment="SHA-256 of the code that moves it to another phone"
        ),
    )
    op.add_column("device", sa.Column("move_until", sa.DateTime(timezone=True)))
    op.create_unique_constraint(op.f("uq_device_city_id_move_hash"), "device", ["city_id", "move_hash"])


def downgrade() -> None:
    op.drop_column("device", "move_until")
    op.drop_column("device", "move_hash")
