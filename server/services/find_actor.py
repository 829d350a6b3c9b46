"""Find out who holds a token."""

from sqlalchemy import Connection

from server.actors import Actor, Role
from server.queries.devices import find_auditor
from server.queries.keys import find_valid_key
from server.services.tokens import PREFIXES, token_hash


def find_actor(connection: Connection, *, city_id: int, token: str) -> Actor | None:
    """Return who holds a token in a city; None for an unknown, revoked, erased or foreign one."""
    if token.startswith(PREFIXES["device"]):
        auditor = find_auditor(connection, city_id=city_id, token_hash=token_hash(token))
        if auditor is None:
            return None
        return Actor(
            role=Role.AUDITOR,
            city_id=city_id,
            id=auditor.device_id,
            minor=auditor.minor,
            practice_before=auditor.practice_before,
        )
    if token.startswith(PREFIXES["key"]):
        key = find_valid_key(connection, city_id=city_id, token_hash=token_hash(token))
        return None if key is None else Actor(role=Role(key.role), city_id=city_id, id=key.key_id)
    return None
