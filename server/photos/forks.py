"""The outer end of `server.photos.fork_server`: a picture in, how its process ended and what it said out."""

import os
import signal
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Callable
from contextlib import suppress

from server.photos import fork_server
from server.photos.fork_server import EXIT_CODE

_PROGRAM = (sys.executable, "-I", "-m", fork_server.__name__)
# Nothing of the server's environment, which holds its secrets.
_ENVIRON = {"LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}
_LONGEST_DRAWING_S = 90
_LARGEST_ANSWER_BYTES = 2**24  # no JPEG of the stored side comes near


class Forks:
    """One fork server, for one thread at a time: started for its first picture, and again once it ended."""

    _control: socket.socket
    _end: Callable[[], object]

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def draw(self, content: bytes) -> tuple[int, bytes]:
        """Return the exit code of a picture's process, negative where a signal ended it, and what it said.

        Raises ConnectionError where the fork server itself ended, TimeoutError where it all took too long.
        Either ends whatever is left of it.
        """
        deadline = time.monotonic() + _LONGEST_DRAWING_S
        try:
            self._start()
            ours, theirs = socket.socketpair()
            with ours:
                with theirs:
                    socket.send_fds(self._control, [b"\0"], [theirs.fileno()])
                said = _exchange(ours, content, deadline)
            told = _received(self._control, EXIT_CODE.size, deadline)
        except OSError:
            self._end()
            raise
        if len(told) < EXIT_CODE.size:
            self._end()
            raise ConnectionResetError("the fork server ended")
        return EXIT_CODE.unpack(told)[0], said

    def _start(self) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                return
            self._end()
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                _PROGRAM,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_ENVIRON,
                process_group=0,
            )
        self._end = weakref.finalize(self, _kill, self._process, self._control)


def _kill(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    """End a fork server and its child, which are a process group."""
    control.close()
    if process.returncode is None:  # else its number may be another's by now
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _exchange(wire: socket.socket, content: bytes, deadline: float) -> bytes:
    """Return what a child says of a picture; of one that reads no further, its end tells more."""
    with suppress(ConnectionError):
        wire.settimeout(_left_s(deadline))
        wire.sendall(content)
        wire.shutdown(socket.SHUT_WR)
        return _received(wire, _LARGEST_ANSWER_BYTES, deadline)
    return b""


def _received(wire: socket.socket, most_bytes: int, deadline: float) -> bytes:
    """Return what comes until the other end is closed, or enough is there."""
    came = bytearray()
    while len(came) < most_bytes:
        wire.settimeout(_left_s(deadline))
        piece = wire.recv(2**16)
        if not piece:
            break
        came += piece
    return bytes(came)


def _left_s(deadline: float) -> float:
    return max(0.001, deadline - time.monotonic())
