"""An import as tests call it: text in, tally and rejects out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.cities import City
from server.database import Database
from server.importing.mapping_file import read_mapping
from server.importing.run import ImportPlan, Reject, Tally, import_table
from server.importing.tables import open_table

SECRET = b"a-secret-of-the-tests-0123456789abcdef"


@dataclass(frozen=True)
class Imported:
    tally: Tally
    rejects: list[Reject]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Accepted, updated, duplicate, rejected."""
        return (self.tally.accepted, self.tally.updated, self.tally.duplicate, self.tally.rejected)

    @property
    def reasons(self) -> dict[int, str]:
        return {reject.row: reject.reason for reject in self.rejects}


Import = Callable[..., Imported]


@pytest.fixture
def import_text(database: Database, city: City, tmp_path: Path) -> Import:
    """Import CSV text, by a mapping's text if one is given."""

    def call(
        text: str,
        *,
        mapping: str | None = None,
        into: City = city,
        dry_run: bool = False,
        secret: bytes = SECRET,
    ) -> Imported:
        path, mapping_path = tmp_path / "audits.csv", tmp_path / "mapping.yml"
        path.write_text(text, encoding="utf-8")
        mapping_path.write_text(mapping or "", encoding="utf-8")
        table = open_table(path)
        chosen = read_mapping(
            mapping_path if mapping else None,
            names=table.names,
            instruments={name: into.current(name).instrument for name in into.documents},
        )
        rejects: list[Reject] = []
        tally = import_table(
            database,
            table,
            ImportPlan(city=into, mapping=chosen, secret=secret, dry_run=dry_run),
            on_reject=rejects.append,
            on_progress=lambda *_: None,
        )
        return Imported(tally, rejects)

    return call
