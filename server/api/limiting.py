"""How often who may do what: token buckets by device or address, of which only a keyed hash is kept."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from flask import request
from sqlalchemy import Connection

from server.api.context import services
from server.api.short_memory import ShortMemory
from server.errors import TooMany
from server.queries.limits import spend
from server.settings import Settings

# A walk is many phones behind one address, so its link opens a larger bucket, of its own.
_CAMPAIGN_FACTOR = 10
_HANDFULS = 60
_HOUSEHOLD_BITS = 64  # an IPv6 subscriber holds at least a /64 and moves in it freely


@dataclass(frozen=True)
class Limit:
    """At most `number` of something in `window_s`, however they are spread."""

    scope: str
    number: int
    window_s: float


def enrolment(settings: Settings) -> Limit:
    """Return how many devices one address may enrol."""
    return Limit("enrolment", settings.enrolments_per_hour, 3600)


def campaign_enrolment(settings: Settings) -> Limit:
    """Return how many devices may join one campaign from one address."""
    return Limit("campaign-enrolment", settings.enrolments_per_hour * _CAMPAIGN_FACTOR, 3600)


def submission(settings: Settings) -> Limit:
    """Return how many requests with audits one device may send."""
    return Limit("submission", settings.submissions_per_minute, 60)


RECEIPTS = Limit("receipt", 30, 60)
MOVES = Limit("move", 30, 60)

# Tokens this process took from buckets and has not spent yet: an iterator gives each to one thread alone.
_purses: ShortMemory[bytes, Iterator[int]] = ShortMemory(lasts_s=5, most=10_000)


def spend_one(connection: Connection, limit: Limit, *whose: bytes) -> None:
    """Return if one more is within the limit; TooMany, saying when to come back, if not."""
    spend_from(connection, limit, bucket_of(limit, *whose, secret=services().secret))


def bucket_of(limit: Limit, *whose: bytes, secret: bytes) -> bytes:
    """Return the name of somebody's bucket, which does not tell whose it is."""
    return hmac.digest(secret, b"\0".join([limit.scope.encode(), *whose]), "sha256")[:16]


def spend_from(connection: Connection, limit: Limit, bucket: bytes) -> None:
    """Return if one more of the limit is in the bucket; TooMany, saying when to come back, if not.

    Where the limit is large, a process takes a sixtieth of it at once and spends that for a few seconds
    before it asks the store again. What it does not spend is lost, so a limit is never exceeded and, with
    four processes, kept short of by less than a tenth.
    """
    purse = _purses.get(bucket)
    if purse is not None and next(purse, None) is not None:
        return
    per_s, handful = limit.number / limit.window_s, max(1, limit.number // _HANDFULS)
    if handful > 1 and not spend(
        connection, bucket=bucket, capacity=limit.number, per_s=per_s, number=handful
    ):
        _purses.put(bucket, iter(range(handful - 1)))
        return
    wait_s = spend(connection, bucket=bucket, capacity=limit.number, per_s=per_s)
    if wait_s:
        raise TooMany(f"too many requests of this kind; try again in {wait_s} s", retry_after_s=wait_s)


def address() -> bytes:
    """Return what stands for the sender's address: all of IPv4, the household's part of IPv6."""
    try:
        given = ip_address(request.remote_addr or "")
    except ValueError:
        return b"unknown"
    if not isinstance(given, IPv6Address):
        return given.packed
    return given.ipv4_mapped.packed if given.ipv4_mapped else given.packed[: _HOUSEHOLD_BITS // 8]
