"""Take an audit back: its content goes at once, its public cell with the next run."""

from uuid import UUID

from sqlalchemy import Connection

from server.queries.audits import end_audits
from server.queries.erasure import lock_device
from server.queries.jobs import enqueue_scrub
from server.services.find_audit import find_audit


def withdraw_audit(connection: Connection, *, city_id: int, device_id: UUID, audit_id: UUID) -> bool:
    """Empty every version of an own audit and leave a tombstone; again is no error.

    Returns whether it was still standing.

    Waits for corrections that are under way, so that none of them outlives it, and shuts out later ones.
    Raises NotThere where the audit is missing or another device's.
    """
    lock_device(connection, city_id=city_id, device_id=device_id)
    find_audit(connection, city_id=city_id, device_id=device_id, audit_id=audit_id)
    ended = end_audits(connection, city_id=city_id, ids=[audit_id], state="withdrawn")
    enqueue_scrub(connection)
    return ended > 0
