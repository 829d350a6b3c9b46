"""One import from file to store: chunk by chunk, the next one read while PostgreSQL keeps the last."""

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from server.cities import City
from server.database import Database
from server.importing.chunks import Chunk, Table
from server.importing.columns import Faults, check_rows, read_columns
from server.importing.mapping import ColumnMapping
from server.importing.records import Recorder, Records
from server.importing.seen import Seen
from server.importing.writing import Writer
from server.queries.imports import Stored, refresh_statistics

_TURN_S = 0.0001
_BETWEEN_FIELDS = "\x1f"


@dataclass(frozen=True)
class Reject:
    """A row that was not imported: where it stands, why not, and its fields."""

    row: int
    reason: str
    fields: tuple[str, ...]


@dataclass
class Tally:
    """How many rows went which way; together all rows read."""

    accepted: int = 0
    updated: int = 0
    duplicate: int = 0
    rejected: int = 0

    @property
    def rows(self) -> int:
        """Rows read so far."""
        return self.accepted + self.updated + self.duplicate + self.rejected

    def __str__(self) -> str:
        return (
            f"accepted={self.accepted} updated={self.updated} "
            f"duplicate={self.duplicate} rejected={self.rejected}"
        )


@dataclass(frozen=True, eq=False)
class _Prepared:
    """A chunk as far as it goes without the store."""

    chunk: Chunk
    records: Records
    repeated: int
    rejects: dict[int, str] = field(default_factory=dict)
    """Reasons by index."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ImportPlan:
    """What to make of a table: whose audits they are, by which mapping; a dry run keeps nothing."""

    city: City
    mapping: ColumnMapping
    secret: bytes
    dry_run: bool = False


def import_table(
    database: Database,
    table: Table,
    plan: ImportPlan,
    *,
    on_reject: Callable[[Reject], None],
    on_progress: Callable[[Tally, float], None],
) -> Tally:
    """Keep the audits of a table and return how its rows went.

    One transaction per chunk: an import that breaks off has kept whole chunks, and importing again
    goes on from there, since known rows are duplicates. A dry run takes every chunk back.
    `on_progress` hears the tally and the share of the file, 0..1, after each chunk. Raises Unparsable
    where the file cannot be read to its end.
    """
    if plan.mapping.needs_fitting():
        plan = replace(plan, mapping=plan.mapping.fitted(table.chunks()))
    tally = Tally()

    def settle(prepared: _Prepared, stored: Stored) -> None:
        for reject in _rejects(prepared, stored):
            tally.rejected += 1
            on_reject(reject)
        known = len(prepared.records) - stored.accepted - stored.updated
        tally.accepted += stored.accepted
        tally.updated += stored.updated
        tally.duplicate += known - len(stored.taken) + prepared.repeated
        on_progress(tally, prepared.chunk.share)

    with _tuned_interpreter(), _known_sizes(database):
        for prepared, stored in _written(database, _prepare(table, plan), plan):
            settle(prepared, stored)
    return tally


@contextmanager
def _known_sizes(database: Database) -> Iterator[None]:
    """Refresh the planner's statistics before, for the comparisons, and after, for whoever comes next."""
    with database.transaction() as connection:
        refresh_statistics(connection)
    yield
    with database.transaction() as connection:
        refresh_statistics(connection)


