"""Mapping files: YAML with a fixed list of keys and verbs, checked whole before the first row is read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from analysis.instrument import Instrument
from server.errors import Fault, Invalid
from server.importing.mapping import DEFAULT_SOURCE, ColumnMapping
from server.importing.verb_reading import VerbReader, entries, scalar, table, text_of
from server.instruments import strict_yaml
from server.instruments.cursor import Cursor

_KEYS = ("source", "instrument", "auditor", "missing", "scales", "filter", "columns")
_LARGEST_BYTES = 1_000_000


def read_mapping(
    path: Path | None, *, names: Sequence[str], instruments: Mapping[str, Instrument]
) -> ColumnMapping:
    """Return the mapping in a file (None: columns are called as the fields are) for a table of `names`.

    `instruments` are the city's, its default first. Invalid lists everything that is wrong: unknown keys
    and verbs with the nearest known, columns the file does not have, values no question allows.
    """
    faults: list[Any] = []
    root = Cursor({} if path is None else _document(path), "", faults)
    root.mapping(required=(), optional=_KEYS)
    instrument = _instrument(root.at("instrument"), instruments)
    reader = VerbReader(names, instrument, _scales(root.at("scales")))
    said = root.at("auditor")
    mapping = ColumnMapping(
        instrument=instrument,
        columns=reader.columns(root.at("columns")),
        source=text_of(root.at("source")) or DEFAULT_SOURCE,
        filters=tuple(reader.filter(one) for one in entries(root.at("filter"))),
        missing=frozenset(scalar(one) for one in entries(root.at("missing"))),
        one_per_row=said.value is not None and said.one_of(["one_per_row"]) != "",
    )
    _complete(root.at("columns"), mapping)
    if faults:
        source = "the file's columns" if path is None else path.name
        found = [Fault(f"/{fault.path}", f"{fault.problem}; {fault.remedy}") for fault in faults]
        raise Invalid(f"{source} cannot be used; nothing was imported", faults=found)
    return mapping


def _document(path: Path) -> object:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise Invalid(f"{path.name} is larger than 1 MB; a mapping is a page or two")
        document = strict_yaml.read(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise Invalid(f"{path.name} cannot be read as a mapping: {error}") from error
    return {} if document is None else document


def _instrument(at: Cursor, instruments: Mapping[str, Instrument]) -> Instrument:
    name = at.one_of(list(instruments)) if at.value is not None else ""
    return instruments.get(name) or next(iter(instruments.values()))


def _complete(at: Cursor, mapping: ColumnMapping) -> None:
    for name in ("lat", "lng"):
        if name not in mapping.columns:
            at.fault(f"nothing gives {name}", f"call a column {name}, or map one under columns")
    asked = [question.name for question in mapping.instrument.questions]
    if not mapping.columns.keys() & set(asked):
        at.fault(f"nothing answers {mapping.instrument.id}", f"its questions are {', '.join(asked)}")
    if mapping.one_per_row and "auditor" in mapping.columns:
        at.at("auditor").fault("stands beside `auditor: one_per_row`", "leave one of the two out")


def _scales(at: Cursor) -> dict[str, dict[str, str]]:
    if at.value is None:
        return {}
    if not isinstance(at.value, dict):
        at.fault("no mapping", "write the name of each scale and below it value: level")
        return {}
    return {str(name): table(at.at(name)) for name in at.value}
