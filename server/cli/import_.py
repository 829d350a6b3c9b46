"""`safeaudit import`."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from server.cli.context import open_store
from server.cli.progress import ProgressDisplay
from server.errors import Invalid, Unparsable
from server.importing.chunks import Table
from server.importing.mapping_file import read_mapping
from server.importing.run import ImportPlan, Reject, import_table
from server.importing.tables import open_table

_SHOWN_REJECTS = 10
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class _Unusable(click.ClickException):
    """The file or its mapping cannot be used: exit code 2."""

    exit_code = 2


@click.command()
@click.argument("slug")
@click.argument("file", type=_FILE)
@click.option("--mapping", "mapping_file", type=_FILE, help="YAML that says what the file's columns mean.")
@click.option(
    "--rejects",
    "rejects_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV to write: row, reason and fields of every row that was not imported.",
)
@click.option("--dry-run", is_flag=True, help="Count as if imported, keep nothing.")
def command(
    slug: str, file: Path, mapping_file: Path | None, rejects_file: Path | None, dry_run: bool
) -> None:
    """Take audits from FILE (CSV, TSV, GeoJSON, GeoPackage; gzipped or not) into the city SLUG.

    Importing a file again adds nothing. The last line is `accepted=N updated=N duplicate=N rejected=N`.
    """
    try:
        _import(slug, file, mapping_file, rejects_file, dry_run=dry_run)
    except (Unparsable, Invalid) as refusal:
        lines = [refusal.detail, *(f"  {fault.pointer}: {fault.detail}" for fault in refusal.faults)]
        raise _Unusable("\n".join(lines)) from refusal


def _import(
    slug: str, file: Path, mapping_file: Path | None, rejects_file: Path | None, *, dry_run: bool
) -> None:
    table = open_table(file)
    for note in table.notes:
        click.echo(f"{file.name}: {note}")
    with open_store(pool_size=2) as store:
        city = store.cities.get(slug)
        current = {name: city.current(name).instrument for name in city.documents}
        mapping = read_mapping(mapping_file, names=table.names, instruments=current)
        with _rejects(rejects_file, table) as on_reject, ProgressDisplay(file.name) as progress:
            tally = import_table(
                store.database,
                table,
                ImportPlan(city=city, mapping=mapping, secret=store.secret, dry_run=dry_run),
                on_reject=on_reject,
                on_progress=lambda tally, share: progress.show(share, f"{tally.rows:,} rows"),
            )
    if dry_run:
        click.echo("dry run: nothing was kept")
    click.echo(str(tally))


@contextmanager
def _rejects(path: Path | None, table: Table) -> Iterator[Callable[[Reject], None]]:
    """Yield what takes the rejects: a file that holds all, or a list whose first ten are printed."""
    if path is None:
        shown: list[Reject] = []
        count = [0]

        def remember(reject: Reject) -> None:
            count[0] += 1
            if len(shown) < _SHOWN_REJECTS:
                shown.append(reject)

        yield remember
        for reject in shown:
            click.echo(f"row {reject.row}: {reject.reason}")
        if count[0] > len(shown):
            click.echo(f"… and {count[0] - len(shown)} more; --rejects FILE writes them all")
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "reason", *table.names])
        yield lambda reject: writer.writerow([reject.row, reject.reason, *reject.fields])
