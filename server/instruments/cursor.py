"""A place in a parsed document that knows its path, and notes what is wrong there instead of stopping."""

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from server.instruments.faults import Fault


@dataclass(frozen=True)
class Cursor:
    """One value and where it stands.

    Each reader returns a value of its type: the one that stands here, or, with a fault noted, an empty one.
    Where nothing stands they stay silent: `mapping` has noted what is required.
    """

    value: Any
    path: str
    faults: list[Fault]

    def fault(self, problem: str, remedy: str) -> None:
        """Note what is wrong here."""
        self.faults.append(Fault(self.path or "document", problem, remedy))

    def at(self, key: str, *, name: str | None = None) -> "Cursor":
        """Return the place below `key`, None where there is none; `name` is how its path calls it."""
        below = self.value.get(key) if isinstance(self.value, dict) else None
        return Cursor(below, f"{self.path}/{name or key}".lstrip("/"), self.faults)

    def mapping(self, *, required: Collection[str], optional: Collection[str] = ()) -> bool:
        """Return whether this is a mapping; every missing and every unknown key is noted."""
        if not isinstance(self.value, dict):
            self.fault(f"found {kind_of(self.value)}", "a mapping of keys to values is expected")
            return False
        known = [*required, *optional]
        for key in self.value:
            if key not in known:
                self.fault(f"unknown key {key!r}", nearest(str(key), known))
        for key in required:
            if self.value.get(key) is None:
                self.at(key).fault("missing", f"add {key!r}")
        return True

    def items(self, *, least: int, most: int) -> "Iterator[Cursor]":
        """Yield the places of a list of `least` to `most`, called by their `name` where they have one."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            self.fault(f"found {kind_of(self.value)}", "a list (lines that begin with -) is expected")
            return
        if not least <= len(self.value) <= most:
            self.fault(f"{len(self.value)} entries", f"there must be {least} to {most}")
        for index, value in enumerate(self.value):
            name = value.get("name") if isinstance(value, dict) else None
            called = name if isinstance(name, str) and name else str(index)
            place = Cursor(value, f"{self.path}/{called}", self.faults)
            if value is None:
                place.fault("empty", "write the entry or take out its dash")
            else:
                yield place

    def word(self, pattern: re.Pattern[str], *, meaning: str) -> str:
        """Return a word that matches `pattern` in full."""
        if self.value is None:
            return ""
        if isinstance(self.value, str) and pattern.fullmatch(self.value):
            return self.value
        self.fault(f"{shown(self.value)} cannot be used", meaning)
        return ""

    def one_of(self, options: Collection[str]) -> str:
        """Return one of `options`."""
        if self.value is None:
            return ""
        if self.value in options:
            return str(self.value)
        self.fault(f"{shown(self.value)} is not known", nearest(str(self.value), options))
        return ""

    def flag(self, *, default: bool) -> bool:
        """Return true or false, `default` where nothing stands."""
        if self.value is None:
            return default
        if not isinstance(self.value, bool):
            self.fault(f"found {kind_of(self.value)}", "write true or false")
        return bool(self.value)

    def integer(self, *, least: int, most: int, default: int = 0) -> int:
        """Return a whole number from `least` to `most`, `default` where nothing stands."""
        if self.value is None:
            return default
        if isinstance(self.value, int) and not isinstance(self.value, bool) and least <= self.value <= most:
            return self.value
        self.fault(
            f"{shown(self.value)} cannot be used", f"a whole number from {least} to {most} is expected"
        )
        return default

    def number(self) -> float | None:
        """Return a finite number, None where nothing stands."""
        if self.value is None:
            return None
        if (
            isinstance(self.value, int | float)
            and not isinstance(self.value, bool)
            and abs(self.value) < 1e15
        ):
            return self.value
        self.fault(f"{shown(self.value)} cannot be used", "a number is expected")
        return None

    def text(self, *, longest: int) -> str:
        """Return a line of text of at most `longest` characters, without blanks at its ends."""
        if not isinstance(self.value, str):
            self.fault(f"found {kind_of(self.value)}", "text is expected; put it in quotes")
            return ""
        if not self.value.strip():
            self.fault("empty", "write the text, or leave the language out: the default language stands in")
        if len(self.value) > longest:
            self.fault(f"{len(self.value)} characters", f"at most {longest} fit on a phone")
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in self.value.strip()):
            self.fault("holds a line break or control character", "write one line")
        return self.value.strip()


def nearest(word: str, known: Collection[str]) -> str:
    """Return advice that names the nearest of `known`, or all of them."""
    close = difflib.get_close_matches(word, [*known], n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"


def kind_of(value: object) -> str:
    """Return what an editor would call this value."""
    names: dict[type, str] = {
        dict: "a mapping",
        list: "a list",
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number",
        type(None): "nothing",
    }
    return names.get(type(value), type(value).__name__)


def shown(value: object) -> str:
    """Return the value as it is quoted in a fault, shortened."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
