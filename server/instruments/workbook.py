"""The sheets of an .xlsx file as rows of text, each with the number that Excel shows beside it."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from server.instruments.faults import Fault, InstrumentError

_LARGEST_BYTES = 50_000_000  # unpacked; a form of some hundred rows has a few hundred kB
_MOST_ROWS = 2000


@dataclass(frozen=True)
class Row:
    """One row below the headings."""

    sheet: str
    number: int
    cells: dict[str, str]
    """Heading in lower case -> text; empty cells are left out."""

    @property
    def where(self) -> str:
        """Return the row as a reader of the file finds it."""
        return f"{self.sheet} row {self.number}"

    def get(self, heading: str) -> str:
        """Return the text under a heading, empty where there is none."""
        return self.cells.get(heading, "")


def read(path: Path) -> dict[str, list[Row]]:
    """Return the rows of each sheet by its name in lower case; raises `InstrumentError`, or OSError."""
    import openpyxl  # noqa: PLC0415 - only a command that is given a spreadsheet needs it
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        _refuse_bomb(path)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            return {name.strip().lower(): _rows(name.strip().lower(), book[name]) for name in book.sheetnames}
        finally:
            book.close()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ParseError) as error:
        raise _refused(path, "not an Excel workbook", "save it as .xlsx") from error


def _refuse_bomb(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_BYTES:
            raise _refused(path, "unpacks to more than 50 MB", "take out pictures and unused sheets")


def _rows(sheet: str, cells: Any) -> list[Row]:
    lines = cells.iter_rows(values_only=True, max_row=_MOST_ROWS)
    headings = [_text(cell).lower() for cell in next(lines, ())]
    return list(_filled(sheet, headings, lines))


def _filled(sheet: str, headings: list[str], lines: Iterator[tuple[Any, ...]]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=2):
        told = {heading: _text(cell) for heading, cell in zip(headings, line, strict=False) if heading}
        told = {heading: text for heading, text in told.items() if text}
        if told:
            yield Row(sheet, number, told)


def _text(cell: object) -> str:
    """Return a cell as it reads: Excel may keep a typed 2 as 2.0, and Google Sheets does."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _refused(path: Path, problem: str, remedy: str) -> InstrumentError:
    return InstrumentError(path.name, [Fault("document", problem, remedy)])
