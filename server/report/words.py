"""What the report says, in the languages of the product; words.yml holds the texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from server.instruments import strict_yaml
from server.instruments.document import Document, direction

DEFAULT = "en"


@dataclass(frozen=True, kw_only=True)
class Speech:
    """One language, with the names that an instrument gives its ratings in it."""

    lang: str
    reviewed: bool
    decimal: str
    """The decimal mark."""
    document: Document

    @property
    def direction(self) -> str:
        """`rtl` or `ltr`."""
        return direction(self.lang)

    def __call__(self, name: str, **values: object) -> str:
        """Return a text with {placeholders} filled."""
        text = _book()["texts"][name][self.lang]
        return str(text).format(**values)

    def rating(self, name: str) -> str:
        """Return what a rating is called; in the instrument's language where it is not translated."""
        texts = self.document.texts.get(f"questions/{name}/label", {})
        return texts.get(self.lang) or texts.get(self.document.language) or name.replace("_", " ")

    def ratings(self, joined: object) -> str:
        """Return the names of ratings that a layer joins by semicolons."""
        return ", ".join(self.rating(name) for name in str(joined or "").split(";") if name)

    def causes(self, joined: object) -> str:
        """Return the causes of a layer, `lighting 0.62;people 0.38`, in words."""
        pairs = (one.rsplit(" ", 1) for one in str(joined or "").split(";") if one)
        return ", ".join(f"{self.rating(name)} {100 * float(share):.0f} %" for name, share in pairs)

    def of(self, family: str, name: object) -> str:
        """Return the text of one of a family of names, such as a trend; the name itself where unknown."""
        key = f"{family}_{name}"
        return self(key) if key in _book()["texts"] else str(name or "")


def languages() -> tuple[str, ...]:
    """Return the languages of the report, the default first."""
    return tuple(_book()["languages"])


def speech(requested: str | None, document: Document) -> Speech:
    """Return the language asked for, its region left out if need be, else the default."""
    asked = (requested or DEFAULT).lower().replace("_", "-")
    lang = next((one for one in (asked, asked.split("-", maxsplit=1)[0]) if one in languages()), DEFAULT)
    told = _book()["languages"][lang]
    return Speech(lang=lang, reviewed=told["reviewed"], decimal=told["decimal"], document=document)


@cache
def _book() -> Mapping[str, Any]:
    text = files("server.report").joinpath("words.yml").read_text(encoding="utf-8")
    book: Any = strict_yaml.read(text)
    return dict(book)
