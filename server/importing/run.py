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
from server.importing.columns import Faults, check_rows, read_columns
from server.importing.mapping import ColumnMapping
from server.importing.records import Record, Recorder, raw_fields
from server.importing.seen import Seen
from server.importing.tables import Chunk, Table
from server.queries.imports import Stored, refresh_statistics, stage_audits, store_staged

_TURN_S = 0.0001


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
    records: Sequence[Record]
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
    with ThreadPoolExecutor(max_workers=1) as writer:
        before: tuple[_Prepared, Future[Stored]] | None = None
        for prepared in chunks:
            writing = writer.submit(_write, database, prepared, plan)
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
        records = recorder.records(columns, kept=kept, chunk=chunk)
        fresh, reasons, repeated = _first_of_each(records, seen)
        rejects |= {kept[place]: reason for place, reason in reasons.items()}
        yield _Prepared(chunk, fresh, repeated, rejects)


def _first_of_each(records: Sequence[Record], seen: Seen) -> tuple[list[Record], dict[int, str], int]:
    """Return the records whose id the file shows for the first time, reasons against others, and how many
    others say the same again.
    """
    ids = np.array([record.id_word for record in records], dtype=np.uint64)
    earlier_rows, earlier_contents = seen.find(ids)
    first: dict[int, tuple[int, int]] = {}
    fresh: list[Record] = []
    reasons: dict[int, str] = {}
    repeated = 0
    for place, record in enumerate(records):
        if earlier_rows[place] >= 0:
            known = int(earlier_rows[place]), int(earlier_contents[place])
        else:
            mine = record.row, record.content_word
            known = first.setdefault(record.id_word, mine)
            if known is mine:
                fresh.append(record)
                continue
        if known[1] == record.content_word:
            repeated += 1
        else:
            reasons[place] = f"id: row {known[0]} has the same id with other content"
    seen.add(
        np.array([record.id_word for record in fresh], dtype=np.uint64),
        np.array([record.row for record in fresh], dtype=np.int64),
        np.array([record.content_word for record in fresh], dtype=np.uint64),
    )
    return fresh, reasons, repeated


def _write(database: Database, prepared: _Prepared, plan: ImportPlan) -> Stored:
    if not prepared.records:
        return Stored(accepted=0, updated=0, taken=())
    instrument = plan.mapping.instrument
    with database.transaction() as connection:
        savepoint = connection.begin_nested()
        stage_audits(connection, (record.line for record in prepared.records))
        stored = store_staged(
            connection,
            city_id=plan.city.city_id,
            instrument_id=instrument.id,
            instrument_version=instrument.version,
            rows=len(prepared.records),
        )
        if plan.dry_run:
            savepoint.rollback()
        return stored


def _rejects(prepared: _Prepared, stored: Stored) -> list[Reject]:
    """Return the rejects of a chunk in file order."""
    chunk = prepared.chunk
    late = dict.fromkeys(stored.taken, "id: belongs to an audit that a phone sent")
    places = {row: index for index, row in enumerate(chunk.rows)} if late else {}
    reasons = prepared.rejects | {places[row]: reason for row, reason in late.items()}
    found = [
        Reject(chunk.rows[index], reason, raw_fields(chunk.columns, index))
        for index, reason in reasons.items()
    ]
    found += [Reject(ragged.row, ragged.reason, ragged.fields) for ragged in chunk.ragged]
    return sorted(found, key=lambda reject: reject.row)
