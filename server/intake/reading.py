"""From what a phone sends to checked contents: fast where all is well, thorough where it is not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from analysis.instrument import Instrument
from server.errors import Fault, Invalid
from server.intake.answers import answer_faults, read_answers
from server.intake.content import COMMENT_LIMIT, NO_ANSWER, AuditContent

BATCH_LIMIT = 500
_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

_Moment = Annotated[datetime, Meta(tz=True)]
_Metres = Annotated[float, Meta(ge=0, le=100_000)]


class _Location(Struct, forbid_unknown_fields=True):
    lat: Annotated[float, Meta(ge=-90, le=90)]
    lng: Annotated[float, Meta(ge=-180, le=180)]
    accuracy_m: _Metres | None = None


class _Audit(Struct, forbid_unknown_fields=True):
    id: UUID
    location: _Location
    observed_at: _Moment
    answers: dict[str, Any]
    answered_at: _Moment | None = None
    instrument: str | None = None
    comment: Annotated[str, Meta(max_length=COMMENT_LIMIT)] | None = None
    mode: Literal["walk", "vehicle", "photo", "import"] | None = None


_FIELDS = {field.name: field for field in msgspec.structs.fields(_Audit)}
_LOCATION_FIELDS = {field.name: field for field in msgspec.structs.fields(_Location)}


@dataclass(frozen=True)
class Unusable:
    """An item of a batch that cannot be kept: its id where it has one, and every fault."""

    id: str | None
    faults: tuple[Fault, ...]


class _Form:
    """An instrument with its ratings as a type, so that the commonest answers are checked in one go."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        fields = [(one.name, Annotated[int, Meta(ge=0, le=one.top)], NO_ANSWER) for one in instrument.ratings]
        self._ratings = msgspec.defstruct("Ratings", fields, forbid_unknown_fields=True)

    def read(self, given: Mapping[str, Any]) -> tuple[tuple[int, ...], dict[str, Any]] | None:
        """Return (ratings in order, other answers), or None where anything is wrong."""
        try:
            return msgspec.structs.astuple(msgspec.convert(given, self._ratings)), {}
        except (msgspec.ValidationError, OverflowError):
            return read_answers(self.instrument, given)


class Reader:
    """Reads audits against the instruments of one city (id -> version -> instrument, first is default)."""

    def __init__(self, instruments: Mapping[str, Mapping[int, Instrument]]) -> None:
        self._newest_first = {
            name: tuple(_Form(versions[version]) for version in sorted(versions, reverse=True))
            for name, versions in instruments.items()
        }

    def audit(self, document: Any, *, pointer: str = "") -> AuditContent:
        """Return the content of one audit document; Invalid lists every fault under `pointer`."""
        try:
            sent = msgspec.convert(document, _Audit)
        except (msgspec.ValidationError, OverflowError):
            raise _invalid(self._faults(document, pointer)) from None
        content = self._content(sent)
        if content is None:
            raise _invalid(self._faults(document, pointer))
        return content

    def batch(self, document: Any) -> Sequence[AuditContent | Unusable]:
        """Return each item of `{"audits": [1..500]}` in order; Invalid where the batch itself is wrong."""
        if not isinstance(document, dict) or set(document) != {"audits"}:
            raise Invalid("a batch is an object", faults=[Fault("", 'must be {"audits": [...]} and no more')])
        items = document["audits"]
        if not isinstance(items, list) or not 1 <= len(items) <= BATCH_LIMIT:
            raise Invalid(
                "the batch cannot be read",
                faults=[Fault("/audits", f"must be a list of 1 to {BATCH_LIMIT} audits; send more in parts")],
            )
        return [self._item(item) for item in items]

    def _item(self, item: Any) -> AuditContent | Unusable:
        try:
            return self.audit(item)
        except Invalid as refusal:
            given = item.get("id") if isinstance(item, dict) else None
            return Unusable(given[:64] if isinstance(given, str) else None, refusal.faults)

    def _content(self, sent: _Audit) -> AuditContent | None:
        """Return the content by the newest version of the instrument whose questions fit the answers.

        A phone that was offline while its instrument changed answers the version it had.
        """
        given = {name: answer for name, answer in sent.answers.items() if answer is not None}
        name = next(iter(self._newest_first)) if sent.instrument is None else sent.instrument
        for form in self._newest_first.get(name, ()) if given else ():
            read = form.read(given)
            if read is not None:
                ratings, others = read
                return AuditContent(
                    id=sent.id,
                    lat=sent.location.lat,
                    lng=sent.location.lng,
                    accuracy_m=sent.location.accuracy_m,
                    observed_at=_in_utc(sent.observed_at),
                    answered_at=None if sent.answered_at is None else _in_utc(sent.answered_at),
                    asked=sent.instrument,
                    instrument_id=form.instrument.id,
                    instrument_version=form.instrument.version,
                    ratings=ratings,
                    answers=others,
                    given=_by_value(given),
                    comment=sent.comment,
                    mode=sent.mode,
                )
        return None

    def _faults(self, document: Any, pointer: str) -> Iterator[Fault]:
        if not isinstance(document, dict):
            yield Fault(pointer, "must be an audit: a JSON object")
            return
        yield from _field_faults(document, _FIELDS, pointer, skip={"location", "answers"})
        yield from _location_faults(document.get("location"), f"{pointer}/location")
        yield from self._answers_faults(document, pointer)

    def _answers_faults(self, document: Mapping[str, Any], pointer: str) -> Iterator[Fault]:
        answers = document.get("answers")
        if not isinstance(answers, dict):
            yield Fault(f"{pointer}/answers", "must be an object of answers by question name")
            return
        given = {name: answer for name, answer in answers.items() if answer is not None}
        if not given:
            yield Fault(f"{pointer}/answers", "must answer at least one question")
        name = document.get("instrument")
        if name is None:
            name = next(iter(self._newest_first))
        if not isinstance(name, str):
            return
        versions = self._newest_first.get(name)
        if versions is None:
            known = ", ".join(self._newest_first)
            yield Fault(f"{pointer}/instrument", f"no such instrument here; there are: {known}")
            return
        yield from answer_faults(versions[0].instrument, given, pointer=f"{pointer}/answers")


def _location_faults(location: Any, pointer: str) -> Iterator[Fault]:
    if not isinstance(location, dict):
        yield Fault(pointer, 'must be an object such as {"lat": 28.6139, "lng": 77.2090}')
        return
    yield from _field_faults(location, _LOCATION_FIELDS, pointer)


def _field_faults(
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


def _in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; a mad clock's first or last hours of the calendar end at its bounds.

    They must be kept, and beyond the bounds neither Python nor a reader of the row could hold them.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _LAST if moment.year > _LAST.year // 2 else _FIRST


def _by_value(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the answers with whole numbers as integers, so that 1 and 1.0 hash alike."""
    if float not in map(type, given.values()):
        return given
    return {
        name: int(answer) if isinstance(answer, float) and answer.is_integer() else answer
        for name, answer in given.items()
    }


def _invalid(faults: Iterator[Fault]) -> Invalid:
    found = tuple(faults)
    return Invalid(f"the audit has {len(found)} fault{'s' if len(found) != 1 else ''}", faults=found)
