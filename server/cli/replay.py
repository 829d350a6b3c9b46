"""`safeaudit replay`."""

from pathlib import Path

import click

from server.cli.context import open_store


@click.command()
@click.argument(
    "logs",
    nargs=-1,
    required=True,
    metavar="LOG...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
def command(logs: tuple[Path, ...]) -> None:
    """Take back anew what people took back, by each endings.log; again is no error.

    For a store that was brought back to an earlier moment by PostgreSQL's own means, before it is served.
    """
    from server.backup.replay import apply_endings  # noqa: PLC0415 - loaded when needed
    from server.endings_log import read_endings  # noqa: PLC0415 - as above

    endings = [ending for log in logs for ending in read_endings(log)]
    with open_store(pool_size=1) as store:
        ended = apply_endings(store.database, endings)
    click.echo(f"taken back anew: {ended} of {len(endings)}")
