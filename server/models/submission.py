"""What phones with ODK Collect sent: raw XML first, as they sent it, whatever becomes of it.

A submission either made a version of an audit or waits in quarantine for a moderator. Withdrawing or
erasing an audit empties its submissions and deletes their attachments; id, keyed hash and date stay, so that
a late resend is recognised and revives nothing.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from server.models.base import created_at, metadata, tenant_key

QUARANTINE = (
    "campaign_over",
    "conflict",
    "invalid",
    "refused",
    "stale",
    "superseded",
    "unknown_version",
    "withdrawn",
)
"""Why a submission may have made no audit: docs/collect.md tells each."""

submission = Table(
    "submission",
    metadata,
    tenant_key(),
    Column("submission_id", BigInteger, Identity(), primary_key=True),
    Column("device_id", UUID(as_uuid=True), nullable=False),
    Column("instance_id", Text, nullable=False, comment="meta/instanceID as sent"),
    Column("deprecated_id", Text, comment="meta/deprecatedID: the instance that this one corrects"),
    Column("form_id", Text, nullable=False),
    Column("form_version", Text, nullable=False),
    Column("xml_hash", LargeBinary, nullable=False, comment="keyed hash of the XML as sent"),
    Column("xml", LargeBinary, comment="null once emptied; without its comment where the sender is a minor"),
    Column("file_names", ARRAY(Text), nullable=False, comment="attachments that the XML speaks of"),
    Column("complete", Boolean, nullable=False, comment="false: parts of a split post are still to come"),
    Column("audit_id", UUID(as_uuid=True), nullable=False, comment="the audit it makes or would make"),
    Column("audit_version", SmallInteger, comment="the version it made; null in quarantine"),
    Column("quarantine", Text, comment="why it made none"),
    Column(
        "consent_version", Text, comment="of the text its author agreed to; null: the form asked for none"
    ),
    Column("faults", JSONB(none_as_null=True), comment="[{pointer, detail}] of an invalid one"),
    created_at("received_at"),
    ForeignKeyConstraint(["city_id", "device_id"], ["device.city_id", "device.device_id"]),
    UniqueConstraint("city_id", "instance_id", "xml_hash"),
    CheckConstraint(f"quarantine IN {QUARANTINE}", name="quarantine_known"),
    Index("ix_submission_audit", "city_id", "audit_id"),
    Index("ix_submission_device", "city_id", "device_id"),
    Index(
        "ix_submission_deprecated", "city_id", "deprecated_id", postgresql_where="deprecated_id IS NOT NULL"
    ),
    Index("ix_submission_quarantine", "city_id", "submission_id", postgresql_where="quarantine IS NOT NULL"),
)

# Which files came with a submission; those that made photos are in `photo` under the same hash.
attachment = Table(
    "attachment",
    metadata,
    tenant_key(),
    Column("submission_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("sha256", LargeBinary, primary_key=True),
    Column("fault", Text, comment="why it made no photo; null: it did"),
    created_at("received_at"),
    ForeignKeyConstraint(
        ["city_id", "submission_id"], ["submission.city_id", "submission.submission_id"], ondelete="CASCADE"
    ),
)
