"""Take back anew what was taken back after a backup was made."""

from collections.abc import Sequence

from server.database import Database
from server.endings_log import Ending
from server.errors import NotThere
from server.queries.erasure import lock_device
from server.services.erase_device import erase_device
from server.services.withdraw_audit import withdraw_audit


def apply_endings(database: Database, endings: Sequence[Ending]) -> int:
    """Withdraw and erase anew what the store still holds; return how many audits and devices that were."""
    return sum(_apply(database, ending) for ending in endings)


def _apply(database: Database, ending: Ending) -> bool:
    with database.transaction() as connection:
        if not lock_device(connection, city_id=ending.city_id, device_id=ending.device_id):
            return False
        if ending.audit_id is None:
            erase_device(connection, city_id=ending.city_id, device_id=ending.device_id)
            return True
        try:
            return withdraw_audit(
                connection, city_id=ending.city_id, device_id=ending.device_id, audit_id=ending.audit_id
            )
        except NotThere:  # sent after the backup
            return False
