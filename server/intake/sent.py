"""What phones send, as types, and everything that may be wrong with its fields, in words."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from server.errors import Fault
from server.intake.content import COMMENT_LIMIT

BATCH_LIMIT = 500

Answers = TypeVar("Answers")
_Moment = Annotated[datetime, Meta(tz=True)]
_Metres = Annotated[float, Meta(ge=0, le=100_000)]


class SentLocation(Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Where an audit was made."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lng: Annotated[float, Meta(ge=-180, le=180)]
    accuracy_m: _Metres | None = None


class SentAudit(Struct, Generic[Answers], forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """One audit; what its answers may be is up to its instrument."""

    id: UUID
    location: SentLocation
    observed_at: _Moment
    answers: Answers
    answered_at: _Moment | None = None
    instrument: str | None = None
    comment: Annotated[str, Meta(max_length=COMMENT_LIMIT)] | None = None
    mode: Literal["walk", "vehicle", "photo", "import"] | None = None


class SentBatch(Struct, Generic[Answers], forbid_unknown_fields=True):
    """Many audits."""

    audits: Annotated[list[SentAudit[Answers]], Meta(min_length=1, max_length=BATCH_LIMIT)]


def audit_decoder(answers: type[Answers]) -> msgspec.json.Decoder[SentAudit[Answers]]:
    """Return what reads one audit whose answers are of a type."""
    return msgspec.json.Decoder(SentAudit[answers])  # type: ignore[valid-type] # known when a city is


def batch_decoder(answers: type[Answers]) -> msgspec.json.Decoder[SentBatch[Answers]]:
    """Return what reads a batch of audits whose answers are of a type."""
    return msgspec.json.Decoder(SentBatch[answers])  # type: ignore[valid-type] # as above


_FIELDS = {field.name: field for field in msgspec.structs.fields(SentAudit)}
_LOCATION_FIELDS = {field.name: field for field in msgspec.structs.fields(SentLocation)}


def field_faults(document: Mapping[str, Any], *, pointer: str) -> Iterator[Fault]:
    """Yield everything wrong with an audit but its answers, each under `pointer`."""
    yield from _faults(document, _FIELDS, pointer, skip={"location", "answers"})
    location, place = document.get("location"), f"{pointer}/location"
    if isinstance(location, dict):
        yield from _faults(location, _LOCATION_FIELDS, place)
    else:
        yield Fault(place, 'must be an object such as {"lat": 28.6139, "lng": 77.2090}')


def _faults(
    document: Mapping[str, Any],
    fields: Mapping[str, Any],
    pointer: str,
    *,
    skip: set[str] | frozenset[str] = frozenset(),
) -> Iterator[Fault]:
    for name in document.keys() - fields.keys():
        yield Fault(f"{pointer}/{name[:60]}", f"is unknown; the fields are: {', '.join(fields)}")
    for name, field in fields.items():
        if name in skip:
            continue
        if name not in document:
            if field.required:
                yield Fault(f"{pointer}/{name}", "is missing")
            continue
        try:
            msgspec.convert(document[name], field.type)
        except (msgspec.ValidationError, OverflowError) as fault:
            yield Fault(f"{pointer}/{name}", _plain(name, str(fault)))


_HINTS = {
    "id": "must be a UUID such as 3f2b1c9e-8d47-4a53-9a55-1b6f7f0f0c11",
    "observed_at": "must be a time with its offset, such as 2026-11-20T19:42:00+05:30",
    "answered_at": "must be a time with its offset, such as 2026-11-20T19:55:00+05:30",
    "lat": "must be a number of degrees from -90 to 90",
    "lng": "must be a number of degrees from -180 to 180",
    "accuracy_m": "must be a number of metres from 0 to 100000",
    "mode": "must be one of: walk, vehicle, photo, import",
    "comment": f"must be a text of at most {COMMENT_LIMIT} characters",
    "instrument": "must be the id of an instrument of this city",
}


def _plain(name: str, fault: str) -> str:
    return _HINTS.get(name, fault)
