"""SQL of staff keys: who may do what in a city, kept as hashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

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
_OPENS = and_(
    api_key.c.revoked_at.is_(None), or_(api_key.c.expires_at.is_(None), api_key.c.expires_at > func.now())
)


def find_valid_key(connection: Connection, *, city_id: int, token_hash: bytes) -> KeyRow | None:
    """Return the key of a token, unless it was revoked or has expired."""
    row = connection.execute(
        select(*_COLUMNS).where(
            api_key.c.city_id == city_id,
            api_key.c.token_hash == token_hash,
            _OPENS,
        )
    ).one_or_none()
    return None if row is None else KeyRow(*row)


def list_keys(connection: Connection, *, city_id: int) -> Sequence[KeyRow]:
    """Return every key of a city, oldest first."""
    rows = connection.execute(
        select(*_COLUMNS).where(api_key.c.city_id == city_id).order_by(api_key.c.created_at, api_key.c.key_id)
    )
    return [KeyRow(*row) for row in rows]


def find_standing_key(connection: Connection, *, city_id: int, key_id: UUID) -> KeyRow | None:
    """Return a key by its id and hold it until the transaction ends; None for one that opens nothing."""
    row = connection.execute(
        select(*_COLUMNS).where(_standing(city_id, key_id)).with_for_update()
    ).one_or_none()
    return None if row is None else KeyRow(*row)


def insert_key(
    connection: Connection,
    *,
    city_id: int,
    key_id: UUID,
    role: str,
    name: str,
    token_hash: bytes,
    lasts: timedelta | None,
) -> None:
    """Add a key that opens for so long; None for as long as nobody revokes it."""
    expires_at = None if lasts is None else func.now() + lasts
    values = {"role": role, "name": name, "token_hash": token_hash, "expires_at": expires_at}
    connection.execute(insert(api_key).values(city_id=city_id, key_id=key_id, **values))


def expire_key(connection: Connection, *, city_id: int, key_id: UUID, within: timedelta) -> None:
    """Let a key open nothing after this time, or sooner where it was to expire sooner."""
    ends = func.least(api_key.c.expires_at, func.now() + within)
    own = (api_key.c.city_id == city_id) & (api_key.c.key_id == key_id)
    connection.execute(update(api_key).where(own).values(expires_at=ends))


def revoke_key(connection: Connection, *, city_id: int, key_id: UUID) -> bool:
    """Revoke a key; return whether it was there and valid."""
    own = _standing(city_id, key_id)
    return connection.execute(update(api_key).where(own).values(revoked_at=func.now())).rowcount > 0


def _standing(city_id: int, key_id: UUID) -> ColumnElement[bool]:
    return and_(api_key.c.city_id == city_id, api_key.c.key_id == key_id, _OPENS)
