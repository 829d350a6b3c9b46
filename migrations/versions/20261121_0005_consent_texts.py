"""Cities approve consent texts (consents given before keep their versions); audits know if they are exact."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent_text",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="as shown, its placeholders filled"),
        sa.Column("approved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("length(text) > 0", name=op.f("ck_consent_text_text_there")),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_consent_text_city")),
        sa.PrimaryKeyConstraint("city_id", "version", "lang", name=op.f("pk_consent_text")),
    )
    op.add_column(
        "audit",
        sa.Column(
            "exact",
            sa.Boolean(),
            server_default="true",
            nullable=False,
            comment="false: cell's centre and full hour",
        ),
    )


def downgrade() -> None:
    op.drop_column("audit", "exact")
    op.drop_table("consent_text")
