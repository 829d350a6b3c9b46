"""Judge a submission in quarantine again, because a moderator accepts it: late or not, it is welcome."""

from datetime import datetime

from sqlalchemy import Connection

from server.cities import City
from server.errors import Conflict
from server.intake.xform import read_submission
from server.queries.devices import find_sender
from server.queries.submissions import find_quarantined, update_submission
from server.services.judge_submission import Case, judge_submission
from server.services.submit_audits import Sender


def judge_again(
    connection: Connection, city: City, *, submission_id: int, secret: bytes, now: datetime
) -> None:
    """Keep the audit that a submission makes by what is known now.

    That helps where its walk was over, or the city has learnt its form since. Raises Conflict, saying why,
    where it still makes none, or its phone was revoked: hide it then.
    """
    sent = find_quarantined(connection, city_id=city.city_id, submission_id=submission_id)
    if sent is None:
        raise Conflict("its XML is kept no longer, so it can make no audit; hide it")
    auditor = find_sender(connection, city_id=city.city_id, device_id=sent.device_id)
    if auditor is None:
        raise Conflict("its phone was revoked or erased, so it can make no audit; hide it")
    case = Case(
        connection=connection,
        city=city,
        sender=Sender(
            device_id=auditor.device_id, minor=auditor.minor, practice_before=auditor.practice_before
        ),
        submission=read_submission(sent.xml),
        audit_id=sent.audit_id,
        corrected=None,
        secret=secret,
        now=now,
    )
    verdict = judge_submission(case)
    if verdict.audit_version is None:
        faults = "".join(f"; {fault.pointer} {fault.detail}" for fault in verdict.faults)
        raise Conflict(f"it still makes no audit: {verdict.quarantine}{faults}; hide it")
    update_submission(
        connection,
        city_id=city.city_id,
        submission_id=submission_id,
        values={"audit_version": verdict.audit_version, "quarantine": None, "faults": None},
    )
