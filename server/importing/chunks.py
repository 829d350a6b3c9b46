"""A file of rows as all readers give it: columns of text, some thousand rows at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

CHUNK_ROWS = 10_000


@dataclass(frozen=True)
class Ragged:
    """A row that does not fit the header: where, why, and its fields as they stand."""

    row: int
    reason: str
    fields: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some rows: `rows` numbers them (CSV: the line each begins on; features: 1, 2, 3 …).

    `columns` holds the text of each column, in file order, one entry per row; `ragged` the rows that
    could not be laid into columns; `share` how much of the file has been read, 0..1.
    """

    rows: Sequence[int]
    columns: dict[str, Sequence[str]]
    share: float
    ragged: tuple[Ragged, ...] = ()

    def fields(self, index: int) -> tuple[str, ...]:
        """Return the fields of one row, in file order."""
        return tuple(column[index] for column in self.columns.values())


@dataclass(frozen=True)
class Table:
    """A file of rows: the names of its columns, what was noticed, and its chunks, read anew at each call."""

    names: tuple[str, ...]
    notes: tuple[str, ...]
    chunks: Callable[[], Iterator[Chunk]]
