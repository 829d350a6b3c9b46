"""Ingest over HTTP beside the floor: the same rows, straight into the same table, by the same statement.

    python -m bench.ingest [--rounds 3] [--seconds 6]

HTTP: batches of 50 over 8 connections, with access rules, limits and logging on. Floor: 4 processes that
execute the insert of `server.queries.audits` with rows prepared beforehand, one commit a batch. The two take
turns; the last line is the ratio of the medians. Beside each rate stands the processor time that a batch cost
in milliseconds, by who spent it: on a busy machine that is the steadier figure.
"""

import argparse
import multiprocessing
import random
import socket
import statistics
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO
from uuid import UUID, uuid4

import msgspec
import psycopg
from sqlalchemy import insert
from sqlalchemy.engine import make_url

from bench.harness import SECRET, Ground, WebServer, cpu_seconds, ground, web_server
from server.models.device import device
from server.queries import audits
from server.services.submit_audits import Sender, audit_rows
from server.services.tokens import new_token, token_hash

BATCH, CONNECTIONS, PROCESSES = 50, 8, 4


@dataclass(frozen=True)
class Round:
    """What one round came to."""

    audits: int
    seconds: float
    cpu_s: Mapping[str, float]
    """Processor time by who spent it."""

    @property
    def rate(self) -> float:
        """Audits per second."""
        return self.audits / self.seconds

    def __str__(self) -> str:
        costs = (f"{who} {cpu_s * 1000 * BATCH / self.audits:.2f}" for who, cpu_s in self.cpu_s.items())
        return f"{self.rate:8.0f} audits/s (ms of processor a batch: {', '.join(costs)})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6.0)
    options = parser.parse_args()
    with ground() as place_, web_server(place_.url) as server:
        phones = [enrol(place_) for _ in range(CONNECTIONS)]
        over_http, floor = [], []
        for number in range(1, options.rounds + 1):
            over_http.append(http_round(place_, server, phones, options.seconds))
            print(f"round {number}: http  {over_http[-1]}", flush=True)
            floor.append(floor_round(place_, server, [id for id, _ in phones], options.seconds))
            print(f"round {number}: floor {floor[-1]}", flush=True)
        http_rate, floor_rate = (statistics.median(one.rate for one in side) for side in (over_http, floor))
        print(f"median : http {http_rate:.0f}, floor {floor_rate:.0f} audits/s")
        print(f"ratio http/floor = {http_rate / floor_rate:.2f}")


def enrol(place_: Ground) -> tuple[UUID, str]:
    """Return (device id, token) of a new phone."""
    device_id, token = uuid4(), new_token("device")
    with place_.database.transaction() as connection:
        connection.execute(
            insert(device).values(
                city_id=place_.city.city_id, device_id=device_id, origin="phone", token_hash=token_hash(token)
            )
        )
    return device_id, token


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


def http_round(place_: Ground, server: WebServer, phones: list[tuple[UUID, str]], seconds: float) -> Round:
    """Return what was acknowledged in the time."""
    bodies = [prepare_bodies(seconds) for _ in phones]
    done = [0] * len(phones)
    start = threading.Barrier(len(phones) + 1)

    def send(number: int) -> None:
        # A bare socket: the sender shares the processors with what is measured.
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        answers = connection.makefile("rb")
        head = (
            f"POST /api/v1/cities/{place_.city.slug}/audits/batch HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {phones[number][1]}\r\nContent-Type: application/json\r\nContent-Length: "
        ).encode()
        start.wait()
        end = time.monotonic() + seconds
        for body in bodies[number]:
            if time.monotonic() > end:
                return
            connection.sendall(head + b"%d\r\n\r\n" % len(body) + body)
            content = read_answer(answers)
            if b'"created":%d' % BATCH not in content:
                raise SystemExit(f"{content[:300]!r}")
            done[number] += BATCH

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(phones))]
    for thread in threads:
        thread.start()
    spent: dict[str, float] = {}
    with metered(spent, place_, server):
        start.wait()
        began = time.monotonic()
        for thread in threads:
            thread.join()
        took_s = time.monotonic() - began
    return Round(sum(done), took_s, spent)


@contextmanager
def metered(spent: dict[str, float], place_: Ground, server: WebServer) -> Iterator[None]:
    """Fill in the processor time that each of the three spends meanwhile."""
    store = place_.cluster.postmaster_pid()
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


def read_answer(answers: BinaryIO) -> bytes:
    """Return the body of the next answer, whatever its status."""
    length = 0
    while (line := answers.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return answers.read(length)


def prepare_bodies(seconds: float) -> list[bytes]:
    """Return more batches than one connection can send in the time."""
    rng = random.Random()
    return [msgspec.json.encode({"audits": documents(BATCH, rng)}) for _ in range(int(seconds * 90) + 10)]


def floor_round(place_: Ground, server: WebServer, devices: list[UUID], seconds: float) -> Round:
    """Return what PROCESSES processes committed in the time."""
    rng = random.Random()
    work = [floor_batches(place_, rng, seconds) for _ in range(PROCESSES)]
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(PROCESSES), context.SimpleQueue()
    city_id = place_.city.city_id
    processes = [
        context.Process(
            target=floor_worker, args=(place_.url, city_id, devices[n], work[n], seconds, start, results)
        )
        for n in range(PROCESSES)
    ]
    spent: dict[str, float] = {}
    with metered(spent, place_, server):
        for process in processes:
            process.start()
        committed = [results.get() for _ in processes]
        for process in processes:
            process.join()
    rows, took_s, cpu_s = zip(*committed, strict=True)
    return Round(sum(rows), statistics.mean(took_s), {"store": spent["store"], "clients": sum(cpu_s)})


def floor_batches(place_: Ground, rng: random.Random, seconds: float) -> list[str]:
    """Return encoded rows, 50 each, just as the service hands them to the statement."""
    city, batches = place_.city, []
    for _ in range(int(seconds * 160) + 10):
        contents = [city.reader.audit(document) for document in documents(BATCH, rng)]
        who, now = Sender(device_id=uuid4()), datetime.now(UTC)
        rows = audit_rows(contents, city=city, sender=who, secret=SECRET.encode(), now=now)
        batches.append(msgspec.json.encode(rows).decode())
    return batches


def floor_worker(url, city_id, device_id, batches, seconds, start, results) -> None:  # type: ignore[no-untyped-def]
    """Execute the insert until the time is over; report rows, seconds and processor time."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, options="-c jit=off") as connection:
        start.wait()
        began, spent_before, rows = time.monotonic(), time.process_time(), 0
        for batch in batches:
            if time.monotonic() - began > seconds:
                break
            with connection.transaction():
                values = {"city_id": city_id, "device_id": device_id, "minor": False, "rows": batch}
                _, _, kept = connection.execute(audits._INSERT, values | {"length": BATCH}).fetchone()
                rows += BATCH if kept is None else len(kept)
        results.put((rows, time.monotonic() - began, time.process_time() - spent_before))


if __name__ == "__main__":
    main()
