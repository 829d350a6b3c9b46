"""Releases, the audits in them, and what was asked for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "release",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "release_id",
            sa.Text(),
            nullable=False,
            comment="quarter and instrument, such as 2026Q3-safetipin-9",
        ),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False, comment="quarter of observation, such as 2026Q3"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column(
            "rows_in",
            sa.Integer(),
            nullable=False,
            comment="audits of counted auditors that were considered",
        ),
        sa.Column("rows_out", sa.Integer(), nullable=False),
        sa.Column(
            "account",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="parameters, who is missing, checks passed",
        ),
        sa.Column(
            "about",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="citation, licence and software as they were",
        ),
        sa.Column(
            "files",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="[{name, bytes, sha256}], never changed",
        ),
        sa.Column(
            "sha256",
            sa.LargeBinary(),
            nullable=False,
            comment="of SHA256SUMS, which holds the files' hashes",
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_release_city")),
        sa.PrimaryKeyConstraint("city_id", "release_id", name=op.f("pk_release")),
        sa.UniqueConstraint(
            "city_id", "instrument_id", "period", name=op.f("uq_release_city_id_instrument_id_period")
        ),
    )
    op.create_table(
        "release_request",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("release_id", sa.Text(), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False, comment="who asked: operator, or key:<key_id>"),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("share", sa.REAL(), server_default="0", nullable=False, comment="of the work done, 0 to 1"),
        sa.Column("doing", sa.Text(), server_default="waiting", nullable=False),
        sa.Column(
            "fault", sa.Text(), nullable=True, comment="why it could not be made; null: it may still be"
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_release_request_city")),
        sa.PrimaryKeyConstraint("city_id", "release_id", name=op.f("pk_release_request")),
    )
    op.create_table(
        "released_audit",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "audit_id",
            postgresql.UUID(as_uuid=True),
            nullable=False,
            comment="so no audit is in two releases",
        ),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("release_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["city_id", "audit_id", "version"],
            ["audit.city_id", "audit.audit_id", "audit.version"],
            name=op.f("fk_released_audit_audit"),
        ),
        sa.ForeignKeyConstraint(
            ["city_id", "release_id"],
            ["release.city_id", "release.release_id"],
            name=op.f("fk_released_audit_release"),
        ),
        sa.PrimaryKeyConstraint("city_id", "audit_id", name=op.f("pk_released_audit")),
    )
    op.execute("GRANT SELECT ON release TO safeaudit_layers")


def downgrade() -> None:
    op.drop_table("released_audit")
    op.drop_table("release_request")
    op.drop_table("release")
