"""SQL of the event log: what staff and the operator did, and when."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert

from server.models.access import event

OPERATOR = "operator"


def insert_event(
    connection: Connection, *, city_id: int, actor: str, action: str, detail: Mapping[str, Any]
) -> None:
    """Log an act; `actor` is OPERATOR or `key:` and the key's id."""
    connection.execute(insert(event).values(city_id=city_id, actor=actor, action=action, detail=dict(detail)))
