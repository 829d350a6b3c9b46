"""Files that commands write."""

import os
from pathlib import Path

import click


def write_whole(file: Path, content: bytes) -> None:
    """Put the content in place whole, so that no reader sees half a file."""
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error
