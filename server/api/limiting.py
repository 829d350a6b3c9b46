"""How often who may do what: token buckets by device or address, of which only a keyed hash is kept."""

import hmac
from collections import deque
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from math import ceil
from time import monotonic

from flask import request
from sqlalchemy import Connection

from server.api.context import services
from server.api.short_memory import ShortMemory
from server.errors import TooMany
from server.queries.limits import seconds_to_next, spend
from server.settings import Settings

# A walk is many phones behind one address, so its link opens a larger bucket, of its own.
_CAMPAIGN_FACTOR = 10
_CITY_FACTOR = 2
_HOUSEHOLD_BITS = 64  # an IPv6 subscriber holds at least a /64 and moves in it freely


@dataclass(frozen=True)
class Limit:
    """At most `number` of something in `window_s`, however they are spread."""

    scope: str
    number: int
    window_s: float

    @property
    def per_s(self) -> float:
        """How many tokens a bucket gets back each second."""
        return self.number / self.window_s


def enrolment(settings: Settings) -> Limit:
    """Return how many devices one address may enrol."""
    return Limit("enrolment", settings.enrolments_per_hour, 3600)


def city_enrolment(settings: Settings) -> Limit:
    """Return how many devices all addresses together may enrol in a city without a campaign.

    A flood from many addresses ends here; no honest day comes near.
    """
    return Limit("city-enrolment", settings.enrolments_per_hour * _CITY_FACTOR, 60)


def campaign_enrolment(settings: Settings) -> Limit:
    """Return how many devices may join one campaign from one address."""
    return Limit("campaign-enrolment", settings.enrolments_per_hour * _CAMPAIGN_FACTOR, 3600)


def submission(settings: Settings) -> Limit:
    """Return how many requests with audits one device may send."""
    return Limit("submission", settings.submissions_per_minute, 60)


RECEIPTS = Limit("receipt", 30, 60)
MOVES = Limit("move", 30, 60)

# Tokens this process took from buckets and has not spent yet: a deque gives each to one thread alone.
_purses: ShortMemory[bytes, deque[None]] = ShortMemory(lasts_s=60, most=10_000)
_NOTHING: deque[None] = deque()
# Buckets that were found empty, and until when they are: whoever floods asks this process, not the store.
_empty: ShortMemory[bytes, float] = ShortMemory(lasts_s=60, most=10_000)


def spend_one(connection: Connection, limit: Limit, *whose: bytes) -> None:
    """Return if one more is within the limit; TooMany, saying when to come back, if not."""
    spend_from(connection, limit, bucket_of(limit, *whose, secret=services().secret))


def bucket_of(limit: Limit, *whose: bytes, secret: bytes) -> bytes:
    """Return the name of somebody's bucket, which does not tell whose it is."""
    return hmac.digest(secret, b"\0".join([limit.scope.encode(), *whose]), "sha256")[:16]


def spend_from(connection: Connection, limit: Limit, bucket: bytes) -> None:
    """Return if one more of the limit is in the bucket; TooMany, saying when to come back, if not.

    A process takes what refills in a second at once and spends that before it asks the store again. So with
    four processes a limit of N a minute lets N and at most a fifteenth more pass; slower ones hold exactly.
    """
    if spend_at_hand(bucket):
        return
    _refuse_if_empty(bucket)
    if not _fetched(connection, limit, bucket):
        left_s = seconds_to_next(connection, bucket=bucket, per_s=limit.per_s)
        _empty.put(bucket, monotonic() + left_s)
        raise _too_many(left_s)


def refuse_if_empty(limit: Limit, *whose: bytes) -> None:
    """Raise TooMany where this process knows the bucket to be empty; the store is not asked."""
    _refuse_if_empty(bucket_of(limit, *whose, secret=services().secret))


def _refuse_if_empty(bucket: bytes) -> None:
    left_s = (_empty.get(bucket) or 0.0) - monotonic()
    if left_s > 0:
        raise _too_many(left_s)


def _too_many(left_s: float) -> TooMany:
    wait_s = max(1, ceil(left_s))
    return TooMany(f"too many requests of this kind; try again in {wait_s} s", retry_after_s=wait_s)


def spend_at_hand(bucket: bytes) -> bool:
    """Spend one more of what this process took from the bucket before; return whether anything was left."""
    try:
        (_purses.get(bucket) or _NOTHING).pop()
    except IndexError:
        return False
    return True


def _fetched(connection: Connection, limit: Limit, bucket: bytes) -> bool:
    """Return whether a token was in the bucket; what else refills in a second is put into the purse."""
    for number in dict.fromkeys((max(1, int(limit.per_s)), 1)):
        if spend(connection, bucket=bucket, capacity=limit.number, per_s=limit.per_s, number=number):
            if number > 1:
                _purses.keep(bucket, deque()).extend([None] * (number - 1))
            return True
    return False


def address() -> bytes:
    """Return what stands for the sender's address."""
    return household(request.remote_addr or "")


def household(address: str) -> bytes:
    """Return what stands for an address: all of IPv4, the household's part of IPv6."""
    try:
        given = ip_address(address)
    except ValueError:
        return b"unknown"
    if not isinstance(given, IPv6Address):
        return given.packed
    return given.ipv4_mapped.packed if given.ipv4_mapped else given.packed[: _HOUSEHOLD_BITS // 8]
