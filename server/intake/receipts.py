"""Receipt codes: with one, an auditor sees, corrects or withdraws an audit without an account.

A code is the city's number, the first 60 bits of the audit's id and a 60-bit keyed hash, in
Crockford's base 32 (no I, L, O, U), in groups of four: `1-7K3D-9QXM-2FHA-T6PZ-0B4C-N8VR`. Nothing
is stored for it: the id's first bits find the audit by its primary key, the hash proves the code.
"""

import hmac
import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Ten bits at a time, and written out: a code is made for every audit that arrives.
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
    proof: int


def receipt_for(*, secret: bytes, city_id: int, audit_id: UUID) -> str:
    """Return the receipt code of an audit; the same whenever it is asked for."""
    number, ten = audit_id.int, _PAIRS
    start, proof = number >> 68, _proof_bits(_keyed(secret, city_id), number)
    return (
        f"{city_id}-{ten[start >> 50]}{ten[start >> 40 & 1023]}-{ten[start >> 30 & 1023]}"
        f"{ten[start >> 20 & 1023]}-{ten[start >> 10 & 1023]}{ten[start & 1023]}-{ten[proof >> 50]}"
        f"{ten[proof >> 40 & 1023]}-{ten[proof >> 30 & 1023]}{ten[proof >> 20 & 1023]}-"
        f"{ten[proof >> 10 & 1023]}{ten[proof & 1023]}"
    )


def read_receipt(code: str) -> Receipt | None:
    """Return the parts of a code as typed (case, spaces and hyphens do not matter), or None."""
    city, _, rest = code.strip().upper().partition("-")
    found = _FORM.fullmatch(f"{city}-{_SEPARATORS.sub('', rest)}")
    if found is None or not all(character in _VALUE for character in found[2]):
        return None
    start, proof = _bits(found[2][:_HALF]), _bits(found[2][_HALF:])
    return Receipt(
        city_id=int(found[1]),
        first=UUID(int=start << 68),
        last=UUID(int=(start << 68) | ((1 << 68) - 1)),
        proof=proof,
    )


def proves(receipt: Receipt, *, secret: bytes, audit_id: UUID) -> bool:
    """Return whether the code was made for this audit, in time that does not depend on the answer."""
    expected = _proof_bits(_keyed(secret, receipt.city_id), audit_id.int)
    return hmac.compare_digest(receipt.proof.to_bytes(8), expected.to_bytes(8))


def _bits(characters: str) -> int:
    bits = 0
    for character in characters:
        bits = bits * 32 + _VALUE[character]
    return bits


def _proof_bits(keyed: "blake2b", number: int) -> int:
    own = keyed.copy()
    own.update(number.to_bytes(16))
    return int.from_bytes(own.digest()) >> 4


@lru_cache(maxsize=256)
def _keyed(secret: bytes, city_id: int) -> "blake2b":
    """Return the hash with all but the audit taken in, to be copied: that costs less than to begin anew."""
    return blake2b(b"receipt:%d:" % city_id, digest_size=8, key=secret[:64])
