"""The tables of a report as a workbook, a sheet each, with values as published."""

import io

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from analysis.disclosure.layer import Value
from server.report.content import Kind, Report, Table

_FORMATS: dict[Kind, str] = {"share": "0%", "score": "0.0", "bound": "0.0"}
_MOST_WIDE = 60


def write_workbook(report: Report) -> bytes:
    """Return the workbook; its first sheet says what the others hold and how to read them."""
    book = Workbook(write_only=True)
    _about(book.create_sheet("report"), report)
    for section in report.sections:
        for table in section.tables:
            _sheet(book.create_sheet(table.name), table)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _about(sheet: Worksheet, report: Report) -> None:
    sheet.sheet_view.rightToLeft = report.direction == "rtl"
    sheet.column_dimensions["A"].width = _MOST_WIDE
    for line in (report.title, report.subtitle, report.notice):
        sheet.append([_text(sheet, line)])
    for section in report.sections:
        sheet.append([_text(sheet, section.title, bold=True)])
        for note in section.notes:
            sheet.append([_text(sheet, note)])


def _sheet(sheet: Worksheet, table: Table) -> None:
    sheet.freeze_panes = "A3"
    for place, column in enumerate(table.columns):
        widest = max([len(column.title), *(len(str(row[place] or "")) for row in table.rows)])
        sheet.column_dimensions[_letter(place)].width = min(widest + 2, _MOST_WIDE)
    sheet.append([_text(sheet, column.title, bold=True) for column in table.columns])
    sheet.append([_text(sheet, column.name) for column in table.columns])
    for row in table.rows:
        sheet.append(
            [_cell(sheet, value, column.kind) for value, column in zip(row, table.columns, strict=True)]
        )


def _cell(sheet: Worksheet, value: Value, kind: Kind) -> Cell:
    if isinstance(value, str):
        return _text(sheet, value)
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = _FORMATS.get(kind, "General")
    return cell


def _text(sheet: Worksheet, words: str, *, bold: bool = False) -> Cell:
    """Return a cell of text that no spreadsheet computes, whatever it begins with."""
    cell = WriteOnlyCell(sheet, value=words)
    cell.data_type = "s"
    cell.font = Font(bold=bold)
    return cell


def _letter(place: int) -> str:
    return chr(ord("A") + place)
