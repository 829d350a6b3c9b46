"""Secrets given to phones and staff: made here once, kept as hashes only."""

import hashlib
import secrets

PREFIXES = {"device": "sad_", "campaign": "sac_", "key": "sak_", "move": "sam_"}


def new_token(holder: str) -> str:
    """Return a fresh 256-bit token whose prefix lets secret scanners know it.

    `holder` is `device`, `campaign`, `key` or `move`.
    """
    return PREFIXES[holder] + secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """Return the SHA-256 of a token: 32 bytes. A slow hash would add nothing to 256 random bits."""
    return hashlib.sha256(token.encode()).digest()
