"""What moderators decide: cases, the audits they are about, and how far auditors agree with each other.

Nothing is deleted by deciding. Acts are in the log of events; a case knows where they have led.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB, REAL, UUID

from server.models.base import city_key, metadata, tenant_key
from server.models.submission import QUARANTINE

SCREENED = ("burst", "coarse", "copied", "leap")
"""Why audits may wait for a moderator: docs/moderation.md tells each."""
NAMED = "named"
"""A moderator named the audit."""
REASONS = tuple(sorted({*SCREENED, NAMED, *QUARANTINE} - {"refused", "withdrawn"}))
"""Of what was refused or withdrawn nothing is kept that could be looked at."""
STATES = ("waiting", "accepted", "hidden")

moderation_case = Table(
    "moderation_case",
    metadata,
    city_key(),
    Column("case_id", BigInteger, Identity(), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("cell", BigInteger, comment="of a burst, of the city's resolution then"),
    Column("submission_id", BigInteger, comment="the submission in quarantine that it is about"),
    Column("detail", JSONB, nullable=False, server_default="{}", comment="the figures that opened it"),
    ForeignKeyConstraint(["city_id", "submission_id"], ["submission.city_id", "submission.submission_id"]),
    CheckConstraint(f"reason IN {REASONS}", name="reason_known"),
    CheckConstraint(f"state IN {STATES}", name="state_known"),
    Index("ix_moderation_case_state", "city_id", "state", "case_id"),
)

moderation_audit = Table(
    "moderation_audit",
    metadata,
    tenant_key(),
    Column("case_id", BigInteger, primary_key=True, autoincrement=False),
    Column("audit_id", UUID(as_uuid=True), primary_key=True),
    Column(
        "version", SmallInteger, comment="the one that waits; null: all, however the audit is corrected later"
    ),
    ForeignKeyConstraint(
        ["city_id", "case_id"], ["moderation_case.city_id", "moderation_case.case_id"], ondelete="CASCADE"
    ),
    Index("ix_moderation_audit_audit", "city_id", "audit_id"),
)

auditor_trust = Table(
    "auditor_trust",
    metadata,
    tenant_key(),
    Column("device_id", UUID(as_uuid=True), primary_key=True),
    Column("trust", REAL, nullable=False, comment="0..1, 1 where it agrees with others as people do"),
    Column("cells", Integer, nullable=False, comment="in how many cells others were heard too"),
    ForeignKeyConstraint(
        ["city_id", "device_id"], ["device.city_id", "device.device_id"], ondelete="CASCADE"
    ),
)
