"""Reference features say their street, its owner or their people in columns; sets loaded before have none."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reference_feature", sa.Column("label", sa.Text(), comment="the name of a street"))
    op.add_column("reference_feature", sa.Column("owner", sa.Text(), comment="whose a street is"))
    op.add_column("reference_feature", sa.Column("amount", sa.Double(), comment="how many people live there"))


def downgrade() -> None:
    op.drop_column("reference_feature", "amount")
    op.drop_column("reference_feature", "owner")
    op.drop_column("reference_feature", "label")
