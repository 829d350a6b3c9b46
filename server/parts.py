"""Programs kept running as children of this process, until a signal asks it to stop.

Each is in a session of its own, so that Ctrl-C reaches this process alone and it ends them in order.
On Linux they also end if this process is killed outright.
"""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from types import FrameType

GRACE_S = 10.0
LOOK_EVERY_S = 0.2
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
# From <linux/prctl.h>: the signal a process gets when its parent dies.
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One program to keep running: its name in messages, its arguments, its whole environment."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]


class Interrupted(BaseException):
    """The user wants to stop while something long is being prepared."""


class Stop:
    """What SIGTERM, SIGHUP and Ctrl-C ask for, while this is entered."""

    SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def __init__(self) -> None:
        self.requested = False
        self._interruptible = False

    def __enter__(self) -> "Stop":
        self._before = {one: signal.signal(one, self._heed) for one in self.SIGNALS}
        # nohup asks that the end of the terminal be ignored; a script's `&` ignores Ctrl-C, which we heed.
        if self._before[signal.SIGHUP] is signal.SIG_IGN:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        return self

    def __exit__(self, *_: object) -> None:
        for one, handler in self._before.items():
            signal.signal(one, handler)

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Let a signal end the work inside at once by raising `Interrupted`."""
        self._interruptible = True
        try:
            if self.requested:
                raise Interrupted
            yield
        finally:
            self._interruptible = False

    def _heed(self, _signal: int, _frame: FrameType | None) -> None:
        self.requested = True
        if self._interruptible:
            raise Interrupted


def keep(
    parts: Sequence[Part],
    *,
    stop: Stop,
    tend: Callable[[], None],
    ready: Callable[[], bool],
    announce: Callable[[], None],
) -> None:
    """Keep parts running until asked to stop, then end them; `announce` once, when `ready` first holds.

    `tend` is called again and again, for what the parts need and this process provides.
    """
    kept = [_Kept(part) for part in parts]
    told = False
    try:
        while not stop.requested:
            tend()
            for one in kept:
                one.look()
            if not told and ready():
                announce()
                told = True
            time.sleep(LOOK_EVERY_S)
    finally:
        _end(kept)


class _Kept:
    """A part and its process: begun again after a pause that doubles while it dies young."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.process: subprocess.Popen[bytes] | None = None
        self._begun_at = 0.0
        self._due_at = 0.0
        self._pause_s = FIRST_PAUSE_S

    def look(self) -> None:
        """Begin the part if it is due; if it died, sweep up what it left and say when it begins again."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._due_at:
                self._begin(now)
            return
        code = self.process.poll()
        if code is None:
            return
        self.signal_all(signal.SIGKILL)
        self.process = None
        old = now - self._begun_at > LONGEST_PAUSE_S
        self._pause_s = FIRST_PAUSE_S if old else min(2 * self._pause_s, LONGEST_PAUSE_S)
        self._due_at = now + self._pause_s
        logger.warning("%s ended (%s); it starts again in %g s", self.part.name, code, self._pause_s)

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal to the part and every process it made."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def _begin(self, now: float) -> None:
        self._begun_at = now
        try:
            self.process = subprocess.Popen(
                self.part.argv,
                env=dict(self.part.env),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=partial(_die_with, os.getpid()) if sys.platform == "linux" else None,  # noqa: PLW1509 - it makes two calls of the kernel, takes no lock
            )
        except OSError as error:
            self._due_at = now + LONGEST_PAUSE_S
            logger.error("%s cannot be started: %s", self.part.name, error)


def _end(kept: Sequence[_Kept]) -> None:
    """Ask every part to end, and end those that have not done so after a while."""
    begun = [(one, one.process) for one in kept if one.process is not None]
    for _, process in begun:
        process.terminate()
    deadline = time.monotonic() + GRACE_S
    for one, process in begun:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.0, deadline - time.monotonic()))
        one.signal_all(signal.SIGKILL)
        process.wait()


def _die_with(parent: int) -> None:
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the kernel was asked
        os._exit(1)
