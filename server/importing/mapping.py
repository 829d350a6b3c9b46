"""A mapping: how the columns of one kind of file become the fields of audits of one instrument."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from analysis.instrument import Instrument
from server.importing.chunks import Chunk
from server.importing.conditions import Condition, Frame, where
from server.importing.verbs import First, Quantile, Rename, Verb

FIXED_FIELDS = (
    "id", "lat", "lng", "observed_at", "answered_at", "auditor", "accuracy_m", "comment", "mode",
    "gender", "age_band", "disability",
)  # fmt: skip

DEFAULT_SOURCE = "import"


@dataclass(frozen=True)
class Filter:
    """Which rows to leave out, and why: those where the condition holds, or those where it does not."""

    condition: Condition
    drops: bool
    reason: str

    def dropped(self, frame: Frame) -> NDArray[np.bool_]:
        """Return the rows left out, bool[n]."""
        held = where(self.condition, frame)
        return held if self.drops else ~held


@dataclass(frozen=True, kw_only=True)
class ColumnMapping:
    """Verbs by the field they fill, and what else the operator says of the file."""

    instrument: Instrument
    columns: Mapping[str, Verb]
    source: str = DEFAULT_SOURCE
    """Ids and auditors are told apart by it: equal ids of different sources are different audits."""
    filters: tuple[Filter, ...] = ()
    missing: frozenset[str] = field(default_factory=frozenset)
    one_per_row: bool = False
    """The operator's word that every row is another person."""

    def reads(self) -> set[str]:
        """Return the columns of the file that are needed."""
        tested = {test.column for one in self.filters for test in one.condition}
        return tested.union(*(verb.reads for verb in self.columns.values()))

    def frame(self, chunk: Chunk) -> Frame:
        """Return the chunk as the verbs see it."""
        return Frame(chunk.columns, len(chunk.rows), self.missing)

    def dropped(self, frame: Frame) -> dict[int, str]:
        """Return the reason by index of each row that a filter leaves out."""
        reasons: dict[int, str] = {}
        for one in reversed(self.filters):
            reasons |= dict.fromkeys(np.flatnonzero(one.dropped(frame)).tolist(), f"filtered: {one.reason}")
        return reasons

    def fitted(self, chunks: Iterable[Chunk]) -> "ColumnMapping":
        """Return the mapping with its quantiles fitted to all rows that no filter leaves out."""
        frames = [frame for frame in map(self._kept, chunks) if frame.length]
        return replace(self, columns={name: _fitted(verb, frames) for name, verb in self.columns.items()})

    def needs_fitting(self) -> bool:
        """Return whether the whole file must be read once before its rows: some verb is a quantile."""
        return any(_quantiles(verb) for verb in self.columns.values())

    def _kept(self, chunk: Chunk) -> Frame:
        """Return the rows no filter leaves out, and of them only the columns that quantiles read."""
        frame = self.frame(chunk)
        out = self.dropped(frame)
        names = {name for verb in self.columns.values() for one in _quantiles(verb) for name in one.reads}
        kept = [index for index in range(frame.length) if index not in out]
        return Frame({name: [frame[name][index] for index in kept] for name in names}, len(kept))


def standard_columns(names: Sequence[str], instrument: Instrument) -> dict[str, Verb]:
    """Return the mapping of a file that calls its columns as the fields are called (or `lng` as `lon`)."""
    known = (*FIXED_FIELDS, *(question.name for question in instrument.questions))
    columns: dict[str, Verb] = {name: Rename(name) for name in known if name in names}
    if "lng" not in columns and "lon" in names:
        columns["lng"] = Rename("lon")
    return columns


def _quantiles(verb: Verb) -> list[Quantile]:
    if isinstance(verb, First):
        return [one for part in verb.verbs for one in _quantiles(part)]
    return [verb] if isinstance(verb, Quantile) else []


def _fitted(verb: Verb, frames: Sequence[Frame]) -> Verb:
    if isinstance(verb, First):
        return First(tuple(_fitted(part, frames) for part in verb.verbs))
    return verb.fitted(frames) if isinstance(verb, Quantile) else verb
