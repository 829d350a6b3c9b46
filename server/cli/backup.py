"""`safeaudit backup`."""

from pathlib import Path

import click

from server.cli.context import open_store


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Write everything the server keeps into FILE, as of one moment, while it goes on serving.

    FILE holds what people wrote, their photos and the secret key: keep it as you keep the server itself, or
    have it sealed (`safeaudit backup-key`).
    """
    from server.backup.make import make_backup  # noqa: PLC0415 - loaded when needed
    from server.cli.progress import ProgressDisplay  # noqa: PLC0415 - loads rich
    from server.cluster import ClusterError  # noqa: PLC0415 - POSIX only

    with open_store(pool_size=2) as store, ProgressDisplay("backup") as display:
        try:
            manifest = make_backup(
                store.database,
                file,
                url=store.url,
                settings=store.settings,
                secret=store.secret,
                progress=lambda name: display.show(0, name),
            )
        except ClusterError as error:
            raise click.ClickException(str(error)) from None
    rows = sum(table.rows for table in manifest.tables.values())
    held = f"{len(manifest.tables)} tables with {rows} rows, {len(manifest.members)} files"
    sealed = f", sealed to {recipient}" if (recipient := store.settings.backup_recipient) else ""
    click.echo(f"{file}: {held}, {file.stat().st_size / 1e6:.1f} MB{sealed}")
    if store.settings.photo_bucket:
        click.echo(
            f"Photos are in {store.settings.photo_bucket}, not in this file: back that up too.", err=True
        )
