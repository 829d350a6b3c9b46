"""How far a long command has come: a bar on a terminal, now and then a line elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

_LINE_EVERY_S = 10.0


class ProgressDisplay:
    """Shows a share, 0..1, and a word on it, on standard error."""

    def __init__(self, title: str) -> None:
        console = Console(stderr=True)
        self._title = title
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %  {task.fields[word]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(title, total=1.0, word="")
        self._plain = None if console.is_terminal else console
        self._next_line_at = time.monotonic() + _LINE_EVERY_S

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, share: float, word: str) -> None:
        """Move the bar, or write a line where the last is ten seconds old."""
        self._bar.update(self._task, completed=share, word=word)
        if self._plain is not None and time.monotonic() >= self._next_line_at:
            self._plain.print(f"{self._title}: {share:.0%}, {word}", highlight=False)
            self._next_line_at = time.monotonic() + _LINE_EVERY_S
