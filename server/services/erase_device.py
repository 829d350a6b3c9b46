"""Forget a person: audits emptied, profile gone, the link between the two cut."""

from uuid import UUID

from sqlalchemy import Connection

from server.errors import Conflict
from server.queries.audits import Stored, end_audits, list_ids_of_device
from server.queries.devices import is_tokenless_phone
from server.queries.erasure import forget_device, lock_device
from server.queries.jobs import enqueue_scrub


def erase_by_receipt(connection: Connection, *, city_id: int, audit: Stored) -> None:
    """Erase the phone an audit came from, where it has no token by which its holder could; again is no error.

    That is a walk's phone with ODK Collect. Raises Conflict for any other: a receipt is shown around more
    freely than a token, and proves one audit.
    """
    if audit.state == "erased":
        return
    if not is_tokenless_phone(connection, city_id=city_id, device_id=audit.device_id):
        raise Conflict("this audit's phone has a token of its own, which alone erases all it sent")
    erase_device(connection, city_id=city_id, device_id=audit.device_id)


def erase_device(connection: Connection, *, city_id: int, device_id: UUID) -> None:
    """Empty all audits of a device, leave tombstones that belong to nobody, and delete device and profile.

    Waits for submissions of this device that are under way and shuts out later ones.
    """
    lock_device(connection, city_id=city_id, device_id=device_id)
    ids = list_ids_of_device(connection, city_id=city_id, device_id=device_id)
    end_audits(connection, city_id=city_id, ids=ids, state="erased")
    forget_device(connection, city_id=city_id, device_id=device_id)
    enqueue_scrub(connection)
