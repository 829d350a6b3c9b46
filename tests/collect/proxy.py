"""A network that lets phones down: replies lost, connections reset in the middle, packets late."""

import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

_PIECE = 65536
_LINGER_ZERO = struct.pack("ii", 1, 0)  # closing then sends RST instead of FIN
_LATEST_S = 0.4


class Fault(StrEnum):
    """What may happen to one connection."""

    NONE = "none"
    LOSE_REPLY = "lose_reply"
    """The request arrives whole, the answer never comes back."""
    CUT_REPLY = "cut_reply"
    """The answer breaks off after some bytes."""
    RESET = "reset"
    """The connection is reset after some bytes of the request."""
    DELAY = "delay"
    """Every piece comes late."""


@dataclass
class BadNetwork:
    """A proxy on loopback in front of `target`; faults by weight, counted as they happen."""

    target: tuple[str, int]
    weights: dict[Fault, float]
    rng: random.Random
    happened: Counter[Fault] = field(default_factory=Counter)
    _open: set[socket.socket] = field(default_factory=set)

    @contextmanager
    def listening(self) -> Iterator[tuple[str, int]]:
        """Yield the address of the proxy while it runs."""
        with socket.create_server(("127.0.0.1", 0), backlog=256) as server:
            threading.Thread(target=self._accept, args=(server,), daemon=True).start()
            yield server.getsockname()[:2]

    def hang_up(self) -> None:
        """Reset every connection: those from now on know today's weights, spare ones those of before."""
        for connection in tuple(self._open):
            _reset(connection)

    def _accept(self, server: socket.socket) -> None:
        with suppress(OSError):  # closed: the test is over
            while True:
                phone, _ = server.accept()
                self._open.add(phone)
                [fault] = self.rng.choices(list(self.weights), list(self.weights.values()))
                size = int(10 ** self.rng.uniform(0, 5.5))
                if fault in (Fault.NONE, Fault.DELAY):
                    self.happened[fault] += 1
                threading.Thread(target=self._carry, args=(phone, fault, size), daemon=True).start()

    def _carry(self, phone: socket.socket, fault: Fault, size: int) -> None:
        with suppress(OSError), phone, socket.create_connection(self.target) as server:
            phone.settimeout(30)
            server.settimeout(30)
            up = threading.Thread(target=self._upwards, args=(phone, server, fault, size), daemon=True)
            up.start()
            self._downwards(server, phone, fault, size)
            up.join(30)
            self._open.discard(phone)

    def _upwards(self, phone: socket.socket, server: socket.socket, fault: Fault, size: int) -> None:
        left = size
        with suppress(OSError):
            while piece := phone.recv(_PIECE):
                if fault is Fault.RESET and left <= len(piece):
                    self.happened[fault] += 1
                    server.sendall(piece[:left])
                    _reset(server)
                    _reset(phone)
                    return
                left -= len(piece)
                self._wait(fault)
                server.sendall(piece)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _downwards(self, server: socket.socket, phone: socket.socket, fault: Fault, size: int) -> None:
        with suppress(OSError):
            while piece := server.recv(_PIECE):
                if fault in (Fault.LOSE_REPLY, Fault.CUT_REPLY):
                    self.happened[fault] += 1
                if fault is Fault.LOSE_REPLY:
                    return _reset(phone)
                if fault is Fault.CUT_REPLY:
                    phone.sendall(piece[: size % len(piece)])
                    return _reset(phone)
                self._wait(fault)
                phone.sendall(piece)
        with suppress(OSError):
            phone.shutdown(socket.SHUT_WR)

    def _wait(self, fault: Fault) -> None:
        if fault is Fault.DELAY:
            time.sleep(self.rng.random() * _LATEST_S)


def _reset(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()
