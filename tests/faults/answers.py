"""What is asked of a server on purpose wrongly, twice, at once or in parts; held to what is promised."""

import gzip
import json
import random
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.faults.phones import Ledger, document, encoded, enrol, exchange, new_batch, persist, post, rows
from tests.faults.processes import resident_kb
from tests.faults.server import CITY, Running

AT_ONCE = 50
MOST_MEMORY_KB = 50 * 1024
_GOOD = {
    "id": "00000000-0000-4000-8000-00000000000f",
    "location": {"lat": 28.55, "lng": 77.15},
    "observed_at": "2026-11-20T19:42:00+05:30",
    "answers": {"lighting": 1},
}


def bad_bodies(up: Running, ledger: Ledger) -> None:
    """Send bodies that no honest phone sends: 4xx each, never 5xx, and no memory is taken for long."""
    token, before = enrol(up.address), resident_kb(up)
    path, good = f"{CITY}/audits", json.dumps(_GOOD)
    bodies = {
        "cut short": good[:-20],
        "NaN": good.replace("28.55", "NaN"),
        "infinite": good.replace("28.55", "1e999"),
        "lone surrogate": good.replace('"lighting"', '"light\\ud800"'),
        "NUL": good.replace('"answers"', '"comment": "a\\u0000b", "answers"'),
        "doubled key": good.replace('"answers"', '"answers": {}, "answers"'),
        "deep": "[" * 100_000,
        "not UTF-8": b"\xff" + good.encode(),
        "empty": "",
    }
    for name, body in bodies.items():
        sent = body if isinstance(body, bytes) else body.encode()
        status, _ = exchange(up.address, "POST", path, sent, token)
        ledger.require(400 <= status < 500, "refused", f"{name}: {status}")
    bomb = gzip.compress(b" " * (200 << 20))
    status, _ = exchange(up.address, "POST", path, bomb, token, Content_Encoding="gzip")
    ledger.require(status == 413, "refused", f"gzip bomb: {status}")
    status = _endless(up, token)
    ledger.require(status in (0, 413), "refused", f"endless chunks: {status}")
    grown = resident_kb(up) - before
    ledger.require(grown < MOST_MEMORY_KB, "memory", f"grew by {grown // 1024} MB")


def _endless(up: Running, token: str) -> int:
    """Send 300 MB in chunks; return the status, 0 where the server hung up."""
    head = f"POST {CITY}/audits HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {token}\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    with closing(socket.create_connection(up.address, timeout=30)) as line:
        line.sendall(head.encode())
        try:
            for _ in range(300 << 4):
                line.sendall(chunk)
        except OSError:
            pass
        try:
            return int(line.recv(4096).split(b" ")[1])
        except (OSError, IndexError):
            return 0


def wrong_clocks(up: Running, ledger: Ledger) -> None:
    """Observe ten years off, in the hour that is there twice, at a leap second: kept by time of arrival."""
    token, skews = enrol(up.address), [timedelta(days=3650), timedelta(days=-3650), timedelta(0)]
    moments = [(datetime.now(UTC) + skew).isoformat() for skew in skews]
    moments += ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2016-12-31T23:59:59Z"]
    for moment in moments:
        id, answers = uuid4(), (1,) * 7
        sent = document(id, answers) | {"observed_at": moment}
        before = datetime.now(UTC)
        status, told = exchange(up.address, "POST", f"{CITY}/audits", json.dumps(sent).encode(), token)
        after = datetime.now(UTC)
        ledger.require(status == 201, "acknowledged", f"{moment}: {status}")
        ledger.send({id: answers})
        ledger.told({id})
        [(received, observed)] = rows(
            up, f"SELECT received_at, observed_at FROM audit WHERE audit_id = '{id}'"
        )
        near = before - timedelta(seconds=2) < received < after + timedelta(seconds=2)
        ledger.require(near, "arrival", f"{moment} came at {received}")
        ledger.require(observed == datetime.fromisoformat(moment), "observed", f"{moment} became {observed}")
        skewed = abs(datetime.fromisoformat(moment) - before) > timedelta(days=366)
        ledger.require(("clock" in json.loads(told)["flags"]) == skewed, "flagged", f"{moment}: {told!r}")


def duplicates(up: Running, ledger: Ledger) -> None:
    """Send one batch fifty times at once, and other content under one of its ids."""
    token, rng = enrol(up.address), random.Random()  # ids that this server does not know
    batch = new_batch(rng, 40)
    body, start = ledger.send(batch), threading.Barrier(AT_ONCE)

    def send(_: int) -> set[UUID]:
        start.wait()
        return persist(lambda: post(up.address, token, body), ledger)

    with ThreadPoolExecutor(AT_ONCE) as phones:
        for told in phones.map(send, range(AT_ONCE)):
            ledger.told(told)
    id, answers = next(iter(batch.items()))
    other = document(id, tuple(3 - answer for answer in answers))
    status, _ = exchange(up.address, "POST", f"{CITY}/audits", json.dumps(other).encode(), token)
    ledger.require(status == 409, "conflict", f"other content under the same id: {status}")


def partial_batches(up: Running, ledger: Ledger) -> None:
    """Send batches with something invalid at each place; the rest is kept, and told so when asked again."""
    token, rng = enrol(up.address), random.Random(12)
    for place in range(6):
        good = new_batch(rng, 5)
        ledger.send(good)
        audits: list[Any] = json.loads(encoded(good))["audits"]
        bad = document(uuid4(), (1,) * 7) | {"answers": {"lighting": 99}}
        body = json.dumps({"audits": [*audits[:place], bad, *audits[place:]]}).encode()
        for expected in ("created", "duplicate"):
            status, told = exchange(up.address, "POST", f"{CITY}/audits/batch", body, token)
            results = json.loads(told)["results"]
            statuses = [result["status"] for result in results]
            wanted = [expected] * place + ["invalid"] + [expected] * (5 - place)
            ledger.require((status, statuses) == (200, wanted), "statuses", f"place {place}: {statuses}")
        ledger.told({UUID(result["id"]) for result in results if result["status"] != "invalid"})
