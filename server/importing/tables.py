"""Foreign files as tables of text, chunk by chunk, so that a file may be larger than memory."""

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Self

from server.errors import Unparsable
from server.importing.chunks import CHUNK_ROWS, Chunk, Ragged, Table

_GZIP_MAGIC = b"\x1f\x8b"
_SQLITE_MAGIC = b"SQLite format 3\x00"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = ",;\t|"
_SAMPLE_BYTES = 65_536
_LONGEST_FIELD = 1_000_000


def open_table(path: Path) -> Table:
    """Return the table in a CSV, TSV, GeoJSON or GeoPackage file, gzipped or not, told by its content.

    A feature's point becomes the columns `lat` and `lng`. Raises Unparsable naming the row where the
    file cannot be read, here or while chunks are taken.
    """
    try:
        with _Bytes(path) as opened:
            start = opened.file.read(_SAMPLE_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise Unparsable(f"{path}: cannot be read: {error}") from error
    if not start.strip():
        raise Unparsable(f"{path}: the file is empty")
    if _begins_features(start):
        from server.importing.features import open_features  # noqa: PLC0415 - GDAL only where needed

        return open_features(path)
    return _open_delimited(path, start)


def is_features(path: Path) -> bool:
    """Return whether the file holds features (GeoJSON, GeoPackage) rather than rows."""
    with _Bytes(path) as opened:
        return _begins_features(opened.file.read(_SAMPLE_BYTES))


def _begins_features(start: bytes) -> bool:
    return start.startswith(_SQLITE_MAGIC) or start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


def unique_names(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names, `_2`, `_3` … put to repeated ones, `column_N` for blanks; and notes on it."""
    taken: set[str] = set()
    unique, notes = [], []
    for index, given in enumerate(names, start=1):
        name = base = given.strip() or f"column_{index}"
        count = 1
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        if name != given.strip():
            notes.append(f"column {index} is named {given.strip()!r} in the file; here it is {name!r}")
        taken.add(name)
        unique.append(name)
    return tuple(unique), tuple(notes)


class _Bytes:
    """The bytes of a file, unpacked where it is gzipped, and how far it has been read."""

    def __init__(self, path: Path) -> None:
        self._size = max(path.stat().st_size, 1)
        self._raw = path.open("rb")
        packed = self._raw.read(2) == _GZIP_MAGIC
        self._raw.seek(0)
        self.file: BinaryIO = gzip.GzipFile(fileobj=self._raw) if packed else self._raw  # type: ignore[assignment]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._raw.close()

    @property
    def share(self) -> float:
        return self._raw.tell() / self._size


def _open_delimited(path: Path, start: bytes) -> Table:
    if start.startswith(_UTF16_MARKS):
        raise Unparsable(f"{path}: is UTF-16; save it as UTF-8")
    csv.field_size_limit(_LONGEST_FIELD)
    delimiter = _delimiter(start)
    with _Bytes(path) as opened:
        header = next(_records(opened, delimiter, path), None)
    if header is None:
        raise Unparsable(f"{path}: has no header line")
    names, notes = unique_names(header[1])
    return Table(names, notes, lambda: _chunks(path, delimiter, names))


def _delimiter(start: bytes) -> str:
    """Return the delimiter that cuts the header into the most columns."""
    header = start.decode("utf-8-sig", errors="replace").splitlines()[:1]
    return max(_DELIMITERS, key=lambda mark: max(map(len, csv.reader(header, delimiter=mark)), default=0))


def _records(opened: _Bytes, delimiter: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line it begins on, blank lines left out."""
    reader = csv.reader(_lines(opened.file, path), delimiter=delimiter)
    begins = 1
    try:
        for record in reader:
            if record:
                yield begins, record
            begins = reader.line_num + 1
    except csv.Error as error:
        raise Unparsable(
            f"{path}: row {begins}: {error}; look for a quotation mark that is not closed"
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise Unparsable(f"{path}: row {begins}: the file breaks off: {error}") from error


def _lines(file: BinaryIO, path: Path) -> Iterator[str]:
    for number, line in enumerate(file, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise Unparsable(
                f"{path}: row {number}: byte {line[error.start]:#04x} is not UTF-8; save the file as UTF-8"
            ) from error


def _chunks(path: Path, delimiter: str, names: tuple[str, ...]) -> Iterator[Chunk]:
    with _Bytes(path) as opened:
        records = _records(opened, delimiter, path)
        next(records)  # the header
        while taken := list(islice(records, CHUNK_ROWS)):
            yield _chunk(taken, names, opened.share)


def _chunk(records: Sequence[tuple[int, list[str]]], names: tuple[str, ...], share: float) -> Chunk:
    rows: list[int] = []
    lists: list[list[str]] = []
    ragged: list[Ragged] = []
    for row, record in records:
        fields = record if len(record) == len(names) else _without_blank_end(record, len(names))
        if len(fields) == len(names):
            rows.append(row)
            lists.append(fields)
        else:
            reason = f"row: has {len(record)} fields, the header has {len(names)}"
            ragged.append(Ragged(row, reason, tuple(record)))
    columns = zip(*lists, strict=True) if lists else ((),) * len(names)
    return Chunk(rows, dict(zip(names, columns, strict=True)), share, tuple(ragged))


def _without_blank_end(record: list[str], length: int) -> list[str]:
    """Return the record cut to `length` where only blanks are lost: spreadsheets append such."""
    return record if any(record[length:]) else record[:length]
