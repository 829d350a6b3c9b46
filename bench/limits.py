"""Rate limits across four web processes, what a flood does to honest phones, and an evening walk.

    python -m bench.limits [--seconds 10] [--rounds 8]

1. One device asks 3,000 times as fast as it can over 8 connections: what it was let is printed beside what
   its bucket holds and gets back in the time.
2. One address asks to enrol 200 devices a second, while honest phones post 40 audits a second as they do
   without it; the two take turns. Printed is how long posts take, and the ratio. Then the same from as many
   addresses as requests, each within its own limit: these meet that of the city, once its bucket is empty.
3. From the address of the flood, while it goes on, 40 phones join a walk and send a dozen audits each.
"""

import argparse
import itertools
import multiprocessing
import random
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import SimpleQueue
from typing import BinaryIO

import msgspec

from bench.harness import Ground, WebServer, ground, web_server
from bench.phones import documents, enrol
from server.queries.events import OPERATOR
from server.services.open_campaign import NewCampaign, open_campaign

WORKERS, CONNECTIONS = 4, 8
SUBMISSIONS_PER_MINUTE = 300
FLOOD_PER_S, HONEST_PER_S = 200, 40
WALKERS, AUDITS_EACH = 40, 12
_AHEAD_S = 4.0
"""A flood begins so long before it is measured: by then it has emptied the buckets."""
SETTINGS = {
    "SAFEAUDIT_WEB_WORKERS": str(WORKERS),
    "SAFEAUDIT_SUBMISSIONS_PER_MINUTE": str(SUBMISSIONS_PER_MINUTE),
    "SAFEAUDIT_TRUSTED_PROXIES": "1",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=8)
    options = parser.parse_args()
    with ground() as place, web_server(place.url, **SETTINGS) as server:
        print(hold(place, server, asks=3000), flush=True)
        for addresses in ("one address", "many addresses"):
            compare_flood(place, server, addresses, rounds=options.rounds, seconds=options.seconds / 3)
        with flood(place, server, "one address", seconds=options.seconds):
            print(walk(place, server), flush=True)


