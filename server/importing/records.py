"""Checked rows as audits: id, pseudonym, place, daylight, hash, and the line that COPY takes."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import isnan
from typing import NamedTuple
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from geo.cells import cells_of
from geo.sun import daypart
from server.cities import City
from server.importing.columns import Columns, Moments, Profile
from server.importing.mapping import ColumnMapping
from server.importing.tables import Chunk
from server.intake.content import NO_ANSWER, AuditContent, content_hash
from server.intake.placing import STORED_RESOLUTION

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_POINT_EWKB = np.dtype([("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("lng", "<f8"), ("lat", "<f8")])
_POINT_WITH_SRID, _WGS84 = 0x20000001, 4326
_NULL = "\\N"
Placed = tuple[str, int, int, str, str]
"""Point, cell, daylight, when observed and when answered, as COPY takes them."""

_NO_PROFILE: Profile = (None, None, None)

_escape = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_encode = msgspec.json.Encoder(order="deterministic").encode


class Record(NamedTuple):
    """One audit ready to be staged: 64 bits of its id, and of its content and auditor together."""

    row: int
    id_word: int
    content_word: int
    line: str


class Recorder:
    """Makes the records of one import."""

    def __init__(self, *, city: City, mapping: ColumnMapping, secret: bytes) -> None:
        self._city = city
        self._source = mapping.source
        self._one_per_row = mapping.one_per_row
        self._instrument = mapping.instrument
        self._names = [rating.name for rating in mapping.instrument.ratings]
        self._secret = secret

    def records(self, columns: Columns, *, kept: Sequence[int], chunk: Chunk) -> list[Record]:
        """Return the record of each kept row."""
        places = np.array(kept, dtype=np.intp)
        ids = self._audit_ids(columns, chunk)
        devices = self._device_ids(columns, ids)
        contents = self._contents(columns, ids)
        cells = cells_of(columns.lat[places], columns.lng[places], resolution=STORED_RESOLUTION)
        light = _dayparts(columns, places)
        points = _points(columns.lng[places], columns.lat[places])
        observed, answered = _times(columns.observed_at), _times(columns.answered_at)
        found = []
        for index, point, cell, code in zip(kept, points, cells.tolist(), light.tolist(), strict=True):
            placed = point, cell, code, observed[index], answered[index]
            content, device_id = contents(index), devices[index]
            digest = content_hash(content, secret=self._secret)
            profile = _NO_PROFILE if device_id == self._shared else columns.profile[index]
            line = _line(chunk.rows[index], device_id, content, digest, placed, profile)
            content_word = int.from_bytes(digest[:8]) ^ device_id.int >> 64
            found.append(Record(chunk.rows[index], content.id.int >> 64, content_word, line))
        return found

    def _contents(self, columns: Columns, ids: Sequence[UUID]) -> Callable[[int], AuditContent]:
        instrument, names = self._instrument, self._names
        lats, lngs = columns.lat.tolist(), columns.lng.tolist()
        accuracies = [None if isnan(metres) else metres for metres in columns.accuracy_m.tolist()]
        ratings = columns.ratings.tolist()

        def content(index: int) -> AuditContent:
            levels, others = ratings[index], columns.others[index]
            given = {name: level for name, level in zip(names, levels, strict=True) if level != NO_ANSWER}
            return AuditContent(
                id=ids[index],
                lat=lats[index],
                lng=lngs[index],
                accuracy_m=accuracies[index],
                observed_at=columns.observed_at.told[index],
                answered_at=columns.answered_at.told[index],
                asked=instrument.id,
                instrument_id=instrument.id,
                instrument_version=instrument.version,
                ratings=tuple(levels),
                answers=others,
                given={**given, **others} if others else given,
                comment=columns.comment[index],
                mode=columns.mode[index],
            )

        return content

    def _audit_ids(self, columns: Columns, chunk: Chunk) -> list[UUID]:
        """Return each row's own id, or one made of the whole row."""
        whole = None not in columns.id
        texts = (
            [""] * len(chunk.rows) if whole else map("\x1f".join, zip(*chunk.columns.values(), strict=True))
        )
        return [
            self._made_id("row", text) if given is None else self._given_id(given)
            for given, text in zip(columns.id, texts, strict=True)
        ]

    def _given_id(self, given: str) -> UUID:
        if _UUID.fullmatch(given):
            return UUID(given)
        return self._made_id("id", f"{self._source}\x1f{given}")

    def _made_id(self, kind: str, text: str) -> UUID:
        return _uuid(hashlib.sha256(f"{self._city.slug}\x1f{kind}\x1f{text}".encode()).digest())

    def _device_ids(self, columns: Columns, ids: Sequence[UUID]) -> list[UUID]:
        """Return each row's pseudonym: its auditor's, one of its own, or that of all without a label."""
        if self._one_per_row:
            return [self._pseudonym("row", audit_id.hex) for audit_id in ids]
        labels = {label for label in columns.auditor if label is not None}
        known = {label: self._pseudonym("label", label) for label in labels}
        return [self._shared if label is None else known[label] for label in columns.auditor]

    @cached_property
    def _shared(self) -> UUID:
        return self._pseudonym("all", "")

    def _pseudonym(self, kind: str, label: str) -> UUID:
        text = "\x1f".join(("import", kind, str(self._city.city_id), self._source, label))
        return _uuid(hashlib.blake2b(text.encode(), digest_size=16, key=self._secret[:64]).digest())


