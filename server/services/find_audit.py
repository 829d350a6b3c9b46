"""The current version of an auditor's own audit."""

from uuid import UUID

from sqlalchemy import Connection

from server.errors import Conflict, NotThere
from server.queries.audits import Stored, list_current
from server.queries.photos import hold_audit


def find_audit(connection: Connection, *, city_id: int, device_id: UUID, audit_id: UUID) -> Stored:
    """Return the current version; NotThere alike where it is missing and where it is another device's."""
    for stored in list_current(connection, city_id=city_id, first=audit_id, last=audit_id):
        if stored.device_id == device_id:
            return stored
    raise NotThere("no such audit of this device")


def hold_own_audit(connection: Connection, *, city_id: int, device_id: UUID, audit_id: UUID) -> None:
    """Keep an own audit from being withdrawn until the transaction ends.

    Raises NotThere as `find_audit` does, Conflict where it was withdrawn already.
    """
    hold_audit(connection, city_id=city_id, audit_id=audit_id)
    found = find_audit(connection, city_id=city_id, device_id=device_id, audit_id=audit_id)
    if found.state != "kept":
        raise Conflict("this audit was withdrawn; nothing is added to it")
