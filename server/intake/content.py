"""The content of one audit as parsed, and the keyed hash by which it is known again when resent."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

COMMENT_LIMIT = 2000
NO_ANSWER = -1

Given = Mapping[str, Any] | msgspec.Struct
"""Answers by question name, none of them null; of a struct, fields at their default are not answered."""

# Names in order, of mappings and structs alike.
_encode = msgspec.json.Encoder(order="sorted").encode


class AuditContent(msgspec.Struct, frozen=True, gc=False):
    """One auditor's answers about one spot at one moment, checked against its instrument.

    `ratings` follow the instrument's order, -1 where not answered; `answers` holds the others.
    `asked` is the instrument as named by the sender (None: the city's first), which is content;
    the version it was read by is not.
    """

    id: UUID
    lat: float
    lng: float
    accuracy_m: float | None
    observed_at: datetime | None
    answered_at: datetime | None
    asked: str | None
    instrument_id: str
    instrument_version: int
    ratings: tuple[int, ...]
    answers: Mapping[str, Any]
    given: Given
    comment: str | None
    mode: str | None


def content_hash(content: AuditContent, *, secret: bytes) -> bytes:
    """Return 32 bytes that are equal just where two contents are: numbers by value, times as instants.

    Keyed (BLAKE2b), because the hash outlives the content: without the key nobody can try answers
    against the hash of an erased audit.
    """
    observed, answered = content.observed_at, content.answered_at
    keyed = _keyed(secret).copy()
    keyed.update(
        _encode(
            (
                content.lat + 0.0,
                content.lng + 0.0,
                content.accuracy_m,
                None if observed is None else observed.timestamp(),
                None if answered is None else answered.timestamp(),
                content.asked,
                content.given,
                content.comment,
                content.mode,
            )
        )
    )
    return keyed.digest()


@lru_cache(maxsize=8)
def _keyed(secret: bytes) -> "hashlib.blake2b":
    """Return the hash with the key taken in, to be copied: that costs less than to begin anew."""
    return hashlib.blake2b(digest_size=32, key=secret[:64])
