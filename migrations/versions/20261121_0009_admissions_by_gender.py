"""Admissions keep their auditors' gender, and whether what is told of women and men knows the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

AS_SAID_NOW = """
UPDATE admission SET gender = CASE profile.gender WHEN 'woman' THEN 1 WHEN 'man' THEN 2 ELSE 3 END
FROM audit JOIN profile USING (city_id, device_id)
WHERE profile.gender IS NOT NULL AND audit.city_id = admission.city_id
  AND audit.audit_id = admission.audit_id AND audit.version = admission.version AND audit.state = 'kept'
"""


def upgrade() -> None:
    op.add_column(
        "admission",
        sa.Column(
            "by_gender",
            sa.Boolean(),
            server_default="false",
            nullable=False,
            comment="what the public is told of women and of men knows it",
        ),
    )
    op.add_column(
        "admission",
        sa.Column(
            "gender",
            sa.SmallInteger(),
            server_default="0",
            nullable=False,
            comment="the auditor's when admitted: 0 not said, 1 woman, 2 man, 3 other",
        ),
    )
    op.execute(AS_SAID_NOW)


def downgrade() -> None:
    op.drop_column("admission", "gender")
    op.drop_column("admission", "by_gender")
