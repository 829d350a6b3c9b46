"""Instrument documents on disk: those that are built in, and any that a city adds."""

from functools import cache
from importlib import resources
from pathlib import Path

import yaml

from server.instruments import reading, strict_yaml
from server.instruments.document import Document
from server.instruments.faults import Fault, InstrumentError

_LARGEST_BYTES = 1_000_000


def parse(text: str, *, source: str) -> Document:
    """Return the document written in `text` (YAML, or JSON, which is YAML too).

    Raises `InstrumentError` naming `source`, line and column of a slip in the YAML, else every fault.
    """
    try:
        raw = strict_yaml.read(text)
    except yaml.YAMLError as error:
        raise InstrumentError(source, [_slip(error)]) from error
    except RecursionError as error:
        fault = Fault("document", "nested too deeply", "an instrument has seven levels at most")
        raise InstrumentError(source, [fault]) from error
    return reading.from_json(raw, source=source)


def load(path: Path) -> Document:
    """Return the document in the YAML or JSON file at `path`; raises `InstrumentError`, or OSError."""
    if path.stat().st_size > _LARGEST_BYTES:
        fault = Fault("document", "more than 1 MB", "an instrument is a page or two; is it the right file?")
        raise InstrumentError(path.name, [fault])
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        fault = Fault("document", f"not UTF-8 at byte {error.start}", "save it as UTF-8")
        raise InstrumentError(path.name, [fault]) from error
    return parse(text.removeprefix("\ufeff"), source=path.name)


@cache
def builtin() -> dict[str, Document]:
    """Return the documents that come with the product, by id: those that make a score first."""
    files = Path(str(resources.files("server.instruments"))).glob("*.yml")
    documents = sorted(map(load, files), key=lambda one: (not one.instrument.scored, one.instrument.id))
    return {document.instrument.id: document for document in documents}


def _slip(error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "document"
    return Fault(where, str(getattr(error, "problem", None) or error), "correct the YAML there")
