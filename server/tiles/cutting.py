"""A vector tile taken apart, so that a tile of some of its features is only put together (MVT 2.1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

# The numbers of fields in vector_tile.proto of MVT 2.1.
_NAME, _FEATURE, _KEY, _VALUE = 1, 2, 3, 4
_TAGS, _TEXT = 2, 1
_UNUSED = b"\x22\x02\x0a\x00"  # a value: the empty text. Others keep their numbers
_PIECE_BYTES = 50  # of the objects around a feature or a value


@dataclass(frozen=True, eq=False)
class CutTile:
    """The features of a tile in pieces, each as it stands in the tile."""

    name: bytes
    keys: bytes
    rest: bytes
    """The layer's extent and version."""
    values: NDArray[np.object_]
    features: NDArray[np.object_]
    owners: NDArray[np.intp]
    """[values]: the place among `features` of the one whose id a value is; -1 for all others."""
    rows: NDArray[np.intp]
    """[features]: the place of each among the features of the published layer."""

    @classmethod
    def of(cls, tile: bytes, *, ids: Sequence[str], id_field: str) -> Self:
        """Take apart a tile of one layer; `ids` are those of the published layer's features, in order."""
        fields = [field for layer in _fields(tile) for field in _fields(layer.content)]
        keys, values, features = (
            [field for field in fields if field.number == number] for number in (_KEY, _VALUE, _FEATURE)
        )
        key = next((place for place, one in enumerate(keys) if one.content == id_field.encode()), 0)
        named = [_value_of(feature.content, key) for feature in features]
        owners = np.full(len(values), -1)
        owners[named] = np.arange(len(features))
        places = {id_.encode(): place for place, id_ in enumerate(ids)}
        return cls(
            b"".join(field.piece for field in fields if field.number == _NAME),
            b"".join(field.piece for field in keys),
            b"".join(field.piece for field in fields if field.number > _VALUE),
            np.array([value.piece for value in values], dtype=object),
            np.array([feature.piece for feature in features], dtype=object),
            owners,
            np.array([places[_text(values[value].content)] for value in named], dtype=np.intp),
        )

    @cached_property
    def size_bytes(self) -> int:
        """About how much memory it takes."""
        pieces = [*self.values.tolist(), *self.features.tolist()]
        return sum(map(len, pieces)) + (_PIECE_BYTES + 8) * len(pieces)

    def showing(self, chosen: NDArray[np.bool_]) -> bytes:
        """Return the tile of the features whose place in the published layer is chosen; empty without any.

        Its fields come in the order of their numbers, as PostGIS writes them: of all it is the whole tile.
        """
        kept = chosen[self.rows]
        if not kept.any():
            return b""
        values = self.values.copy()
        values[~np.append(kept, True)[self.owners]] = _UNUSED
        features = self.features[kept].tolist()
        layer = b"".join((self.name, *features, self.keys, *values.tolist(), self.rest))
        return b"\x1a" + _varint(len(layer)) + layer


class _Field(NamedTuple):
    """A field of a protobuf message: its number, the whole of it, and what it holds."""

    number: int
    piece: bytes
    content: bytes


def _fields(message: bytes) -> Iterator[_Field]:
    """Yield each field of a message that has no others than integers and bytes."""
    place = 0
    while place < len(message):
        begin = place
        tag, place = _read_varint(message, place)
        inside = place
        size, place = _read_varint(message, place)
        if tag & 7:
            inside, place = place, place + size
        yield _Field(tag >> 3, message[begin:place], message[inside:place])


def _value_of(feature: bytes, key: int) -> int:
    """Return the number of a feature's value of a key."""
    tags = next(field.content for field in _fields(feature) if field.number == _TAGS)
    place = 0
    while True:
        found, place = _read_varint(tags, place)
        value, place = _read_varint(tags, place)
        if found == key:
            return value


def _text(value: bytes) -> bytes:
    return next(field.content for field in _fields(value) if field.number == _TEXT)


def _read_varint(message: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[place]
        place += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, place
        shift += 7


def _varint(number: int) -> bytes:
    written = []
    while number > 127:
        written.append((number & 127) | 128)
        number >>= 7
    return bytes([*written, number])
