"""Admissions remember whether the public layers of day and night know the audit; those made before do not."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "admission",
        sa.Column(
            "split",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="public layers of day and night know it",
        ),
    )


def downgrade() -> None:
    op.drop_column("admission", "split")
