"""The current version of an auditor's own audit."""

from uuid import UUID

from sqlalchemy import Connection

from server.errors import NotThere
from server.queries.audits import Stored, list_current


def find_audit(connection: Connection, *, city_id: int, device_id: UUID, audit_id: UUID) -> Stored:
    """Return the current version; NotThere alike where it is missing and where it is another device's."""
    for stored in list_current(connection, city_id=city_id, first=audit_id, last=audit_id):
        if stored.device_id == device_id:
            return stored
    raise NotThere("no such audit of this device")
