"""Checked rows as audits: id, pseudonym, place, daylight, hash, and the line that COPY takes."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from geo.cells import cells_of
from geo.sun import daypart
from server.cities import City
from server.importing.columns import Columns, Moments, Profile
from server.importing.mapping import ColumnMapping
from server.intake.content import NO_ANSWER, AuditContent, content_hash
from server.intake.placing import STORED_RESOLUTION

Words = NDArray[np.uint64]

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_POINT_EWKB = np.dtype([("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("lng", "<f8"), ("lat", "<f8")])
_POINT_WITH_SRID, _WGS84 = 0x20000001, 4326
_NULL = "\\N"
_NOTHING_SAID: Profile = (None, None, None)

_escape = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, eq=False)
class Records:
    """Audits ready to be kept, one entry each; `profiles` by the pseudonyms that have one."""

    rows: Sequence[int]
    ids: Sequence[UUID]
    devices: Sequence[UUID]
    lines: Sequence[str]
    """In the order of `server.queries.imports.COPIED_COLUMNS`, tab between."""
    id_words: Words
    """The first 64 bits of each id."""
    content_words: Words
    """64 bits that are equal where hash and auditor are."""
    profiles: Mapping[UUID, Profile]

    def __len__(self) -> int:
        return len(self.ids)

    def at(self, places: list[int]) -> "Records":
        """Return the records at these places."""
        return Records(
            [self.rows[place] for place in places],
            [self.ids[place] for place in places],
            [self.devices[place] for place in places],
            [self.lines[place] for place in places],
            self.id_words[places],
            self.content_words[places],
            self.profiles,
        )


class Recorder:
    """Makes the records of one import."""

    def __init__(self, *, city: City, mapping: ColumnMapping, secret: bytes) -> None:
        self._city = city
        self._source = mapping.source
        self._one_per_row = mapping.one_per_row
        self._instrument = mapping.instrument
        self._secret = secret

    def records(self, columns: Columns, *, rows: Sequence[int], texts: Sequence[str]) -> Records:
        """Return the record of each row; of the `texts` of whole rows come the ids of those without one."""
        ids = [
            self._made_id("row", text) if given is None else self._given_id(given)
            for given, text in zip(columns.id, texts, strict=True)
        ]
        devices = self._devices(columns, ids)
        digests = [content_hash(content, secret=self._secret) for content in self._contents(columns, ids)]
        content_words = [
            int.from_bytes(digest[:8]) ^ device.int >> 64
            for digest, device in zip(digests, devices, strict=True)
        ]
        return Records(
            rows,
            ids,
            devices,
            self._lines(columns, ids, devices, digests),
            np.array([one.int >> 64 for one in ids], dtype=np.uint64),
            np.array(content_words, dtype=np.uint64),
            self._profiles(columns, devices),
        )

    def _contents(self, columns: Columns, ids: Sequence[UUID]) -> list[AuditContent]:
        instrument = self._instrument
        names = [rating.name for rating in instrument.ratings]
        accuracies = [None if isnan(metres) else metres for metres in columns.accuracy_m.tolist()]
        rows = zip(
            ids, columns.lat.tolist(), columns.lng.tolist(), accuracies, columns.observed_at.told,
            columns.answered_at.told, columns.ratings.tolist(), columns.others, columns.comment, columns.mode,
            strict=True,
        )  # fmt: skip
        return [
            AuditContent(
                id=audit_id,
                lat=lat,
                lng=lng,
                accuracy_m=accuracy_m,
                observed_at=observed,
                answered_at=answered,
                asked=instrument.id,
                instrument_id=instrument.id,
                instrument_version=instrument.version,
                ratings=levels,
                answers=others,
                given={
                    **{name: level for name, level in zip(names, levels, strict=True) if level != NO_ANSWER},
                    **others,
                },
                comment=comment,
                mode=mode,
            )
            for audit_id, lat, lng, accuracy_m, observed, answered, levels, others, comment, mode in rows
        ]

    def _lines(
        self, columns: Columns, ids: Sequence[UUID], devices: Sequence[UUID], digests: Sequence[bytes]
    ) -> list[str]:
        minors = [
            profile[1] == "under_18" and comment is not None
            for profile, comment in zip(columns.profile, columns.comment, strict=True)
        ]
        instrument = self._instrument
        pseudonyms = {one: one.hex for one in set(devices)}
        constant = f"{self._city.city_id}\t1\t{instrument.id}\t{instrument.version}\tt"
        fields = (
            [constant] * len(ids),
            [f"{one.int:032x}" for one in ids],
            [pseudonyms[one] for one in devices],
            [f"\\\\x{digest.hex()}" for digest in digests],
            _points(columns.lng, columns.lat),
            [_NULL if isnan(metres) else repr(metres) for metres in columns.accuracy_m.tolist()],
            map(str, cells_of(columns.lat, columns.lng, resolution=STORED_RESOLUTION).tolist()),
            _times(columns.observed_at),
            _times(columns.answered_at),
            map(str, _dayparts(columns).tolist()),
            [f"{{{str(levels)[1:-1]}}}" for levels in columns.ratings.tolist()],
            [_encode(one).decode().translate(_escape) if one else _NULL for one in columns.others],
            [
                _NULL if text is None or minor else text.translate(_escape)
                for text, minor in zip(columns.comment, minors, strict=True)
            ],
            columns.mode,
            ["{dropped}" if minor else "{}" for minor in minors],
        )
        return ["\t".join(line) for line in zip(*fields, strict=True)]

    def _given_id(self, given: str) -> UUID:
        if _UUID.fullmatch(given):
            return UUID(given)
        return self._made_id("id", f"{self._source}\x1f{given}")

    def _made_id(self, kind: str, text: str) -> UUID:
        return _uuid(hashlib.sha256(f"{self._city.slug}\x1f{kind}\x1f{text}".encode()).digest())

    def _devices(self, columns: Columns, ids: Sequence[UUID]) -> list[UUID]:
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

    def _profiles(self, columns: Columns, devices: Sequence[UUID]) -> dict[UUID, Profile]:
        """Return what each auditor said, the last word of each thing; the shared one has no profile."""
        said: dict[UUID, Profile] = {}
        for device, profile in zip(devices, columns.profile, strict=True):
            if profile != _NOTHING_SAID and device != self._shared:
                before = said.get(device, _NOTHING_SAID)
                gender, age_band, disability = (new or old for new, old in zip(profile, before, strict=True))
                said[device] = gender, age_band, disability
        return said


def _dayparts(columns: Columns) -> NDArray[np.int8]:
    """Return the daylight of each row; unknown where the time of day is."""
    seconds = np.where(columns.observed_at.timed, columns.observed_at.seconds, np.nan)
    return daypart(columns.lat, columns.lng, seconds)


def _points(lng: NDArray[np.float64], lat: NDArray[np.float64]) -> list[str]:
    """Return each point as hexadecimal EWKB."""
    points = np.empty(len(lng), dtype=_POINT_EWKB)
    points["order"], points["type"], points["srid"] = 1, _POINT_WITH_SRID, _WGS84
    points["lng"], points["lat"] = lng, lat
    text, width = points.tobytes().hex(), 2 * _POINT_EWKB.itemsize
    return [text[place : place + width] for place in range(0, len(text), width)]


def _times(moments: Moments) -> list[str]:
    """Return each time as PostgreSQL reads it."""
    blank = np.isnan(moments.seconds)
    if blank.all():
        return [_NULL] * len(blank)
    microseconds = np.where(blank, 0, moments.seconds * 1e6).round().astype("datetime64[us]")
    texts = np.datetime_as_string(microseconds, timezone="UTC").tolist()
    return [_NULL if missing else text for missing, text in zip(blank.tolist(), texts, strict=True)]


def _uuid(digest: bytes) -> UUID:
    """Return a UUID of version 8 (RFC 9562: made by the application's own rule) from a hash."""
    number = int.from_bytes(digest[:16])
    return UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | 8 << 76 | 0x2 << 62)
