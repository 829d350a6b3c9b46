"""SQL of submissions: kept once as sent, what became of each, and their attachments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from server.models.submission import attachment, submission


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One stored submission, as far as what follows it needs to know it."""

    submission_id: int
    device_id: UUID
    audit_id: UUID
    audit_version: int | None
    quarantine: str | None
    emptied: bool


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """One submission that made no audit, for a moderator."""

    submission_id: int
    received_at: datetime
    form_id: str
    form_version: str
    instance_id: str
    audit_id: UUID
    quarantine: str
    faults: Sequence[Mapping[str, str]]


_SENT = select(
    submission.c.submission_id,
    submission.c.device_id,
    submission.c.audit_id,
    submission.c.audit_version,
    submission.c.quarantine,
    submission.c.xml.is_(None).label("emptied"),
)


def insert_submission(connection: Connection, *, city_id: int, values: Mapping[str, Any]) -> int | None:
    """Keep a submission; return its id, or None where the same XML of the same instance is there."""
    statement = upsert(submission).values(city_id=city_id, **values)
    unless_there = statement.on_conflict_do_nothing(index_elements=["city_id", "instance_id", "xml_hash"])
    submission_id: int | None = connection.scalar(unless_there.returning(submission.c.submission_id))
    return submission_id


def get_submission(connection: Connection, *, city_id: int, instance_id: str, xml_hash: bytes) -> Sent:
    """Return the submission of just this XML, which `insert_submission` found to be there.

    Nobody changes or empties it until the transaction ends.
    """
    just_this = (submission.c.instance_id == instance_id, submission.c.xml_hash == xml_hash)
    row = connection.execute(_SENT.where(submission.c.city_id == city_id, *just_this).with_for_update()).one()
    return Sent(**row._mapping)


def find_instance(connection: Connection, *, city_id: int, device_id: UUID, instance_id: str) -> Sent | None:
    """Return what a device sent of an instance: the one that made a version, if any did."""
    own = (submission.c.device_id == device_id, submission.c.instance_id == instance_id)
    rows = _list(connection, city_id, *own)
    return max(rows, key=lambda sent: (sent.audit_version or 0, sent.submission_id), default=None)


def is_corrected(connection: Connection, *, city_id: int, device_id: UUID, instance_id: str) -> bool:
    """Return whether a device sent a correction of this instance that made a version."""
    own = (submission.c.device_id == device_id, submission.c.deprecated_id == instance_id)
    return any(sent.audit_version is not None for sent in _list(connection, city_id, *own))


def update_submission(
    connection: Connection, *, city_id: int, submission_id: int, values: Mapping[str, Any]
) -> None:
    """Change columns of a submission."""
    own = (submission.c.city_id == city_id) & (submission.c.submission_id == submission_id)
    connection.execute(update(submission).where(own).values(values))


def insert_attachments(
    connection: Connection, *, city_id: int, submission_id: int, files: Sequence[tuple[str, bytes]]
) -> None:
    """Keep these (name, content) that are not there yet."""
    for name, content in files:  # one by one: together they might not fit into a message to the server
        statement = upsert(attachment).values(
            city_id=city_id,
            submission_id=submission_id,
            name=name,
            sha256=sha256(content).digest(),
            content=content,
        )
        connection.execute(statement.on_conflict_do_nothing())


def list_quarantined(connection: Connection, *, city_id: int, limit: int) -> list[Quarantined]:
    """Return the submissions that wait for a moderator, oldest first."""
    names = [name for name in Quarantined.__dataclass_fields__ if name != "faults"]
    rows = connection.execute(
        select(*(submission.c[name] for name in names), submission.c.faults)
        .where(
            submission.c.city_id == city_id,
            submission.c.quarantine.is_not(None),
            submission.c.xml.is_not(None),
        )
        .order_by(submission.c.submission_id)
        .limit(limit)
    )
    return [Quarantined(**{**row._mapping, "faults": row.faults or ()}) for row in rows]


def find_xml(connection: Connection, *, city_id: int, submission_id: int) -> bytes | None:
    """Return the XML of a submission as it is kept; None where it is not there or was emptied."""
    own = (submission.c.city_id == city_id) & (submission.c.submission_id == submission_id)
    return connection.scalar(select(submission.c.xml).where(own))


def _list(connection: Connection, city_id: int, *chosen: Any) -> list[Sent]:
    rows = connection.execute(_SENT.where(submission.c.city_id == city_id, *chosen))
    return [Sent(**row._mapping) for row in rows]
