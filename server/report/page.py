"""A report as one HTML page that needs nothing else: no script, no other file, no foreign server."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from analysis.disclosure.layer import Value
from server.report.content import Kind, Report, Table

_NOTHING = "\N{EN DASH}"
MOST_ROWS = 40
"""Of a table; the rest is in the workbook."""


@dataclass(frozen=True)
class Cell:
    """What stands in one place of a table: words, or a value with the ends of its interval."""

    kind: Kind
    parts: Sequence[tuple[Value, str]]
    """Each value as published, and as it is written."""


def render_page(report: Report) -> str:
    """Return the page; A4 in print, from right to left where the language is written so."""
    return _template().render(
        report=report,
        style=Markup(_style()),  # noqa: S704 - a file of the program
        policy=content_security_policy(),
        most_rows=MOST_ROWS,
        heads=lambda table: [column.title for column in table.columns if column.kind != "bound"],
        cells=lambda table, row: _cells(report, table, row),
        drawn=Markup,
    )


@cache
def content_security_policy() -> str:
    """Return what a report may do in a browser: be seen, with its own style and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _cells(report: Report, table: Table, row: Sequence[Value]) -> list[Cell]:
    """Return a row as it is shown: bounds within the cell before them, none where there is no value."""
    cells: list[tuple[Kind, list[Value]]] = []
    for value, column in zip(row, table.columns, strict=True):
        if column.kind == "bound":
            cells[-1][1].append(value)
        else:
            cells.append((column.kind, [value]))
    return [
        Cell(kind=kind, parts=[(value, _written(report, value, kind)) for value in _known(values)])
        for kind, values in cells
    ]


def _known(values: Sequence[Value]) -> Sequence[Value]:
    """Return a value with its bounds; without a value there are none."""
    return values[:1] if values[0] is None else values


def _written(report: Report, value: Value, kind: Kind) -> str:
    """Return a value as people read it, in the report's language."""
    if kind == "least":
        return report.at_least.format(n=value) if value else report.too_few
    if value is None:
        return _NOTHING
    if isinstance(value, float):
        return _number(value, kind).replace(".", report.decimal)
    return str(value)


def _number(value: float, kind: Kind) -> str:
    if kind == "share":
        return f"{100 * value:.0f} %"
    return f"{value:.1f}" if kind == "score" else f"{value:.3g}"


@cache
def _template() -> Template:
    loader = PackageLoader("server", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html")


@cache
def _style() -> str:
    return files("server").joinpath("templates", "report.css").read_text(encoding="utf-8")
