"""Make a key for staff."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import Connection

from server.actors import Role
from server.queries.events import OPERATOR, insert_event
from server.queries.keys import insert_key
from server.services.tokens import new_token, token_hash


@dataclass(frozen=True)
class CreatedKey:
    """A new key and its token, which is told this once."""

    key_id: UUID
    token: str


def create_key(
    connection: Connection, *, city_id: int, role: Role, name: str, lasts: timedelta | None = None
) -> CreatedKey:
    """Return a new key of a city, which opens for so long; the operator's log says that it was made."""
    made = CreatedKey(uuid4(), new_token("key"))
    insert_key(
        connection,
        city_id=city_id,
        key_id=made.key_id,
        role=role,
        name=name,
        token_hash=token_hash(made.token),
        lasts=lasts,
    )
    detail = {"key": str(made.key_id), "role": role}
    insert_event(connection, city_id=city_id, actor=OPERATOR, action="key.create", detail=detail)
    return made
