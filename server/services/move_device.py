"""Move a contributor to another phone: one code, once, for a few minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import Connection

from server.errors import NotThere
from server.queries.devices import redeem_move, update_phone
from server.services.enrol_device import Enrolment
from server.services.tokens import new_token, token_hash

VALID_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class Move:
    """The code that the new phone redeems, which is told this once."""

    code: str
    expires_at: datetime


def offer_move(connection: Connection, *, city_id: int, device_id: UUID, now: datetime) -> Move:
    """Return a code for moving this device; an earlier one no longer works."""
    move = Move(new_token("move"), now + VALID_FOR)
    values = {"move_hash": token_hash(move.code), "move_until": move.expires_at}
    update_phone(connection, city_id=city_id, device_id=device_id, values=values)
    return move


def accept_move(connection: Connection, *, city_id: int, code: str, now: datetime) -> Enrolment:
    """Return the device with a new token: the old phone's is over from now on.

    NotThere for a code that is unknown, used or too old, or whose device was erased or revoked.
    """
    token = new_token("device")
    device_id = redeem_move(
        connection, city_id=city_id, move_hash=token_hash(code), now=now, token_hash=token_hash(token)
    )
    if device_id is None:
        raise NotThere(
            "this code moves no device: it works once, for ten minutes; ask the old phone for another"
        )
    return Enrolment(device_id, token)


def move_link(public_url: str, *, slug: str, code: str) -> str:
    """Return the address in the QR code that the new phone scans; the code stays out of every request."""
    return f"{public_url}/audit?{urlencode({'city': slug})}#{urlencode({'move': code})}"
