"""SQL of forgetting a person: the device goes, its emptied audits stay and belong to nobody."""

from uuid import UUID

from sqlalchemy import Connection, text

from server.queries.photos import delete_photos_of_device
from server.queries.submissions import disown_submissions

NOBODY = UUID(int=0)

_LOCK = text("SELECT device_id FROM device WHERE city_id = :city_id AND device_id = :device_id FOR UPDATE")
_INSERT_NOBODY = text(
    "INSERT INTO device (city_id, device_id, origin, erased_at) VALUES (:city_id, :nobody, 'phone', now()) "
    "ON CONFLICT DO NOTHING"
)
_DISOWN = text("UPDATE audit SET device_id = :nobody WHERE city_id = :city_id AND device_id = :device_id")
_DELETE = text("DELETE FROM device WHERE city_id = :city_id AND device_id = :device_id")


def lock_device(connection: Connection, *, city_id: int, device_id: UUID) -> bool:
    """Wait for this device's submissions under way, and hold back later ones until the commit.

    Returns whether there is such a device.
    """
    return connection.execute(_LOCK, {"city_id": city_id, "device_id": device_id}).first() is not None


def forget_device(connection: Connection, *, city_id: int, device_id: UUID) -> None:
    """Cut the link between a device and its audits, empty what it sent; delete it, profile and photos."""
    values = {"city_id": city_id, "device_id": device_id, "nobody": NOBODY}
    connection.execute(_INSERT_NOBODY, values)
    connection.execute(_DISOWN, values)
    delete_photos_of_device(connection, city_id=city_id, device_id=device_id)
    disown_submissions(connection, city_id=city_id, device_id=device_id, nobody=NOBODY)
    connection.execute(_DELETE, values)
