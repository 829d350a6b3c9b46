"""What a filled form makes: the first version of an audit, a further one, or a case for a moderator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from server.audit_store import OnConnection
from server.cities import City
from server.errors import Conflict, Fault, Invalid
from server.instruments.xform import instrument_version
from server.intake.content import AuditContent
from server.intake.reading import Reader
from server.intake.xform import Submission, audit_document
from server.queries.audits import Stored, list_current
from server.queries.erasure import NOBODY
from server.queries.submissions import Sent, is_corrected
from server.services.correct_audit import correct_audit
from server.services.submit_audits import Sender, submit_audits


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The version of the audit that a submission made, or why it made none."""

    audit_version: int | None = None
    quarantine: str | None = None
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, kw_only=True)
class Case:
    """A new submission before the store."""

    connection: Connection
    city: City
    sender: Sender
    submission: Submission
    audit_id: UUID
    """The audit it speaks of."""
    corrected: Sent | None
    """What its phone sent of the instance that it corrects."""
    secret: bytes
    now: datetime


def judge_submission(case: Case) -> Verdict:
    """Keep the audit that a submission makes and return its version; or return why it makes none.

    Raises NotAuthenticated where the device was erased or revoked meanwhile.
    """
    version = instrument_version(case.submission.form_version)
    instrument = case.city.instruments[case.submission.form_id].get(version or 0)
    if instrument is None:
        return Verdict(quarantine="unknown_version")
    reader = Reader({instrument.id: {instrument.version: instrument}})
    try:
        content = reader.audit(audit_document(case.submission, instrument, audit_id=case.audit_id))
    except Invalid as refusal:
        return Verdict(quarantine="invalid", faults=refusal.faults)
    standing = _standing(case)
    return _further_version(case, content, standing) if standing else _first_version(case, content)


def _standing(case: Case) -> Stored | None:
    """Return the current version of the audit it speaks of, if there is one."""
    id = case.audit_id
    found = list_current(case.connection, city_id=case.city.city_id, first=id, last=id)
    return found[0] if found else None


def _first_version(case: Case, content: AuditContent) -> Verdict:
    [outcome] = submit_audits(
        OnConnection(case.connection),
        city=case.city,
        sender=case.sender,
        contents=[content],
        secret=case.secret,
        now=case.now,
    )
    return Verdict(quarantine="conflict") if outcome.status == "conflict" else Verdict(audit_version=1)


def _further_version(case: Case, content: AuditContent, standing: Stored) -> Verdict:
    """Correct an audit that stands as the corrected instance left it; all else needs a moderator."""
    if standing.device_id not in (case.sender.device_id, NOBODY):
        return Verdict(quarantine="conflict")
    if standing.state != "kept":
        return Verdict(quarantine="withdrawn")
    if case.submission.deprecated_id is None:
        return _same_id_again(case, content)
    if not case.corrected or case.corrected.audit_version != standing.version:
        return Verdict(quarantine="stale")
    return _correction(case, content, standing)


def _same_id_again(case: Case, content: AuditContent) -> Verdict:
    """Other XML under an id that is taken: harmless if it says the same or a correction came first."""
    verdict = _first_version(case, content)
    if verdict.quarantine and is_corrected(
        case.connection,
        city_id=case.city.city_id,
        device_id=case.sender.device_id,
        instance_id=case.submission.instance_id,
    ):
        return Verdict(quarantine="superseded")
    return verdict


def _correction(case: Case, content: AuditContent, standing: Stored) -> Verdict:
    try:
        outcome = correct_audit(
            case.connection,
            city=case.city,
            sender=case.sender,
            content=content,
            secret=case.secret,
            now=case.now,
        )
    except Conflict:  # it was changed or withdrawn since we looked
        now_standing = _standing(case)
        kept = now_standing is not None and now_standing.state == "kept"
        return Verdict(quarantine="stale" if kept else "withdrawn")
    return Verdict(audit_version=standing.version + (outcome.status == "created"))
