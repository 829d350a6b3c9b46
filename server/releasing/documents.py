"""codebook.md and datapackage.json: what the columns mean, for people and for programs."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import server
from server.instruments.document import Document
from server.releasing.about import About
from server.releasing.columns import Column
from server.releasing.dictionary import Meaning, meanings


def codebook(columns: Sequence[Column], document: Document, about: About, *, languages: Sequence[str]) -> str:
    """Return the codebook: every column and its values, ratings in all languages given, how to roll up."""
    first, *others = dict.fromkeys(languages)
    parts = [
        f"# Codebook\n\n{about.title}. Release `{about.release_id}`, instrument `{about.instrument}` "
        f"version {document.instrument.version}: {about.instrument_title}.\n",
        "`audits.csv`, `audits.parquet` and `audits.gpkg` hold the same rows in the same order, which is\n"
        "random. In the latter two each row has the polygon of its cell (`geometry`). One row is one audit;\n"
        "an empty rating was not given.\n",
        *_sections(columns, meanings(columns, document, language=first)),
    ]
    for language in others:
        own = [
            column for column in columns if column.name in {one.name for one in document.instrument.ratings}
        ]
        parts += [f"# Ratings in `{language}`\n", *_sections(own, meanings(own, document, language=language))]
    return "\n".join([*parts, "# Rolling up\n", rolling_up()])


def rolling_up() -> str:
    """Return how rows of several resolutions are put together rightly, with pandas and with R."""
    return (files(server) / "releasing" / "rolling_up.md").read_text(encoding="utf-8")


def _sections(columns: Sequence[Column], told: Mapping[str, Meaning]) -> list[str]:
    return [_section(column.name, told[column.name]) for column in columns]


def _section(name: str, meaning: Meaning) -> str:
    values = [f"| `{value}` | {_cell(text or value)} |" for value, text in meaning.values.items()]
    table = "\n".join(["", "| value | meaning |", "|---|---|", *values, ""]) if values else ""
    about = f" {meaning.about}" if meaning.about else ""
    return f"## `{name}`\n\n{meaning.title}.{about} HXL: `{meaning.hxl}`\n{table}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def data_package(
    columns: Sequence[Column], document: Document, about: About, *, hashes: Mapping[str, tuple[int, str]]
) -> dict[str, Any]:
    """Return the descriptor by Frictionless Data Package 1 (https://specs.frictionlessdata.io/data-package/).

    `hashes`: bytes and SHA-256 of each file of rows, by name.
    """
    name, page = about.licence_page
    licence = {"name": about.licence, "title": name} | ({"path": page} if page else {})
    told = meanings(columns, document, language="en")
    return {
        "profile": "data-package",
        "name": about.release_id.lower(),
        "title": about.title,
        "description": f"See RELEASE.md and codebook.md. Cite as: {about.citation}",
        "version": "1.0.0",
        "created": about.made_at.isoformat(timespec="seconds"),
        "licenses": [licence],
        "contributors": [{"title": about.publisher, "role": "publisher"}],
        "keywords": ["safety audit", "perceived safety", "H3", about.instrument],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": "audits",
                "path": "audits.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": hashes["audits.csv"][0],
                "hash": f"sha256:{hashes['audits.csv'][1]}",
                "schema": {
                    "fields": [_field(column, told[column.name]) for column in columns],
                    "missingValues": [""],
                },
            },
            _resource("audits-geoparquet", "audits.parquet", "application/vnd.apache.parquet", hashes),
            _resource("audits-geopackage", "audits.gpkg", "application/geopackage+sqlite3", hashes),
        ],
    }


def _resource(name: str, path: str, media_type: str, hashes: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    ending = path.rpartition(".")[2]
    digest = f"sha256:{hashes[path][1]}"
    return {"name": name, "path": path, "format": ending, "mediatype": media_type, "hash": digest}


def _field(column: Column, meaning: Meaning) -> dict[str, Any]:
    words = [word for word in column.words if word is not None]
    limits: dict[str, Any] = {"required": None not in column.words}
    if column.name == "cell":
        limits["pattern"] = "[0-9a-f]{15}"
    elif column.type == "text":
        limits["enum"] = words
    elif words:
        limits |= {"minimum": min(words), "maximum": max(words)}
    return {
        "name": column.name,
        "title": meaning.title,
        "description": meaning.about,
        "type": "string" if column.type == "text" else "integer",
        "constraints": limits,
    }
