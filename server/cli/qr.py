"""QR codes on a terminal and in files."""

from io import StringIO
from pathlib import Path


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
