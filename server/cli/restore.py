"""`safeaudit restore`."""

from pathlib import Path

import click

from server.cli.context import read_settings


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--endings",
    "logs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The endings.log of the server that was lost: what people took back since is taken back anew.",
)
@click.option(
    "--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The key of a sealed backup."
)
def command(file: Path, logs: tuple[Path, ...], key: Path | None) -> None:
    """Bring the backup FILE to life in an empty SAFEAUDIT_HOME, checked by hash.

    Where anything in FILE is damaged, HOME is left empty as it was.
    """
    from server.backup.restore import restore_backup  # noqa: PLC0415 - loaded when needed
    from server.cli.progress import ProgressDisplay  # noqa: PLC0415 - loads rich
    from server.cluster import ClusterError  # noqa: PLC0415 - POSIX only
    from server.endings_log import read_endings  # noqa: PLC0415 - loaded when needed

    endings = [ending for log in logs for ending in read_endings(log)]
    with ProgressDisplay("restore") as display:
        try:
            restored = restore_backup(
                file,
                settings=read_settings(),
                endings=endings,
                key=key,
                progress=lambda name: display.show(0, name),
            )
        except ClusterError as error:
            raise click.ClickException(str(error)) from None
    rows = sum(table.rows for table in restored.manifest.tables.values())
    click.echo(f"as of {restored.manifest.made_at}: {rows} rows, each table equal to the backup's by hash")
    if logs:
        click.echo(f"taken back anew: {restored.ended_anew}")
    else:
        click.echo(
            "What people took back after that moment is back: give the lost server's endings.log with "
            "--endings, or ask them to take it back again.",
            err=True,
        )
