"""One row of an XLSForm's survey as a question of an instrument document."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from server.instruments.cursor import nearest
from server.instruments.faults import Fault
from server.instruments.workbook import Row

_BOUND = re.compile(r"\.\s*(>=|<=)\s*(-?\d+(?:\.\d+)?)")
_LENGTH = re.compile(r"string-length\(\s*\.\s*\)\s*<=\s*(\d+)")
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": None}

Say = Callable[[str], None]


def type_of(row: Row) -> tuple[str, str]:
    """Return the type and its list: `begin group` and `begin_group` alike, `select_one l` as (…, "l")."""
    words = row.get("type").split()
    if len(words) > 1 and words[0].lower() in ("begin", "end", "select"):
        words[:2] = ["_".join(words[:2])]
    return (words[0].lower() if words else ""), " ".join(words[1:])


def yes_or_no(row: Row, heading: str, faults: list[Fault]) -> bool | None:
    """Return what a cell says, None where it is empty."""
    told = row.get(heading)
    if told.lower() not in _YES:
        faults.append(Fault(row.where, f"{heading} {told!r}", "write yes or no"))
    return _YES.get(told.lower())


def number(text: str) -> int | float | str | None:
    """Return the number a cell holds; what is none stays text, to be refused with its place."""
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d+\.\d+", text) else text or None


@dataclass(frozen=True)
class Questions:
    """Turns rows into questions; what cannot be kept is added to `faults`, what is lost is said."""

    choices: list[Row]
    languages: dict[str, str]
    """Suffix of a label column ("" for none) -> language."""
    faults: list[Fault]
    say: Say

    def question(self, row: Row) -> dict[str, Any]:
        """Return the question as it stands in an instrument document."""
        kind, called = type_of(row)
        asked: dict[str, Any] = {"name": row.get("name") or None, "label": self._told(row, "label")}
        asked["hint"] = self._told(row, "hint")
        asked |= self._select(row, kind, called) if kind.startswith("select") else self._open(row, kind)
        asked["role"] = row.get("safeaudit_role") or asked.get("role")
        asked["fixable"] = yes_or_no(row, "safeaudit_fixable", self.faults)
        asked["dayparts"] = row.get("safeaudit_dayparts").replace(",", " ").split() or None
        return {key: value for key, value in asked.items() if value is not None}

    def _select(self, row: Row, kind: str, called: str) -> dict[str, Any]:
        lists = [choice.get("list_name") or choice.get("list name") for choice in self.choices]
        offered = [choice for choice, name in zip(self.choices, lists, strict=True) if name == called]
        if not offered:
            known = sorted({name for name in lists if name})
            other = called.endswith(" or_other")
            remedy = "add `other` to the list of choices" if other else nearest(called, known)
            self._fault(row, f"no list of choices {called!r}", remedy)
        if row.get("constraint"):
            self._fault(row, "constraint on a choice cannot be kept", "take it out")
        names = [_name_of(choice) for choice in offered]
        if kind == "select_one" and names and all(name.isdecimal() for name in names):
            return self._rating(row, offered)
        told = [{"name": _name_of(choice), "label": self._told(choice, "label")} for choice in offered]
        return {"kind": "choice" if kind == "select_one" else "choices", "choices": told}

    def _rating(self, row: Row, offered: list[Row]) -> dict[str, Any]:
        """Return a rating whose levels are the choices 0 to L; other numbers are refused."""
        ordered = sorted(offered, key=lambda choice: int(_name_of(choice)))
        names = [_name_of(choice) for choice in ordered]
        if names != [str(level) for level in range(len(names))]:
            self._fault(row, f"levels {', '.join(names)}", "number them 0 (worst), 1, 2 … (best)")
        levels = [self._told(choice, "label") for choice in ordered]
        return {"kind": "rating", "role": "place", "levels": levels}

    def _open(self, row: Row, kind: str) -> dict[str, Any]:
        """Return a text or number with the limits that a simple constraint sets."""
        asked: dict[str, Any] = {"kind": "text" if kind == "text" else "number"}
        for part in filter(None, re.split(r"\s+and\s+", row.get("constraint"))):
            bound, length = _BOUND.fullmatch(part.strip()), _LENGTH.fullmatch(part.strip())
            if bound and kind != "text":
                asked["minimum" if bound[1] == ">=" else "maximum"] = number(bound[2])
            elif length and kind == "text":
                asked["max_length"] = int(length[1])
            else:
                remedy = "write `. >= 0 and . <= 90`, or for text `string-length(.) <= 300`"
                self._fault(row, f"constraint {part!r} cannot be kept", remedy)
        if kind == "integer":
            self.say(f"{row.where}: {row.get('name')} takes any number, whole or not")
        return asked

    def _told(self, row: Row, part: str) -> dict[str, str] | None:
        told: dict[str, str] = {}
        for suffix, language in self.languages.items():
            text = row.get(f"{part}::{suffix}" if suffix else part)
            if "${" in text:
                self._fault(row, "${…} in a text cannot be kept", "write the words themselves")
            if text:
                told.setdefault(language, text)
        return told or None

    def _fault(self, row: Row, problem: str, remedy: str) -> None:
        self.faults.append(Fault(row.where, problem, remedy))


def _name_of(choice: Row) -> str:
    return choice.get("name") or choice.get("value")
