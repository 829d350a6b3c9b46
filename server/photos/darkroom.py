"""Where photos are developed: each in a process of its own, with nothing of ours in it and limits around it.

A picture that crashes the decoder, or eats memory or time, ends that process and nothing else.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore

import structlog

from server.errors import Fault, Invalid, TooLarge, Unavailable, WrongMediaType
from server.photos import drawing
from server.photos.drawing import Drawn
from server.photos.extra import missing_extra

# One at a time in each web process: developing takes a second of processor, and audits go first.
_AT_ONCE = 1
_LONGEST_WAIT_S = 30
_LONGEST_DRAWING_S = 90
_PROGRAM = (sys.executable, "-I", "-m", drawing.__name__)
# Nothing of the server's environment, which holds its secrets.
_ENVIRON = {"LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}

log = structlog.get_logger("photos")


@dataclass(frozen=True)
class Darkroom:
    """Draws photos anew, a few at a time, of so many bytes at most."""

    most_bytes: int
    _seats: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(_AT_ONCE))

    def develop(self, content: bytes) -> tuple[Drawn, bytes]:
        """Return what a picture became, and its JPEG.

        Raises TooLarge beyond the number of bytes, WrongMediaType for what is no JPEG, PNG or WebP alone,
        Invalid for what cannot be drawn within the limits, Unavailable where the machine is too busy just now
        or what draws is not installed.
        """
        if len(content) > self.most_bytes:
            raise TooLarge(f"a photo may have {self.most_bytes} bytes; this one has {len(content)}")
        with self._seat():
            done = _run(content)
        head, _, jpeg = done.stdout.partition(b"\n")
        if done.returncode == os.EX_OK:
            return Drawn(**json.loads(head)), jpeg
        if done.returncode == drawing.UNFIT_EXIT:
            told = json.loads(head)
            raise _unfit(told["detail"], format=told["format"])
        if done.returncode > 0 and (line := missing_extra()):
            raise Unavailable(line)
        log.warning("picture ended its process", code=done.returncode)
        raise _unfit("the picture cannot be decoded within the limits of memory and time; send it smaller")

    @contextmanager
    def _seat(self) -> Iterator[None]:
        if not self._seats.acquire(timeout=_LONGEST_WAIT_S):
            raise Unavailable("too many photos at this moment; send the same again")
        try:
            yield
        finally:
            self._seats.release()


def _run(content: bytes) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            _PROGRAM,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRON,
            timeout=_LONGEST_DRAWING_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        # Its processor time has a limit of its own, so it is the machine that is slow.
        raise Unavailable("the photo could not be drawn in time; send the same again") from None


def _unfit(detail: str, *, format: bool = False) -> Invalid | WrongMediaType:
    if format:
        return WrongMediaType(detail)
    return Invalid("the photo cannot be kept", faults=[Fault("", detail)])
