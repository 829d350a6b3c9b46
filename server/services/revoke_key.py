"""Revoke a key of staff."""

from uuid import UUID

from sqlalchemy import Connection

from server.errors import NotThere
from server.queries import keys
from server.queries.events import OPERATOR, insert_event


def revoke_key(connection: Connection, *, city_id: int, key_id: UUID) -> None:
    """From the commit on the key opens nothing; NotThere where there is no such valid key."""
    if not keys.revoke_key(connection, city_id=city_id, key_id=key_id):
        raise NotThere(f"no valid key {key_id} in this city")
    insert_event(
        connection, city_id=city_id, actor=OPERATOR, action="key.revoke", detail={"key": str(key_id)}
    )
