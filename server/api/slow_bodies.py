"""How many bodies may be waited for at once, from whom, and for how long: else slow senders take all threads.

A thread stands still while a body comes. Few bodies on their way are let come as they like, for that is how
honest phones send; from the seventeenth on there are bounds for one device, one address, all together, and
for time. A refused phone keeps what it has and sends again.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from server.api.limiting import household
from server.errors import TooMany, Unavailable

CALM = 16
"""So many bodies at once are waited for without any bound, in one web process."""
MOST_OF_DEVICE, MOST_OF_ADDRESS, MOST = 8, 64, 512
"""Beyond that so many at once, of one token, of one address and of all."""
_PATIENCE_S = 30.0
_SLOWEST_BYTES_PER_S = 4096
_RETRY_AFTER_S = 5


class Input(Protocol):
    """What bodies are read from; nothing here reads by lines."""

    def read(self, size: int, /) -> bytes:
        """Return so many bytes, fewer where the body ends before."""


class SlowBodies:
    """An application whose bodies are waited for within these bounds."""

    def __init__(
        self, application: WSGIApplication, *, patience_s: float = _PATIENCE_S, calm: int = CALM
    ) -> None:
        self.application = application
        self._patience_s = patience_s
        self._calm = calm
        self._waiting: Counter[object] = Counter()
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = _Body(self, environ["wsgi.input"], _bounds(environ), self._time(environ))
        return self.application(environ, start_response)

    def _time(self, environ: WSGIEnvironment) -> float:
        """Return the seconds that a body may take; one whose length nobody knows, as an empty one."""
        length = environ.get("CONTENT_LENGTH", "")
        announced = int(length) if length.isascii() and length.isdigit() else 0
        return self._patience_s + announced / _SLOWEST_BYTES_PER_S

    @contextmanager
    def waiting(self, bounds: "dict[object, int]") -> Iterator[bool]:
        """Count one more body that is waited for; whether they are so many that it must not take for ever.

        TooMany or Unavailable where there is no room for another.
        """
        with self._lock:
            crowded = self._waiting[_ALL] >= self._calm
            full = [whose for whose, most in bounds.items() if self._waiting[whose] >= most]
            if crowded and full:
                raise _refusal(full[0])
            self._waiting.update(bounds.keys())
        try:
            yield crowded
        finally:
            with self._lock:
                self._waiting.subtract(bounds.keys())
                for whose in bounds:
                    if not self._waiting[whose]:
                        del self._waiting[whose]


_ALL = "all"


def _bounds(environ: WSGIEnvironment) -> dict[object, int]:
    """Return how many bodies there may be of all, of this address and of this token."""
    address = household(environ.get("REMOTE_ADDR", ""))
    bounds: dict[object, int] = {_ALL: MOST, ("address", address): MOST_OF_ADDRESS}
    token = environ.get("HTTP_AUTHORIZATION")
    return bounds | {("token", token): MOST_OF_DEVICE} if token else bounds


def _refusal(full: object) -> TooMany | Unavailable:
    if full == _ALL:
        return Unavailable("too many bodies are on their way; send the same again")
    return TooMany(
        "too many bodies are on their way from you; let some come to their end and send the same again",
        retry_after_s=_RETRY_AFTER_S,
    )


@dataclass
class _Body:
    """The body of one request, each read of which may be refused or break off."""

    within: SlowBodies
    input: Input
    bounds: dict[object, int]
    left_s: float

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes; Unavailable where they do not come in time."""
        with self.within.waiting(self.bounds) as crowded:
            return self._in_time(size) if crowded else self.input.read(size)

    def _in_time(self, size: int) -> bytes:
        """Read on a thread of its own, which is left behind where it takes too long.

        The server then closes the connection with the answer, and that ends the thread.
        """
        coming, began = Future[bytes](), monotonic()
        threading.Thread(target=_read, args=(self.input, size, coming), daemon=True).start()
        try:
            return coming.result(max(0.0, self.left_s))
        except TimeoutError:
            raise Unavailable("the body did not come in time; send the same again") from None
        finally:
            self.left_s -= monotonic() - began


def _read(input: Input, size: int, coming: "Future[bytes]") -> None:
    try:
        coming.set_result(input.read(size))
    except BaseException as error:
        coming.set_exception(error)
