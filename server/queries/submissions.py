"""SQL of submissions: kept once as sent, what became of each, and their attachments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select, text, update
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
    """One submission that made no audit, whole."""

    device_id: UUID
    audit_id: UUID
    xml: bytes


_SENT = select(
    submission.c.submission_id,
    submission.c.device_id,
    submission.c.audit_id,
    submission.c.audit_version,
    submission.c.quarantine,
    submission.c.xml.is_(None).label("emptied"),
)


# Only where the audit's own device sent it: another's, under the same id, is not hers to take back.
_OF_AUDITS = """city_id = :city_id AND audit_id = ANY(:ids) AND device_id IN (
    SELECT device_id FROM audit WHERE city_id = :city_id AND audit_id = ANY(:ids))"""
_OF_DEVICE = "city_id = :city_id AND device_id = :device_id"
_EMPTY = "UPDATE submission SET xml = NULL, file_names = '{{}}', faults = NULL WHERE {chosen}"
_DELETE_FILES = """DELETE FROM attachment WHERE city_id = :city_id AND submission_id IN (
    SELECT submission_id FROM submission WHERE {chosen})"""
_EMPTY_OF_AUDITS, _DELETE_FILES_OF_AUDITS, _EMPTY_OF_DEVICE, _DELETE_FILES_OF_DEVICE = (
    text(statement.format(chosen=chosen))
    for chosen in (_OF_AUDITS, _OF_DEVICE)
    for statement in (_EMPTY, _DELETE_FILES)
)
_DISOWN = text(f"UPDATE submission SET device_id = :nobody WHERE {_OF_DEVICE}")  # noqa: S608 - constant text


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


def hold_submission(connection: Connection, *, city_id: int, submission_id: int) -> bool:
    """Return whether a submission still has its XML, and keep it so until the transaction ends."""
    own = (submission.c.city_id == city_id) & (submission.c.submission_id == submission_id)
    return bool(connection.scalar(select(submission.c.xml.is_not(None)).where(own).with_for_update()))


def list_attachments(connection: Connection, *, city_id: int, submission_id: int) -> set[tuple[str, bytes]]:
    """Return the name and the SHA-256 of each file that came with a submission."""
    own = (attachment.c.city_id == city_id) & (attachment.c.submission_id == submission_id)
    rows = connection.execute(select(attachment.c.name, attachment.c.sha256).where(own))
    return {(row.name, row.sha256) for row in rows}


def insert_attachment(
    connection: Connection, *, city_id: int, submission_id: int, name: str, sha256: bytes, fault: str | None
) -> None:
    """Note a file that came with a submission, unless it is noted; `fault` is why it made no photo."""
    own = {"city_id": city_id, "submission_id": submission_id, "name": name, "sha256": sha256}
    connection.execute(upsert(attachment).values(**own, fault=fault).on_conflict_do_nothing())


def empty_of_audits(connection: Connection, *, city_id: int, ids: Sequence[UUID]) -> None:
    """Empty what the devices of these audits sent of them, and delete its attachments.

    Emptying comes first: it waits for attachments that arrive at this moment, which then go too.
    """
    values = {"city_id": city_id, "ids": list(ids)}
    connection.execute(_EMPTY_OF_AUDITS, values)
    connection.execute(_DELETE_FILES_OF_AUDITS, values)


def empty_of_device(connection: Connection, *, city_id: int, device_id: UUID) -> None:
    """Empty all that a device sent, in quarantine too, and delete the attachments."""
    values = {"city_id": city_id, "device_id": device_id}
    connection.execute(_EMPTY_OF_DEVICE, values)
    connection.execute(_DELETE_FILES_OF_DEVICE, values)


def disown_submissions(connection: Connection, *, city_id: int, device_id: UUID, nobody: UUID) -> None:
    """Empty all that a device sent, and cut the link."""
    empty_of_device(connection, city_id=city_id, device_id=device_id)
    connection.execute(_DISOWN, {"city_id": city_id, "device_id": device_id, "nobody": nobody})


def find_quarantined(connection: Connection, *, city_id: int, submission_id: int) -> Quarantined | None:
    """Return a submission in quarantine; None where it is not there, made an audit, or was emptied."""
    own = (submission.c.city_id == city_id) & (submission.c.submission_id == submission_id)
    standing = submission.c.quarantine.is_not(None) & submission.c.xml.is_not(None)
    row = connection.execute(
        select(submission.c.device_id, submission.c.audit_id, submission.c.xml).where(own, standing)
    ).one_or_none()
    return None if row is None else Quarantined(**row._mapping)


def find_xml(connection: Connection, *, city_id: int, submission_id: int) -> bytes | None:
    """Return the XML of a submission as it is kept; None where it is not there or was emptied."""
    own = (submission.c.city_id == city_id) & (submission.c.submission_id == submission_id)
    return connection.scalar(select(submission.c.xml).where(own))


def _list(connection: Connection, city_id: int, *chosen: Any) -> list[Sent]:
    rows = connection.execute(_SENT.where(submission.c.city_id == city_id, *chosen))
    return [Sent(**row._mapping) for row in rows]
