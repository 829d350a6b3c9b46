"""An instrument out of an XLSForm (https://xlsform.org): its plain questions; all else refused by row."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.instruments import names, reading, workbook
from server.instruments.cursor import nearest
from server.instruments.document import Document
from server.instruments.faults import Fault, InstrumentError
from server.instruments.workbook import Row
from server.instruments.xlsform_questions import Questions, Say, number, type_of, yes_or_no

_NOT_COLLECTED = frozenset(
    {"start", "end", "today", "deviceid", "username", "phonenumber", "email", "audit", "simserial"}
    | {"subscriberid", "start-geopoint", "background-audio"}
)
_REMEDIES = {
    "calculate": "take it out; nothing is computed on the phone",
    "begin_repeat": "ask each question once",
    "end_repeat": "ask each question once",
    "geopoint": "take it out; every audit has its place (one named `location` is skipped)",
    "image": "take it out; photos belong to the audit, and a city switches them on",
    "note": "put its words into the hint of a question",
    "date": "take it out; every audit has its time",
    "datetime": "take it out; every audit has its time",
    "time": "take it out; every audit has its time",
    "range": "use select_one with the levels as choices",
}
_ELSE = "use select_one, select_multiple, integer, decimal or text"
_REFUSED_COLUMNS = {
    "relevant": "take the condition out; every question can be left unanswered",
    "calculation": "take it out; nothing is computed on the phone",
    "choice_filter": "take it out; all choices are always offered",
    "default": "take it out; an answer must be somebody's own",
    "readonly": "take it out",
    "read_only": "take it out",
    "trigger": "take it out",
    "parameters": "take it out",
}
_KEPT = ("select_one", "select_multiple", "integer", "decimal", "text")
_UNUSED_COLUMNS = (
    "required",
    "required_message",
    "constraint_message",
    "appearance",
    "guidance_hint",
    "media",
)
_COLUMNS = (
    *("type", "name", "label", "hint", "constraint", "disabled"),
    *("safeaudit_role", "safeaudit_fixable", "safeaudit_dayparts"),
)
_TOLD = re.compile(r"(label|hint)(?:::(.+))?")


def load_xlsform(path: Path, *, say: Say) -> Document:
    """Return the instrument in the .xlsx file at `path`.

    `select_one` whose choices are named 0 to L is a rating; roles, needs and dayparts stand in the columns
    `safeaudit_role` (place where empty), `safeaudit_fixable` and `safeaudit_dayparts`. What is left aside
    (metadata, looks) is told through `say`; anything else raises `InstrumentError` with every row at fault.
    """
    sheets = workbook.read(path)
    absent = [name for name in ("survey", "settings") if not sheets.get(name)]
    if absent:
        faults = [Fault(f"sheet {name}", "missing or empty", "an XLSForm has it") for name in absent]
        raise InstrumentError(path.name, faults)
    return _Form({"choices": [], **sheets}, say).document(path.name)


@dataclass
class _Form:
    sheets: dict[str, list[Row]]
    say: Say
    faults: list[Fault] = field(default_factory=list)

    def document(self, source: str) -> Document:
        settings = self.sheets["settings"][0]
        languages = self._languages(settings)
        self._check_columns()
        rows = [row for row in self.sheets["survey"] if self._asks(row)]
        builder = Questions(self.sheets["choices"], languages, self.faults, self.say)
        raw = self._head(settings, languages) | {"questions": [builder.question(row) for row in rows]}
        try:
            document = reading.from_json(raw, source=source)
        except InstrumentError as error:
            raise InstrumentError(source, [*self.faults, *self._placed(error.faults, rows)]) from error
        if self.faults:
            raise InstrumentError(source, self.faults)
        return document

    def _head(self, settings: Row, languages: dict[str, str]) -> dict[str, Any]:
        default, title = languages[""], settings.get("form_title")
        return {
            "id": settings.get("form_id") or None,
            "version": number(settings.get("version")),
            "language": default or None,
            "scored": yes_or_no(settings, "safeaudit_scored", self.faults),
            "translations": {code: {"reviewed": code == default} for code in languages.values() if code},
            "title": {default: title} if title else None,
        }

    def _languages(self, settings: Row) -> dict[str, str]:
        """Return the language of each suffix of a label column; "" stands for the default language."""
        suffixes = {
            found[2]
            for sheet in ("survey", "choices")
            for row in self.sheets[sheet]
            for heading in row.cells
            if (found := _TOLD.fullmatch(heading)) and found[2]
        }
        codes = {suffix: self._code(suffix, f"column label::{suffix}") for suffix in sorted(suffixes)}
        if told := settings.get("default_language"):
            return {**codes, "": self._code(told.lower(), settings.where)}
        if len(codes) == 1:
            return {**codes, "": next(iter(codes.values()))}
        self._fault(settings.where, "default_language missing", "write it as English (en)")
        return {**codes, "": ""}

    def _code(self, told: str, where: str) -> str:
        """Return the code in `english (en)`; headings were put into lower case, so pt-br becomes pt-BR."""
        inside = re.search(r"\(([^()]+)\)\s*$", told)
        language, *region = (inside[1] if inside else told).strip().split("-")
        code = "-".join([language, *(part.title() if len(part) == 4 else part.upper() for part in region)])
        if names.LANGUAGE.fullmatch(code):
            return code
        self._fault(where, f"no language code in {told!r}", "write it as English (en)")
        return ""

    def _check_columns(self) -> None:
        """Refuse columns that would change what is asked, in each row that fills them."""
        said: set[str] = set()
        for row in self.sheets["survey"]:
            for heading in row.cells:
                if heading in _REFUSED_COLUMNS:
                    self._fault(row.where, f"{heading} cannot be kept", _REFUSED_COLUMNS[heading])
                elif heading.split("::")[0] in _UNUSED_COLUMNS:
                    if heading not in said:
                        self.say(f"column {heading} is not used")
                        said.add(heading)
                elif heading not in _COLUMNS and not _TOLD.fullmatch(heading):
                    self._fault(row.where, f"unknown column {heading!r}", nearest(heading, _COLUMNS))

    def _asks(self, row: Row) -> bool:
        """Return whether a row asks something; structure and metadata are left aside, the rest refused."""
        (kind, _), name = type_of(row), row.get("name")
        if yes_or_no(row, "disabled", self.faults):
            self.say(f"{row.where}: {name} is disabled, left aside")
        elif kind in ("begin_group", "end_group"):
            return False
        elif kind in _NOT_COLLECTED or (kind == "geopoint" and name == "location"):
            self.say(f"{row.where}: {kind} is not collected as an answer, left aside")
        elif kind not in _KEPT:
            self._fault(row.where, f"type {row.get('type')!r} cannot be kept", _REMEDIES.get(kind, _ELSE))
        else:
            return True
        return False

    def _placed(self, faults: tuple[Fault, ...], rows: list[Row]) -> list[Fault]:
        """Return the faults with the row in place of the path; of a list that is not there all is said."""
        places = {f"questions/{row.get('name')}": row.where for row in rows}
        told = {fault.path for fault in self.faults}
        placed = []
        for fault in faults:
            row = places.get("/".join(fault.path.split("/")[:2]))
            path = f"{row} ({fault.path.removeprefix('questions/')})" if row else fault.path
            if not (row in told and fault.path.endswith("/choices")):
                placed.append(Fault(path, fault.problem, fault.remedy))
        return placed

    def _fault(self, where: str, problem: str, remedy: str) -> None:
        self.faults.append(Fault(where, problem, remedy))
