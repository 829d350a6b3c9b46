"""Locks between processes: one at a time may make, start or stop; many may use, the last one ends."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.cluster.errors import ClusterError

WAIT_S = 120
PAUSE_S = 0.05


@contextmanager
def alone(path: Path, *, wait_s: float = WAIT_S) -> Iterator[None]:
    """Hold the exclusive lock of a file, waiting for others. The kernel frees it when a process dies."""
    descriptor = _open(path)
    try:
        deadline = time.monotonic() + wait_s
        while not _try(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"Another safeaudit has been starting or stopping the database for {wait_s:.0f} s. "
                    f"See who holds {path} (fuser {path}), end it and try again."
                )
            time.sleep(PAUSE_S)
        yield
    finally:
        os.close(descriptor)


class Lease:
    """A share in something that several processes use; to be taken and ended under `alone`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this process has a share."""
        return self._descriptor is not None

    def take(self) -> None:
        """Hold a share; a second call changes nothing."""
        if self._descriptor is None:
            self._descriptor = _open(self._path)
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def is_last(self) -> bool:
        """Return whether nobody else holds a share."""
        return self._descriptor is not None and _try(self._descriptor, fcntl.LOCK_EX)

    def end(self) -> None:
        """Give the share back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ClusterError(
            f"{path} cannot be opened: {error.strerror}. Run safeaudit as the user who owns {path.parent}, "
            "or set SAFEAUDIT_HOME to a folder of your own."
        ) from error


def _try(descriptor: int, operation: int) -> bool:
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
