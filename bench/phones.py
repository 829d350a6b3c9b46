"""Phones that send audits over HTTP as fast as they are answered, and what that costs whom."""

import random
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO
from uuid import UUID, uuid4

from sqlalchemy import insert

from bench.harness import Ground, WebServer, cpu_seconds
from server.models.device import device
from server.services.tokens import new_token, token_hash


@dataclass(frozen=True)
class Phone:
    """An enrolled device."""

    device_id: UUID
    token: str


@dataclass(frozen=True)
class Round:
    """What one round of requests, or of statements in their place, came to."""

    requests: int
    seconds: float
    cpu_s: Mapping[str, float]
    """Processor time by who spent it."""

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds

    def __str__(self) -> str:
        costs = (f"{who} {cpu_s * 1000 / self.requests:.2f}" for who, cpu_s in self.cpu_s.items())
        return f"{self.rate:8.0f}/s (ms of processor for each: {', '.join(costs)})"


def compare(http: Callable[[], Round], floor: Callable[[], Round], *, rounds: int, audits: int) -> None:
    """Print both, taking turns, and the ratio of their medians; each request carries so many audits."""
    over_http, below = [], []
    for number in range(1, rounds + 1):
        over_http.append(http())
        print(f"round {number}: http  {over_http[-1]}", flush=True)
        below.append(floor())
        print(f"round {number}: floor {below[-1]}", flush=True)
    http_rate, floor_rate = (statistics.median(one.rate for one in side) for side in (over_http, below))
    print(f"median : http {http_rate * audits:.0f}, floor {floor_rate * audits:.0f} audits/s")
    print(f"ratio http/floor = {http_rate / floor_rate:.2f}")


def enrol(place: Ground, number: int) -> list[Phone]:
    """Return new phones."""
    phones = [Phone(uuid4(), new_token("device")) for _ in range(number)]
    rows = [
        {
            "city_id": place.city.city_id,
            "device_id": phone.device_id,
            "origin": "phone",
            "token_hash": token_hash(phone.token),
        }
        for phone in phones
    ]
    with place.database.transaction() as connection:
        connection.execute(insert(device), rows)
    return phones


def documents(count: int, rng: random.Random) -> list[dict[str, object]]:
    """Return audits as a phone makes them, nine ratings each, every other with a comment."""
    names = [
        "lighting",
        "openness",
        "visibility",
        "people",
        "security",
        "walk_path",
        "transport",
        "gender_usage",
        "feeling",
    ]
    now = datetime.now(UTC).isoformat()
    return [
        {
            "id": str(UUID(int=rng.getrandbits(128), version=4)),
            "location": {
                "lat": round(rng.uniform(28.41, 28.69), 6),
                "lng": round(rng.uniform(77.01, 77.29), 6),
                "accuracy_m": round(rng.uniform(3, 30), 1),
            },
            "observed_at": now,
            "instrument": "safetipin-9",
            "answers": {name: rng.randrange(4) for name in names},
            "mode": "walk",
            **({"comment": "the lamp at the corner is broken"} if number % 2 else {}),
        }
        for number in range(count)
    ]


def send_all(
    place: Ground,
    server: WebServer,
    phones: Sequence[Phone],
    bodies: Sequence[Sequence[bytes]],
    *,
    path: str,
    proof: bytes,
    seconds: float,
) -> Round:
    """Return what was acknowledged in the time, one connection a phone; each answer must hold the proof."""
    done = [0] * len(phones)
    start = threading.Barrier(len(phones) + 1)

    def send(number: int) -> None:
        # A bare socket: the sender shares the processors with what is measured.
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        answers = connection.makefile("rb")
        head = (
            f"POST /api/v1/cities/{place.city.slug}/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {phones[number].token}\r\nContent-Type: application/json\r\n"
        ).encode()
        start.wait()
        end = time.monotonic() + seconds
        for body in bodies[number]:
            if time.monotonic() > end:
                return
            connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            content = read_answer(answers)
            if proof not in content:
                raise SystemExit(f"{content[:300]!r}")
            done[number] += 1

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(phones))]
    for thread in threads:
        thread.start()
    spent: dict[str, float] = {}
    with metered(spent, place, server):
        start.wait()
        began = time.monotonic()
        for thread in threads:
            thread.join()
        took_s = time.monotonic() - began
    return Round(sum(done), took_s, spent)


def read_answer(answers: BinaryIO) -> bytes:
    """Return the body of the next answer, whatever its status."""
    length = 0
    while (line := answers.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return answers.read(length)


@contextmanager
def metered(spent: dict[str, float], place: Ground, server: WebServer) -> Iterator[None]:
    """Fill in the processor time that each of the three spends meanwhile."""
    store = place.cluster.postmaster_pid()
    if store is None:
        raise SystemExit("PostgreSQL is gone")
    meters = {
        "web": lambda: cpu_seconds(server.pid),
        "store": lambda: cpu_seconds(store),
        "clients": time.process_time,
    }
    before = {who: read() for who, read in meters.items()}
    yield
    spent.update({who: read() - before[who] for who, read in meters.items()})
