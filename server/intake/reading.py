"""From what a phone sends to checked contents: fast where all is well, thorough where it is not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from msgspec.structs import astuple

from analysis.instrument import Instrument
from server.errors import Fault, Invalid
from server.intake.answers import answer_faults, read_answers
from server.intake.content import NO_ANSWER, AuditContent, Given
from server.intake.json import read_plain
from server.intake.sent import BATCH_LIMIT, SentAudit, audit_decoder, batch_decoder, field_faults

_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_AnyAudit = SentAudit[dict[str, Any]]


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
        self.ratings = msgspec.defstruct(
            "Ratings", fields, forbid_unknown_fields=True, omit_defaults=True, gc=False
        )

    def read(self, given: Mapping[str, Any]) -> tuple[tuple[int, ...], dict[str, Any]] | None:
        """Return (ratings in order, other answers), or None where anything is wrong."""
        try:
            return astuple(msgspec.convert(given, self.ratings)), {}
        except (msgspec.ValidationError, OverflowError):
            return read_answers(self.instrument, given)

    def content(
        self, sent: SentAudit[Any], *, ratings: tuple[int, ...], others: Mapping[str, Any], given: Given
    ) -> AuditContent:
        """Return the content of an audit whose answers were checked against this form."""
        location = sent.location
        # In the order of the fields: by their names it would take six times as long.
        return AuditContent(
            sent.id,
            location.lat,
            location.lng,
            location.accuracy_m,
            _in_utc(sent.observed_at),
            None if sent.answered_at is None else _in_utc(sent.answered_at),
            sent.instrument,
            self.instrument.id,
            self.instrument.version,
            ratings,
            others,
            given,
            sent.comment,
            sent.mode,
        )


class PlainReader:
    """Reads what phones mostly send, straight from the body: audits without a fault, all rating by one form.

    What it reads, it reads as `Reader` reads the document in the body.
    """

    def __init__(self, form: _Form) -> None:
        self._form = form
        self._names = (None, form.instrument.id)
        self._one = audit_decoder(form.ratings)
        self._many = batch_decoder(form.ratings)

    def audit(self, body: bytes) -> AuditContent | None:
        """Return the content of the audit in a body; None where it takes a closer look."""
        sent = read_plain(body, self._one)
        return None if sent is None else self._content(sent)

    def batch(self, body: bytes) -> list[AuditContent] | None:
        """Return the content of each audit of the batch in a body; None where it takes a closer look."""
        sent = read_plain(body, self._many)
        contents = [self._content(one) for one in sent.audits] if sent else []
        found = [content for content in contents if content is not None]
        return found if found and len(found) == len(contents) else None

    def _content(self, sent: SentAudit[Any]) -> AuditContent | None:
        ratings = astuple(sent.answers)
        if sent.instrument not in self._names or max(ratings, default=NO_ANSWER) == NO_ANSWER:
            return None
        return self._form.content(sent, ratings=ratings, others={}, given=sent.answers)


class Reader:
    """Reads audits against the instruments of one city (id -> version -> instrument, first is default)."""

    def __init__(self, instruments: Mapping[str, Mapping[int, Instrument]]) -> None:
        self._newest_first = {
            name: tuple(_Form(versions[version]) for version in sorted(versions, reverse=True))
            for name, versions in instruments.items()
        }
        self.plain = PlainReader(next(iter(self._newest_first.values()))[0])

    def audit(self, document: Any, *, pointer: str = "") -> AuditContent:
        """Return the content of one audit document; Invalid lists every fault under `pointer`."""
        try:
            sent = msgspec.convert(document, _AnyAudit)
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

    def _content(self, sent: SentAudit[dict[str, Any]]) -> AuditContent | None:
        """Return the content by the newest version of the instrument whose questions fit the answers.

        A phone that was offline while its instrument changed answers the version it had.
        """
        given = {name: answer for name, answer in sent.answers.items() if answer is not None}
        name = next(iter(self._newest_first)) if sent.instrument is None else sent.instrument
        for form in self._newest_first.get(name, ()) if given else ():
            read = form.read(given)
            if read is not None:
                ratings, others = read
                return form.content(sent, ratings=ratings, others=others, given=_by_value(given))
        return None

    def _faults(self, document: Any, pointer: str) -> Iterator[Fault]:
        if not isinstance(document, dict):
            yield Fault(pointer, "must be an audit: a JSON object")
            return
        yield from field_faults(document, pointer=pointer)
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
