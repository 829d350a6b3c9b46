"""`safeaudit backup-key`."""

import os
from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Write a new key to FILE, and print the recipient that SAFEAUDIT_BACKUP_RECIPIENT is set to.

    Backups are then sealed (age): the server cannot open them, nor can anybody without FILE. Take FILE away
    from the server, and keep it twice: if it is lost, so are the backups.
    """
    from server.backup.sealing import new_identity  # noqa: PLC0415 - loaded when needed

    identity, recipient = new_identity()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.ClickException(f"{file} is there already; a key is never written over") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as target:
        target.write(f"# opens backups sealed to {recipient}\n{identity}\n")
        target.flush()
        os.fsync(target.fileno())
    click.echo(f"SAFEAUDIT_BACKUP_RECIPIENT={recipient}")
