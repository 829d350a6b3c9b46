"""Where photos are developed: each in a process of its own, with nothing of ours in it and limits around it.

A picture that crashes the decoder, or eats memory or time, ends that process and nothing else.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, Queue

import structlog

from server.errors import Fault, Invalid, TooLarge, Unavailable, WrongMediaType
from server.photos.drawing import Drawn
from server.photos.extra import missing_extra
from server.photos.fork_server import UNFIT_EXIT
from server.photos.forks import Forks

# One at a time in each web process: a large photo takes a second of processor, and audits go first.
_AT_ONCE = 1
_LONGEST_WAIT_S = 30

log = structlog.get_logger("photos")


def _seats() -> Queue[Forks]:
    seats: Queue[Forks] = Queue()
    for _ in range(_AT_ONCE):
        seats.put(Forks())
    return seats


@dataclass(frozen=True)
class Darkroom:
    """Draws photos anew, a few at a time, of so many bytes at most."""

    most_bytes: int
    _seats: Queue[Forks] = field(default_factory=_seats)

    def develop(self, content: bytes) -> tuple[Drawn, bytes]:
        """Return what a picture became, and its JPEG.

        Raises TooLarge beyond the number of bytes, WrongMediaType for what is no JPEG, PNG or WebP alone,
        Invalid for what cannot be drawn within the limits, Unavailable where the machine is too busy just now
        or what draws is not installed.
        """
        if len(content) > self.most_bytes:
            raise TooLarge(f"a photo may have {self.most_bytes} bytes; this one has {len(content)}")
        with self._seat() as forks:
            code, said = _drawn(forks, content)
        head, _, jpeg = said.partition(b"\n")
        if code == os.EX_OK:
            return Drawn(**json.loads(head)), jpeg
        if code == UNFIT_EXIT:
            told = json.loads(head)
            raise _unfit(told["detail"], format=told["format"])
        log.warning("picture ended its process", code=code)
        raise _unfit("the picture cannot be decoded within the limits of memory and time; send it smaller")

    @contextmanager
    def _seat(self) -> Iterator[Forks]:
        try:
            forks = self._seats.get(timeout=_LONGEST_WAIT_S)
        except Empty:
            raise Unavailable("too many photos at this moment; send the same again") from None
        try:
            yield forks
        finally:
            self._seats.put(forks)


def _drawn(forks: Forks, content: bytes) -> tuple[int, bytes]:
    try:
        return forks.draw(content)
    except TimeoutError:
        # The processor time of a picture has a limit of its own, so it is the machine that is slow.
        raise Unavailable("the photo could not be drawn in time; send the same again") from None
    except ConnectionError:
        log.warning("fork server of photos ended")
        line = missing_extra() or "the photo could not be drawn just now; send the same again"
        raise Unavailable(line) from None


def _unfit(detail: str, *, format: bool = False) -> Invalid | WrongMediaType:
    if format:
        return WrongMediaType(detail)
    return Invalid("the photo cannot be kept", faults=[Fault("", detail)])