def _dayparts(columns: Columns, places: NDArray[np.intp]) -> NDArray[np.int8]:
    """Return the daylight of each row; unknown where the time of day is."""
    observed = columns.observed_at
    seconds = np.where(observed.timed, observed.seconds, np.nan)
    return daypart(columns.lat[places], columns.lng[places], seconds[places])


def _times(moments: Moments) -> list[str]:
    """Return each time as PostgreSQL reads it."""
    blank = np.isnan(moments.seconds)
    microseconds = np.where(blank, 0, moments.seconds * 1e6).round().astype("datetime64[us]")
    texts = np.datetime_as_string(microseconds, timezone="UTC").tolist()
    return [_NULL if missing else text for missing, text in zip(blank.tolist(), texts, strict=True)]


def _points(lng: NDArray[np.float64], lat: NDArray[np.float64]) -> list[str]:
    """Return each point as hexadecimal EWKB."""
    points = np.empty(len(lng), dtype=_POINT_EWKB)
    points["order"], points["type"], points["srid"] = 1, _POINT_WITH_SRID, _WGS84
    points["lng"], points["lat"] = lng, lat
    text, width = points.tobytes().hex(), 2 * _POINT_EWKB.itemsize
    return [text[place : place + width] for place in range(0, len(text), width)]


def _line(
    row: int, device_id: UUID, content: AuditContent, digest: bytes, placed: Placed, profile: Profile
) -> str:
    """Return the fields in the order of `server.queries.imports.STAGED_COLUMNS`, tab between."""
    point, cell, light, observed_at, answered_at = placed
    minor = profile[1] == "under_18" and content.comment is not None
    ratings = str(content.ratings)[1:-1].rstrip(",")
    comment = _NULL if content.comment is None or minor else content.comment.translate(_escape)
    answers = _encode(content.answers).decode().translate(_escape) if content.answers else _NULL
    said = "\t".join([_NULL if value is None else value for value in profile])
    return (
        f"{row}\t{content.id.int:032x}\t{device_id.int:032x}\t\\\\x{digest.hex()}\t{point}\t"
        f"{_NULL if content.accuracy_m is None else content.accuracy_m}\t{cell}\t"
        f"{observed_at}\t{answered_at}\t{light}\t{{{ratings}}}\t{answers}\t"
        f"{comment}\t{content.mode}\t{'{dropped}' if minor else '{}'}\t{said}\n"
    )


def _uuid(digest: bytes) -> UUID:
    """Return a UUID of version 8 (RFC 9562: made by the application's own rule) from a hash."""
    number = int.from_bytes(digest[:16])
    return UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | 8 << 76 | 0x2 << 62)


def raw_fields(columns: Mapping[str, Sequence[str]], index: int) -> tuple[str, ...]:
    """Return a row's fields in file order."""
    return tuple(column[index] for column in columns.values())