@contextmanager
def _tuned_interpreter() -> Iterator[None]:
    """Run without the cycle collector, and with threads that take turns every 0.1 ms.

    Rows form no cycles, and looking for some would take a quarter of the time. The writer hands a chunk over
    in a hundred parts and needs the interpreter after each: at 5 ms a turn it would wait more than it works.
    """
    collecting, turn_s = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(_TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(turn_s)
        if collecting:
            gc.enable()


def _written(
    database: Database, chunks: Iterator[_Prepared], plan: ImportPlan
) -> Iterator[tuple[_Prepared, Stored]]:
    """Yield what became of each chunk, written while the next is prepared."""
    writer = Writer(database, city_id=plan.city.city_id, dry_run=plan.dry_run)
    with ThreadPoolExecutor(max_workers=1) as thread:
        before: tuple[_Prepared, Future[Stored]] | None = None
        for prepared in chunks:
            writing = thread.submit(writer.write, prepared.records)
            if before is not None:
                yield before[0], before[1].result()
            before = prepared, writing
        if before is not None:
            yield before[0], before[1].result()


def _prepare(table: Table, plan: ImportPlan) -> Iterator[_Prepared]:
    city, mapping = plan.city, plan.mapping
    recorder = Recorder(city=city, mapping=mapping, secret=plan.secret)
    seen, zone = Seen(), ZoneInfo(city.time_zone)
    for chunk in table.chunks():
        frame = mapping.frame(chunk)
        dropped = mapping.dropped(frame)
        faults = Faults()
        texts = {name: verb.values(frame, faults.of(name)) for name, verb in mapping.columns.items()}
        columns = read_columns(
            texts, length=frame.length, instrument=mapping.instrument, zone=zone, faults=faults
        )
        check_rows(columns, boundary=city.boundary, now=datetime.now(UTC), faults=faults)
        rejects = faults.reasons() | dropped
        kept = [index for index in range(frame.length) if index not in rejects]
        records = recorder.records(
            columns.at(kept),
            rows=[chunk.rows[index] for index in kept],
            texts=_whole_rows(chunk, kept),
        )
        fresh, reasons, repeated = _first_of_each(records, seen)
        rejects |= {kept[place]: reason for place, reason in reasons.items()}
        yield _Prepared(chunk, fresh, repeated, rejects)


def _whole_rows(chunk: Chunk, kept: Sequence[int]) -> list[str]:
    """Return each row as one text: where it has no id, its hash is one."""
    texts = list(map(_BETWEEN_FIELDS.join, zip(*chunk.columns.values(), strict=True)))
    return texts if len(kept) == len(texts) else [texts[index] for index in kept]


def _first_of_each(records: Records, seen: Seen) -> tuple[Records, dict[int, str], int]:
    """Return the records whose id the file shows for the first time, reasons by place against others, and
    how many others say the same again.
    """
    rows, contents = seen.find(records.id_words)
    fresh, repeated = records, 0
    reasons: dict[int, str] = {}
    if np.any(rows >= 0) or len(np.unique(records.id_words)) < len(records):
        places, reasons, repeated = _sorted_out(records, rows.tolist(), contents.tolist())
        fresh = records.at(places)
    seen.add(fresh.id_words, np.array(fresh.rows, dtype=np.int64), fresh.content_words)
    return fresh, reasons, repeated


def _sorted_out(
    records: Records, rows: Sequence[int], contents: Sequence[int]
) -> tuple[list[int], dict[int, str], int]:
    """Return the places of first ids, reasons against others, and the number of those that say the same.

    `rows` (-1: none) and `contents` tell where earlier chunks had each id.
    """
    first: dict[int, tuple[int, int]] = {}
    places: list[int] = []
    reasons: dict[int, str] = {}
    repeated = 0
    words = zip(records.id_words.tolist(), records.content_words.tolist(), strict=True)
    for place, (id_word, content_word) in enumerate(words):
        if rows[place] < 0 and id_word not in first:
            first[id_word] = records.rows[place], content_word
            places.append(place)
            continue
        row, content = (rows[place], contents[place]) if rows[place] >= 0 else first[id_word]
        if content == content_word:
            repeated += 1
        else:
            reasons[place] = f"id: row {row} has the same id with other content"
    return places, reasons, repeated


def _rejects(prepared: _Prepared, stored: Stored) -> list[Reject]:
    """Return the rejects of a chunk in file order."""
    chunk = prepared.chunk
    reasons = dict(prepared.rejects)
    if stored.taken:
        rows = {row: index for index, row in enumerate(chunk.rows)}
        for row, audit_id in zip(prepared.records.rows, prepared.records.ids, strict=True):
            if audit_id in stored.taken:
                reasons[rows[row]] = "id: belongs to an audit that a phone sent"
    found = [Reject(chunk.rows[index], reason, chunk.fields(index)) for index, reason in reasons.items()]
    found += [Reject(ragged.row, ragged.reason, ragged.fields) for ragged in chunk.ragged]
    return sorted(found, key=lambda reject: reject.row)
