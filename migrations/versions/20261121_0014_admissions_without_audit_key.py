"""Admissions name their audits without a foreign key: audits are append-only, and each key costs a lock."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KEY = ["city_id", "audit_id", "version"]


def upgrade() -> None:
    op.drop_constraint(op.f("fk_admission_audit"), "admission", type_="foreignkey")


def downgrade() -> None:
    op.create_foreign_key(op.f("fk_admission_audit"), "admission", "audit", _KEY, _KEY)