class Caller:
    """One connection that is kept open."""

    def __init__(self, connection: socket.socket, answers: BinaryIO, slug: str) -> None:
        self._connection = connection
        self._answers = answers
        self._path = f"/api/v1/cities/{slug}"

    def post(self, path: str, body: bytes, **headers: str) -> tuple[int, bytes]:
        """Return status and body of the answer."""
        further = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"POST {self._path}/{path} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n{further}"
        self._connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        status, length = int(self._answers.readline().split()[1]), 0
        while (line := self._answers.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, self._answers.read(length)


@contextmanager
def calling(port: int, slug: str) -> Iterator[Caller]:
    """Yield a connection to the server."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line, line.makefile("rb") as answers:
        yield Caller(line, answers, slug)


def bearer(token: str) -> dict[str, str]:
    """Return the header that shows a token."""
    return {"Authorization": f"Bearer {token}"}


def in_threads(work: Callable[[int], None], count: int) -> float:
    """Do work 0..count-1 at once; return the seconds until the last was done."""
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - began


def pace(count: int, per_s: float) -> Iterator[int]:
    """Yield 0..count-1, each when its time has come, or at once where that is past."""
    began = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number / per_s - time.monotonic()))
        yield number


@dataclass(frozen=True)
class Held:
    """What a device asked for and was let, beside what its bucket allows in the time."""

    asked: int
    let: int
    allowed: float

    @property
    def error(self) -> float:
        """By which share more was let than allowed."""
        return self.let / self.allowed - 1

    def __str__(self) -> str:
        counts = f"asked {self.asked}, let {self.let}, allowed {self.allowed:.0f}"
        return f"hold   : {WORKERS} workers, {counts}: {100 * self.error:+.1f} %"


def hold(place: Ground, server: WebServer, *, asks: int) -> Held:
    """Return what one device was let that asks without pause."""
    [phone] = enrol(place, 1)
    rng, statuses = random.Random(), Counter[int]()
    bodies = [msgspec.json.encode(one) for one in documents(SUBMISSIONS_PER_MINUTE, rng)]

    def ask(_: int) -> None:
        with calling(server.port, place.city.slug) as caller:
            for body in itertools.islice(itertools.cycle(bodies), asks // CONNECTIONS):
                statuses[caller.post("audits", body, **bearer(phone.token))[0]] += 1

    took_s = in_threads(ask, CONNECTIONS)
    if statuses.keys() - {200, 201, 429}:
        raise SystemExit(f"unexpected answers: {dict(statuses)}")
    return Held(statuses.total(), statuses[200] + statuses[201], SUBMISSIONS_PER_MINUTE * (1 + took_s / 60))


def compare_flood(place: Ground, server: WebServer, addresses: str, *, rounds: int, seconds: float) -> float:
    """Print what honest posts take without and with a flood of enrolments; return the medians' ratio."""
    times: dict[str, list[float]] = {"calm": [], "flood": []}
    for number in range(1, rounds + 1):
        times["calm"].append(honest(place, server, seconds=seconds))
        with flood(place, server, addresses, seconds=seconds) as answers:
            times["flood"].append(honest(place, server, seconds=seconds))
        calm_ms, flood_ms = (1000 * times[name][-1] for name in times)
        told = f"calm {calm_ms:.2f}, flood {flood_ms:.2f} ms a post"
        print(f"round {number}: {told}; flood answered {dict(answers)}", flush=True)
    calm, flooded = (statistics.median(times[name]) for name in times)
    print(f"ratio  : posts take {flooded / calm:.2f} times as long with a flood from {addresses}", flush=True)
    return flooded / calm


def honest(place: Ground, server: WebServer, *, seconds: float) -> float:
    """Return the median seconds of a post while phones send at their own pace; none is refused."""
    phones, took, rng = enrol(place, CONNECTIONS), list[float](), random.Random()
    per_s = HONEST_PER_S / len(phones)
    bodies = [[msgspec.json.encode(one) for one in documents(int(seconds * per_s), rng)] for _ in phones]

    def send(number: int) -> None:
        time.sleep(number / HONEST_PER_S)
        with calling(server.port, place.city.slug) as caller:
            for turn in pace(len(bodies[number]), per_s):
                began = time.perf_counter()
                status, body = caller.post("audits", bodies[number][turn], **bearer(phones[number].token))
                took.append(time.perf_counter() - began)
                if status != 201:
                    raise SystemExit(f"an honest post was answered {status}: {body!r}")

    in_threads(send, len(phones))
    return statistics.median(took)


@contextmanager
def flood(place: Ground, server: WebServer, addresses: str, *, seconds: float) -> Iterator[Counter[int]]:
    """Let another process ask for enrolments meanwhile; the counter is filled with its answers in the end."""
    context = multiprocessing.get_context("spawn")
    told, answers = context.SimpleQueue(), Counter[int]()
    values = (server.port, place.city.slug, addresses == "many addresses", seconds + _AHEAD_S, told)
    process = context.Process(target=ask_to_enrol, args=values)
    process.start()
    told.get()  # it has begun
    time.sleep(_AHEAD_S)
    yield answers
    answers.update(told.get())
    process.join()


def ask_to_enrol(port: int, slug: str, many: bool, seconds: float, told: SimpleQueue[Counter[int]]) -> None:
    """Ask to enrol FLOOD_PER_S devices a second; tell when it begins, and in the end what was answered."""
    answers = Counter[int]()

    def ask(number: int) -> None:
        rng, per_s = random.Random(number), FLOOD_PER_S / CONNECTIONS
        with calling(port, slug) as caller:
            for _ in pace(int(seconds * per_s), per_s):
                address = ".".join(str(rng.randrange(1, 255)) for _ in range(4)) if many else "203.0.113.7"
                answers[caller.post("devices", b"{}", X_Forwarded_For=address)[0]] += 1

    told.put(answers)
    in_threads(ask, CONNECTIONS)
    told.put(answers)


@dataclass(frozen=True)
class Walk:
    """What phones of a walk were answered, enrolling and posting."""

    enrolling: Counter[int]
    posting: Counter[int]

    def __str__(self) -> str:
        told = f"enrolments {dict(self.enrolling)}, posts {dict(self.posting)}"
        return f"walk   : {WALKERS} phones behind the address of the flood: {told}"


def walk(place: Ground, server: WebServer) -> Walk:
    """Return what 40 phones are answered that join a walk behind one address and send audits at once."""
    now, rng = datetime.now(UTC), random.Random()
    evening = NewCampaign(name="walk", starts_at=now - timedelta(hours=2), ends_at=now + timedelta(hours=1))
    with place.database.transaction() as connection:
        opened = open_campaign(connection, city_id=place.city.city_id, campaign=evening, actor=OPERATOR)
    found = Walk(Counter(), Counter())

    def join(_: int) -> None:
        behind, body = {"X_Forwarded_For": "203.0.113.7"}, msgspec.json.encode({"campaign": opened.token})
        with calling(server.port, place.city.slug) as caller:
            status, answer = caller.post("devices", body, **behind)
            found.enrolling[status] += 1
            if status == 201:
                proof = bearer(msgspec.json.decode(answer)["token"])
                for one in documents(AUDITS_EACH, rng):
                    found.posting[caller.post("audits", msgspec.json.encode(one), **behind, **proof)[0]] += 1

    in_threads(join, WALKERS)
    return found


if __name__ == "__main__":
    main()
