"""Forget a person: audits emptied, profile gone, the link between the two cut."""

from uuid import UUID

from sqlalchemy import Connection

from server.queries.audits import end_audits, list_ids_of_device
from server.queries.erasure import forget_device, lock_device
from server.queries.jobs import enqueue_scrub


def erase_device(connection: Connection, *, city_id: int, device_id: UUID) -> None:
    """Empty all audits of a device, leave tombstones that belong to nobody, and delete device and profile.

    Waits for submissions of this device that are under way and shuts out later ones.
    """
    lock_device(connection, city_id=city_id, device_id=device_id)
    ids = list_ids_of_device(connection, city_id=city_id, device_id=device_id)
    end_audits(connection, city_id=city_id, ids=ids, state="erased")
    forget_device(connection, city_id=city_id, device_id=device_id)
    enqueue_scrub(connection)
