"""Give the holder of a key a new token, while the old one opens a little longer."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection

from server.actors import Role
from server.errors import NotThere
from server.queries.events import OPERATOR, insert_event
from server.queries.keys import expire_key, find_standing_key
from server.services.create_key import CreatedKey, create_key


def rotate_key(connection: Connection, *, city_id: int, key_id: UUID, overlap: timedelta) -> CreatedKey:
    """Return a new key of the same role, name and lifetime; the old one opens nothing once `overlap` is over.

    NotThere where there is no such valid key.
    """
    old = find_standing_key(connection, city_id=city_id, key_id=key_id)
    if old is None:
        raise NotThere(f"no valid key {key_id} in this city")
    lasts = None if old.expires_at is None else old.expires_at - old.created_at
    made = create_key(connection, city_id=city_id, role=Role(old.role), name=old.name, lasts=lasts)
    expire_key(connection, city_id=city_id, key_id=key_id, within=overlap)
    detail = {"key": str(key_id), "by": str(made.key_id)}
    insert_event(connection, city_id=city_id, actor=OPERATOR, action="key.rotate", detail=detail)
    return made
