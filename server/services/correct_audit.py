"""Replace what an auditor said by what she says now; the earlier version stays in the store."""

from datetime import datetime

from sqlalchemy import Connection

from server.cities import City
from server.errors import Conflict
from server.intake.content import AuditContent, content_hash
from server.intake.placing import place
from server.intake.receipts import receipt_for
from server.queries.audits import insert_audits, list_versions
from server.services.find_audit import find_audit
from server.services.submit_audits import Outcome, Sender, audit_row


def correct_audit(
    connection: Connection,
    *,
    city: City,
    sender: Sender,
    content: AuditContent,
    secret: bytes,
    now: datetime,
) -> Outcome:
    """Return `created` with a new version kept, or `duplicate` where this content was kept before.

    Content equal to any earlier version revives nothing (a delayed resend must not undo a later
    correction); to go back, change anything, `answered_at` for instance. Raises NotThere where the
    audit is missing or another device's, Conflict where it was withdrawn or is being changed now.
    """
    current = find_audit(connection, city_id=city.city_id, device_id=sender.device_id, audit_id=content.id)
    digest = content_hash(content, secret=secret)
    placing = place([content], boundary=city.boundary, now=now, practice_before=sender.practice_before)[0]
    receipt = receipt_for(secret=secret, city_id=city.city_id, audit_id=content.id)
    versions = list_versions(connection, city_id=city.city_id, ids=[content.id])[content.id]
    for kept in versions:
        if kept.content_hash == digest:
            return Outcome(
                id=content.id,
                status="duplicate",
                receipt=receipt,
                received_at=kept.received_at,
                placing=placing,
                used=kept.used,
                flags=kept.flags,
            )
    if current.state != "kept":
        raise Conflict("this audit was withdrawn; send a new one under a new id")
    row = audit_row(content, placing, digest=digest, minor=sender.minor, version=current.version + 1)
    inserted = insert_audits(
        connection, city_id=city.city_id, device_id=sender.device_id, minor=sender.minor, rows=[row]
    )
    if inserted is None or inserted.left_out:
        raise Conflict("this audit is being changed from elsewhere at this moment; read it and send again")
    return Outcome(
        id=content.id,
        status="created",
        receipt=receipt,
        received_at=inserted.received_at,
        placing=placing,
        used=row.used,
        flags=row.flags,
    )
