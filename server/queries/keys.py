"""SQL of staff keys: who may do what in a city, kept as hashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, insert, or_, select, update

from server.models.access import api_key


@dataclass(frozen=True)
class KeyRow:
    """One key, without its secret."""

    key_id: UUID
    role: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


_COLUMNS = [api_key.c[name] for name in KeyRow.__dataclass_fields__]


def find_valid_key(connection: Connection, *, city_id: int, token_hash: bytes) -> KeyRow | None:
    """Return the key of a token, unless it was revoked or has expired."""
    row = connection.execute(
        select(*_COLUMNS).where(
            api_key.c.city_id == city_id,
            api_key.c.token_hash == token_hash,
            api_key.c.revoked_at.is_(None),
            or_(api_key.c.expires_at.is_(None), api_key.c.expires_at > func.now()),
        )
    ).one_or_none()
    return None if row is None else KeyRow(*row)


def list_keys(connection: Connection, *, city_id: int) -> Sequence[KeyRow]:
    """Return every key of a city, oldest first."""
    rows = connection.execute(
        select(*_COLUMNS).where(api_key.c.city_id == city_id).order_by(api_key.c.created_at, api_key.c.key_id)
    )
    return [KeyRow(*row) for row in rows]


def insert_key(
    connection: Connection, *, city_id: int, key_id: UUID, role: str, name: str, token_hash: bytes
) -> None:
    """Add a key."""
    connection.execute(
        insert(api_key).values(city_id=city_id, key_id=key_id, role=role, name=name, token_hash=token_hash)
    )


def revoke_key(connection: Connection, *, city_id: int, key_id: UUID) -> bool:
    """Revoke a key; return whether it was there and valid."""
    own = (api_key.c.city_id == city_id) & (api_key.c.key_id == key_id) & api_key.c.revoked_at.is_(None)
    return connection.execute(update(api_key).where(own).values(revoked_at=func.now())).rowcount > 0
