"""A server that is about to end says so first, so that whoever spreads requests stops sending them here."""

import os
import signal
from pathlib import Path

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable of the folder that all web processes of one server share."""


def drain_on_signal() -> None:
    """From SIGUSR1 on, `is_draining` holds in all web processes; everything is answered as before."""
    signal.signal(signal.SIGUSR1, lambda *_: _note().touch())


def is_draining() -> bool:
    """Return whether this server is about to end."""
    return SHARED in os.environ and _note().exists()


def _note() -> Path:
    return Path(os.environ[SHARED], "draining")
