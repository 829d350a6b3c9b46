"""How many bodies may be waited for at once, from whom, and for how long: else slow senders take all threads.

A thread stands still while a body comes. Few bodies on their way are let come as they like, for that is how
honest phones send; from the seventeenth on there are bounds for one device, one address, all together, and
for time. A refused phone keeps what it has and sends again.
"""

import threading
from collections.abc import Iterable
from concurrent.futures import Future
from time import monotonic
from typing import Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from server.api.limiting import household
from server.errors import Refusal, TooMany, Unavailable

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
        self.patience_s = patience_s
        self.calm = calm
        self.coming: set[_Body] = set()
        """The bodies that a thread waits for; every request passes here, so all else is asked in a crowd."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = _Body(self, environ["wsgi.input"], environ)
        return self.application(environ, start_response)

    def refuse_too_many(self, one: "_Body") -> None:
        """Raise TooMany or Unavailable where there is no room for one that is coming."""
        coming = list(self.coming)
        if len(coming) > MOST:
            raise Unavailable("too many bodies are on their way; send the same again")
        token, address = one.token, one.address
        if (token and sum(other.token == token for other in coming) > MOST_OF_DEVICE) or (
            sum(other.address == address for other in coming) > MOST_OF_ADDRESS
        ):
            raise TooMany(
                "too many bodies are on their way from you; let some come to their end and send the same"
                " again",
                retry_after_s=_RETRY_AFTER_S,
            )


class _Body:
    """The body of one request, each read of which may be refused or break off."""

    __slots__ = ("_environ", "_input", "_left_s", "_refused", "_within")

    def __init__(self, within: SlowBodies, input: Input, environ: WSGIEnvironment) -> None:
        self._within = within
        self._input = input
        self._environ = environ
        self._left_s: float | None = None
        self._refused: Refusal | None = None

    @property
    def token(self) -> str | None:
        """What the sender holds."""
        return self._environ.get("HTTP_AUTHORIZATION")

    @property
    def address(self) -> bytes:
        """Where it comes from, as far as limits tell addresses apart."""
        return household(self._environ.get("REMOTE_ADDR", ""))

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes; TooMany or Unavailable where there is no room or they come too late.

        A body once refused stays so: whoever read on would take its rest for all of it, and find it broken.
        """
        if self._refused is not None:
            raise self._refused
        coming = self._within.coming
        coming.add(self)
        try:
            if len(coming) <= self._within.calm:
                return self._input.read(size)
            self._within.refuse_too_many(self)
            return self._in_time(size)
        except Refusal as refusal:
            self._refused = refusal
            raise
        finally:
            coming.discard(self)

    def _in_time(self, size: int) -> bytes:
        """Read on a thread of its own, which is left behind where it takes too long.

        The server then closes the connection with the answer, and that ends the thread.
        """
        left_s = self._allowed_s() if self._left_s is None else self._left_s
        bytes_, began = Future[bytes](), monotonic()
        threading.Thread(target=_read, args=(self._input, size, bytes_), daemon=True).start()
        try:
            return bytes_.result(max(0.0, left_s))
        except TimeoutError:
            raise Unavailable("the body did not come in time; send the same again") from None
        finally:
            self._left_s = left_s - (monotonic() - began)

    def _allowed_s(self) -> float:
        """Return the seconds that the body may take; one whose length nobody knows, as an empty one."""
        length = self._environ.get("CONTENT_LENGTH", "")
        announced = int(length) if length.isascii() and length.isdigit() else 0
        return self._within.patience_s + announced / _SLOWEST_BYTES_PER_S


def _read(input: Input, size: int, coming: "Future[bytes]") -> None:
    try:
        coming.set_result(input.read(size))
    except BaseException as error:
        coming.set_exception(error)
