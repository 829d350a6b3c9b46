"""How far a run has come, told while it is made."""

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Told which share of the work, 0..1, is done, and what comes next."""


def unheard(share: float, coming: str) -> None:
    """Tell nobody."""


def within(progress: Progress, begin: float, end: float) -> Progress:
    """Return the progress of a part of the work, which goes from `begin` to `end` of the whole."""
    return lambda share, coming: progress(begin + (end - begin) * share, coming)
