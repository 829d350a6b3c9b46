"""The files of a release, written into a folder."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from analysis.disclosure.release import Disclosure
from server.instruments.document import Document
from server.queries.releases import ReleaseFile
from server.releasing.about import About
from server.releasing.card import card
from server.releasing.columns import columns_of
from server.releasing.documents import codebook, data_package
from server.releasing.folder import sha256_of, write_sums
from server.releasing.tables import write_csv, write_spatial

TABLES = ("audits.csv", "audits.parquet", "audits.gpkg")


def write_files(
    disclosure: Disclosure,
    document: Document,
    about: About,
    folder: Path,
    *,
    languages: tuple[str, ...],
    progress: Callable[[str], None] = lambda _doing: None,
) -> tuple[ReleaseFile, ...]:
    """Write every file of a release into an empty folder and return them, SHA256SUMS last."""
    columns = columns_of(disclosure.rows)
    progress("writing audits.csv")
    write_csv(columns, folder / "audits.csv")
    progress("writing audits.parquet and audits.gpkg")
    write_spatial(columns, folder, title=about.title, as_of=about.made_at)
    progress("writing what is told of it")
    hashes = {name: sha256_of(folder / name) for name in TABLES}
    package = data_package(columns, document, about, hashes=hashes)
    texts = {
        "codebook.md": codebook(columns, document, about, languages=languages),
        "datapackage.json": msgspec.json.format(msgspec.json.encode(package)).decode() + "\n",
        "RELEASE.md": card(disclosure.account, about, columns),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    write_sums(folder)
    names = (*TABLES, *texts, "SHA256SUMS")
    return tuple(
        ReleaseFile(name=name, bytes=size, sha256=digest)
        for name in names
        for size, digest in [sha256_of(folder / name)]
    )
