"""Receipt codes: with one, an auditor sees, corrects or withdraws an audit without an account.

A code is the city's number, the first 60 bits of the audit's id and a 60-bit keyed hash, in
Crockford's base 32 (no I, L, O, U), in groups of four: `1-7K3D-9QXM-2FHA-T6PZ-0B4C-N8VR`. Nothing
is stored for it: the id's first bits find the audit by its primary key, the hash proves the code.
"""

import hmac
import re
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_VALUE = {character: value for value, character in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_HALF = 12  # characters: 60 bits
_SEPARATORS = re.compile(r"[\s-]")
_FORM = re.compile(r"([0-9]{1,9})-([0-9A-Z]{24})")


@dataclass(frozen=True)
class Receipt:
    """A code taken apart: which audits it may mean, and the proof to hold against each."""

    city_id: int
    first: UUID
    last: UUID
    proof: str


def receipt_for(*, secret: bytes, city_id: int, audit_id: UUID) -> str:
    """Return the receipt code of an audit; the same whenever it is asked for."""
    code = _text(audit_id.bytes) + _proof(secret, city_id, audit_id)
    return f"{city_id}-" + "-".join(code[place : place + 4] for place in range(0, 2 * _HALF, 4))


def read_receipt(code: str) -> Receipt | None:
    """Return the parts of a code as typed (case, spaces and hyphens do not matter), or None."""
    city, _, rest = code.strip().upper().partition("-")
    found = _FORM.fullmatch(f"{city}-{_SEPARATORS.sub('', rest)}")
    if found is None or not all(character in _VALUE for character in found[2]):
        return None
    start = 0
    for character in found[2][:_HALF]:
        start = start * 32 + _VALUE[character]
    proof = "".join(_ALPHABET[_VALUE[character]] for character in found[2][_HALF:])
    return Receipt(
        city_id=int(found[1]),
        first=UUID(int=start << 68),
        last=UUID(int=(start << 68) | ((1 << 68) - 1)),
        proof=proof,
    )


def proves(receipt: Receipt, *, secret: bytes, audit_id: UUID) -> bool:
    """Return whether the code was made for this audit, in time that does not depend on the answer."""
    return hmac.compare_digest(receipt.proof, _proof(secret, receipt.city_id, audit_id))


def _proof(secret: bytes, city_id: int, audit_id: UUID) -> str:
    named = b"receipt:%d:" % city_id + audit_id.bytes
    return _text(blake2b(named, digest_size=8, key=secret[:64]).digest())


def _text(source: bytes) -> str:
    """Return the first 60 bits in twelve characters, ten bits at a time."""
    bits = int.from_bytes(source[:8]) >> 4
    return "".join([_PAIRS[bits >> shift & 1023] for shift in (50, 40, 30, 20, 10, 0)])
