"""`safeaudit upgrade-db`."""

import click

from server.cli.context import read_settings


@click.command()
@click.option("--rebuild", is_flag=True, help="Also where the version stays the same: without what is dead.")
@click.option("--remove-old", is_flag=True, help="Only remove the old data that an upgrade kept.")
def command(*, rebuild: bool, remove_old: bool) -> None:
    """Move the embedded database to the newest PostgreSQL here; a backup precedes it, and the old data stay.

    Nothing else may be running on this SAFEAUDIT_HOME. Every table is compared by hash before the new
    database takes the place of the old one; where anything goes wrong, the old one is as it was.
    """
    from server.backup.upgrade_database import remove_replaced, upgrade_database  # noqa: PLC0415 - loaded when needed
    from server.cli.progress import ProgressDisplay  # noqa: PLC0415 - loads rich
    from server.cluster import ClusterError  # noqa: PLC0415 - POSIX only

    settings = read_settings()
    try:
        if remove_old:
            removed = remove_replaced(settings)
            click.echo("\n".join(f"removed {folder}" for folder in removed) or "there are no old data")
            return
        with ProgressDisplay("upgrade-db") as display:
            done = upgrade_database(settings, rebuild=rebuild, progress=lambda name: display.show(0, name))
    except ClusterError as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"PostgreSQL {done.before} -> {done.after}: {done.rows} rows, each table equal to before by hash"
    )
    click.echo(f"backup: {done.backup}")
    click.echo(
        f"old data: {done.kept}, with what you changed in postgresql.conf. They also hold what people take "
        "back from now on: once all is well, safeaudit upgrade-db --remove-old"
    )
