"""QR codes on a terminal and in files."""

import os
from io import StringIO
from pathlib import Path
from typing import Any

import click


class Picture(click.Path):
    """A file to draw a QR code into."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the file's path; refuse any other ending than .svg or .png."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if path.suffix not in (".svg", ".png"):
            self.fail(f"{path.name}: write .svg or .png", param, ctx)
        return path


PICTURE = Picture(dir_okay=False, path_type=Path)


def drawn(text: str) -> str:
    """Return a QR code as it is printed on a terminal."""
    import segno  # noqa: PLC0415 - only here

    drawing = StringIO()
    segno.make(text, error="m", micro=False).terminal(drawing, compact=True)
    return drawing.getvalue()


def save(text: str, path: Path) -> None:
    """Write a QR code as the ending of `path` asks for: .svg or .png."""
    import segno  # noqa: PLC0415 - only here

    segno.make(text, error="m", micro=False).save(str(path), scale=6)
