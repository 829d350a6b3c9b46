"""Records say which consent text their author agreed to; one that was refused is kept without content."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_NAME = "ck_submission_quarantine_known"
_BEFORE = ("campaign_over", "conflict", "invalid", "stale", "superseded", "unknown_version", "withdrawn")
_NOW = (*_BEFORE, "refused")


def upgrade() -> None:
    op.add_column(
        "submission",
        sa.Column(
            "consent_version",
            sa.Text,
            comment="of the text its author agreed to; null: the form asked for none",
        ),
    )
    _allow(_NOW)


def downgrade() -> None:
    op.execute("UPDATE submission SET quarantine = 'withdrawn' WHERE quarantine = 'refused'")
    _allow(_BEFORE)
    op.drop_column("submission", "consent_version")


def _allow(reasons: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(_NAME), "submission")
    op.create_check_constraint(op.f(_NAME), "submission", f"quarantine IN {reasons}")
