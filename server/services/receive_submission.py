"""Keep what a phone with ODK Collect sent: the raw XML first, then the audit it makes, or a quarantine.

Nothing that can be read is refused: a record that is answered with an error stays on its phone for ever,
unsent and uneditable (getodk/collect issues 4589, 5317).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from server.cities import City
from server.errors import NotAuthenticated
from server.intake.receipts import receipt_for
from server.intake.xform import Submission, audit_id_of, without_comment
from server.queries.consent import find_texts
from server.queries.devices import hold_phone, update_phone
from server.queries.moderation import open_case
from server.queries.submissions import (
    Sent,
    find_instance,
    get_submission,
    insert_submission,
    update_submission,
)
from server.services.judge_submission import Case, Verdict, judge_submission
from server.services.submit_audits import Sender

NOT_KEPT = ("refused", "withdrawn")
"""Of a record so quarantined neither XML nor files stay."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One post of a phone: the XML, what it says, the (name, content) of the files that came with it."""

    xml: bytes
    submission: Submission
    files: Sequence[tuple[str, bytes]] = ()
    complete: bool = True
    """Whether no further post of this submission follows."""
    late: bool = False
    """Whether it came by the link of a campaign that was over, from a phone that was not there."""


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """What became of a delivery: `created`, `duplicate` or `quarantined`, which `quarantine` explains."""

    status: str
    audit_id: UUID
    receipt: str | None = None
    quarantine: str | None = None
    submission_id: int | None = None
    """Where the files that came with it belong; None where none are kept any more."""


def receive_submission(
    connection: Connection, *, city: City, sender: Sender, delivery: Delivery, secret: bytes, now: datetime
) -> Acknowledgement:
    """Return what became of a delivery; all of it but its files is on disk once the caller commits.

    The same XML again changes nothing. The files come after, by `server.services.keep_attachments`. Raises
    NotAuthenticated where the device was erased or revoked meanwhile.
    """
    return _Reception(connection, city, sender, delivery, secret, now).receive()


@dataclass(frozen=True)
class _Reception:
    """One delivery on its way into the store."""

    connection: Connection
    city: City
    sender: Sender
    delivery: Delivery
    secret: bytes
    now: datetime

    @property
    def submission(self) -> Submission:
        return self.delivery.submission

    @cached_property
    def corrected(self) -> Sent | None:
        """What this device sent of the instance that the submission corrects."""
        if self.submission.deprecated_id is None:
            return None
        return find_instance(
            self.connection,
            city_id=self.city.city_id,
            device_id=self.sender.device_id,
            instance_id=self.submission.deprecated_id,
        )

    @cached_property
    def audit_id(self) -> UUID:
        """The audit it speaks of: that of the instance it corrects, else its own."""
        if self.corrected:
            return self.corrected.audit_id
        return audit_id_of(self.submission.deprecated_id or self.submission.instance_id)

    @cached_property
    def consent_version(self) -> str | None:
        """The version agreed to, if the city ever approved it."""
        version = self.submission.consent_version
        if version is None or not find_texts(self.connection, city_id=self.city.city_id, version=version):
            return None
        return version

    def receive(self) -> Acknowledgement:
        city_id, device_id = self.city.city_id, self.sender.device_id
        if not hold_phone(self.connection, city_id=city_id, device_id=device_id):
            raise NotAuthenticated("this phone was erased or revoked; scan the QR code again")
        xml_hash = _keyed_hash(self.delivery.xml, self.secret)
        submission_id = insert_submission(
            self.connection,
            city_id=city_id,
            values=self._columns() | {"audit_id": self.audit_id, "xml_hash": xml_hash},
        )
        if submission_id is None:
            sent = get_submission(
                self.connection,
                city_id=city_id,
                instance_id=self.submission.instance_id,
                xml_hash=xml_hash,
            )
            return self._receive_again(sent)
        verdict = self._judge()
        self._close(submission_id, verdict)
        if verdict.quarantine in NOT_KEPT:
            return self._told("created", self.audit_id, verdict.quarantine, None)
        self._note_consent()
        return self._told("created", self.audit_id, verdict.quarantine, submission_id)

    def _receive_again(self, sent: Sent) -> Acknowledgement:
        place = None if sent.emptied else sent.submission_id
        return self._told("duplicate", sent.audit_id, sent.quarantine, place)

    def _columns(self) -> dict[str, Any]:
        hidden = self.sender.minor and "comment" in self.submission.nodes
        return {
            "device_id": self.sender.device_id,
            "instance_id": self.submission.instance_id,
            "deprecated_id": self.submission.deprecated_id,
            "form_id": self.submission.form_id,
            "form_version": self.submission.form_version,
            "xml": without_comment(self.delivery.xml) if hidden else self.delivery.xml,
            "file_names": self.submission.file_names,
            "complete": False,
            "consent_version": self.consent_version,
        }

    def _judge(self) -> Verdict:
        if self.submission.refused:
            return Verdict(quarantine="refused")
        if self.delivery.late:
            return Verdict(quarantine="campaign_over")
        return judge_submission(
            Case(
                connection=self.connection,
                city=self.city,
                sender=self.sender,
                submission=self.submission,
                audit_id=self.audit_id,
                corrected=self.corrected,
                secret=self.secret,
                now=self.now,
            )
        )

    def _close(self, submission_id: int, verdict: Verdict) -> None:
        faults = [{"pointer": fault.pointer, "detail": fault.detail} for fault in verdict.faults]
        values: dict[str, Any] = {
            "audit_version": verdict.audit_version,
            "quarantine": verdict.quarantine,
            "faults": faults or None,
        }
        if verdict.quarantine in NOT_KEPT:
            values |= {"xml": None, "file_names": []}
        elif verdict.quarantine is not None:
            case = {"reason": verdict.quarantine, "opened_at": self.now, "submission_id": submission_id}
            open_case(self.connection, city_id=self.city.city_id, values=case)
        update_submission(
            self.connection, city_id=self.city.city_id, submission_id=submission_id, values=values
        )

    def _note_consent(self) -> None:
        """Keep with the phone what was agreed to last; a form does not tell in which language."""
        if self.consent_version is not None:
            update_phone(
                self.connection,
                city_id=self.city.city_id,
                device_id=self.sender.device_id,
                values={"consent_version": self.consent_version, "consent_lang": None},
            )

    def _told(
        self, status: str, audit_id: UUID, quarantine: str | None, submission_id: int | None
    ) -> Acknowledgement:
        receipt = None
        if quarantine is None:
            receipt = receipt_for(secret=self.secret, city_id=self.city.city_id, audit_id=audit_id)
        return Acknowledgement(
            status="quarantined" if quarantine else status,
            audit_id=audit_id,
            receipt=receipt,
            quarantine=quarantine,
            submission_id=submission_id,
        )


def _keyed_hash(xml: bytes, secret: bytes) -> bytes:
    """Return 32 bytes by which the XML is known again, and which tell nothing once it was emptied."""
    return hashlib.blake2b(xml, digest_size=32, key=secret[:64]).digest()
