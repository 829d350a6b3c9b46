"""What a report is made of: sections of words, drawings and tables, whatever it is written as."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.disclosure.layer import Value

Kind = Literal["text", "whole", "least", "score", "share", "number", "bound"]
"""How a value is written: `least` are lower bounds, `score` to 0.1, `share` 0..1 as per cent.

A `bound` is an end of the interval of the column before it, and is written behind it."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table: `name` as in the layers where it is from one."""

    name: str
    title: str
    kind: Kind = "text"


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of values, exactly as published."""

    name: str
    """Of the sheet in a workbook: at most 31 letters."""
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Value, ...]]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A drawing as SVG, made by `svg.Drawing` alone, with its caption."""

    caption: str
    svg: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the report under one heading."""

    name: str
    title: str
    notes: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """A whole report in one language."""

    title: str
    subtitle: str
    lang: str
    direction: str
    decimal: str
    """The decimal mark of the language."""
    notice: str
    """What is to be known of the translation; empty where it was checked."""
    at_least: str
    """How a lower bound is told, with {n}."""
    too_few: str
    """What stands for the lower bound 0."""
    more: str
    """What is said of rows that only the tables hold, with {n}."""
    sections: tuple[Section, ...]
