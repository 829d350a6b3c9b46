"""A report read back from its page."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Shown:
    """One table as it stands on the page: per row the words, and the values, of each cell."""

    heads: list[str] = field(default_factory=list)
    words: list[list[str]] = field(default_factory=list)
    values: list[list[list[str]]] = field(default_factory=list)


class Page(HTMLParser):
    """The tables of a report by name, and every element with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, Shown] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.style = ""
        self._open: list[str] = []
        self._table: Shown | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.elements.append((tag, said))
        self._open.append(tag)
        if tag == "table":
            self._table = self.tables[str(said["id"]).removeprefix("table-")] = Shown()
        elif self._table is not None:
            if tag == "tr" and "tbody" in self._open:
                self._table.words.append([])
                self._table.values.append([])
            elif tag == "td":
                self._table.words[-1].append("")
                self._table.values[-1].append([])
            elif tag == "data":
                self._table.values[-1][-1].append(str(said["value"]))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass
        if tag == "table":
            self._table = None

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "style":
            self.style += data
        if self._table is None:
            return
        if "th" in self._open:
            self._table.heads.append(data)
        elif "td" in self._open:
            self._table.words[-1][-1] += data
