"""Replace what an auditor said by what she says now; the earlier version stays in the store."""

from datetime import datetime

from sqlalchemy import Connection

from server.audit_store import OnConnection
from server.cities import City
from server.errors import Conflict
from server.intake.content import AuditContent
from server.queries.arrivals import Parcel
from server.queries.audits import list_versions
from server.services.find_audit import find_audit
from server.services.submit_audits import Outcome, Sender, audit_rows, created, duplicate


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
    [row] = audit_rows(
        [content], city=city, sender=sender, secret=secret, now=now, version=current.version + 1
    )
    for kept in list_versions(connection, city_id=city.city_id, ids=[content.id])[content.id]:
        if kept.content_hash == row.hash:
            return duplicate(row, kept, city=city, secret=secret)
    if current.state != "kept":
        raise Conflict("this audit was withdrawn; send a new one under a new id")
    parcel = Parcel(device_id=sender.device_id, minor=sender.minor, rows=[row])
    inserted = OnConnection(connection).insert(city_id=city.city_id, parcel=parcel)
    if inserted is None or inserted.left_out:
        raise Conflict("this audit is being changed from elsewhere at this moment; read it and send again")
    return created(row, inserted.received_at, city=city, secret=secret)
