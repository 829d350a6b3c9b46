"""Phones that send and send again, what they were told, and what the store says of it afterwards."""

import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import psycopg

from tests.faults.server import CITY, Running

CLIENTS, BATCH = 12, 25
RATINGS = ("lighting", "openness", "visibility", "people", "security", "walk_path", "transport")
STORE_WAIT_S = 60
# Of what was erased there are no ratings.
_FROM_PHONES = """SELECT audit_id, ratings FROM audit JOIN device USING (city_id, device_id)
                  WHERE origin = 'phone' AND ratings IS NOT NULL"""
Address = tuple[str, int]
T = TypeVar("T")


@dataclass(frozen=True)
class Verdict:
    """What became of what was acknowledged."""

    operations: int
    acknowledged: int
    missing: int
    doubled: int
    altered: int
    strange: int
    """In the store, and never sent."""
    recovery_s: float
    broken: tuple[str, ...] = ()
    """What else was promised and not kept."""

    @property
    def passed(self) -> bool:
        """Whether the promise held."""
        return not self.red

    @property
    def red(self) -> tuple[str, ...]:
        """Each criterion that was not met, with how far."""
        counted = ("missing", "doubled", "altered", "strange")
        found = [f"{name}: {getattr(self, name)}" for name in counted if getattr(self, name)]
        return (*found, *self.broken)

    def __str__(self) -> str:
        told = (
            f"operations={self.operations} acknowledged={self.acknowledged} missing={self.missing} "
            f"doubled={self.doubled} altered={self.altered} strange={self.strange} "
            f"recovery_s={self.recovery_s:.1f}"
        )
        return f"{told} {'; '.join(self.broken)}".strip()


@dataclass
class Ledger:
    """What the phones know: what they sent, and what they were told is on disk."""

    sent: dict[UUID, tuple[int, ...]] = field(default_factory=dict)
    acknowledged: set[UUID] = field(default_factory=set)
    operations: int = 0
    retries: int = 0
    last_acknowledged_at: float = 0.0
    longest_silence_s: float = 0.0
    """The longest time without an acknowledgement."""
    recovery_s: float = 0.0
    broken: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self) -> "Ledger":
        """Return a ledger that knows what was sent so far, of which nothing is acknowledged yet."""
        return Ledger(sent=self.sent)

    def send(self, batch: dict[UUID, tuple[int, ...]]) -> bytes:
        """Note a batch as sent; return its body."""
        with self.lock:
            self.sent.update(batch)
        return encoded(batch)

    def told(self, ids: set[UUID]) -> None:
        """Note what was acknowledged."""
        with self.lock:
            self.acknowledged |= ids
            self.operations += 1
            now, before = time.monotonic(), self.last_acknowledged_at
            self.longest_silence_s = max(self.longest_silence_s, now - (before or now))
            self.last_acknowledged_at = now

    def require(self, holds: bool, criterion: str, otherwise: str) -> None:
        """Note a criterion that was not met, and how."""
        told = f"{criterion}: {otherwise}"
        if not holds and told not in self.broken:
            self.broken.append(told)

    def await_recovery(self, *, within_s: float = 90) -> None:
        """Wait for an acknowledgement of what is sent from now on; note how long that took."""
        began = time.monotonic()
        # What was under way may still be answered: only a later acknowledgement counts.
        while self.last_acknowledged_at < began + 0.3:
            time.sleep(0.05)
            if time.monotonic() - began > within_s:
                raise GaveUpError(f"no acknowledgement within {within_s} s")
        self.recovery_s = max(self.recovery_s, self.last_acknowledged_at - began)


@contextmanager
def sending(address: Address, ledger: Ledger, *, clients: int = CLIENTS) -> Iterator[None]:
    """Let phones send batch after batch meanwhile, each again until it is acknowledged; wait for the last."""
    done = threading.Event()
    phones = [
        threading.Thread(target=_send_until, args=(address, ledger, done), daemon=True)
        for _ in range(clients)
    ]
    for phone in phones:
        phone.start()
    try:
        yield
    finally:
        done.set()
        for phone in phones:
            phone.join(120)


def _send_until(address: Address, ledger: Ledger, done: threading.Event) -> None:
    rng = random.Random()
    token = persist(lambda: enrol(address), ledger)
    while not done.is_set():
        body = ledger.send(new_batch(rng, BATCH))
        try:
            ledger.told(persist(lambda body=body: post(address, token, body), ledger))  # type: ignore[misc]
        except AssertionError as error:
            ledger.require(False, "answers", str(error))


def persist(attempt: Callable[[], T], ledger: Ledger) -> T:
    """Try until it works, as a phone does."""
    while True:
        try:
            return attempt()
        except (OSError, http.client.HTTPException, NotYetError):
            with ledger.lock:
                ledger.retries += 1
            time.sleep(0.05 + random.random() * 0.2)


class NotYetError(Exception):
    """The server asks to be tried again."""


class GaveUpError(Exception):
    """The fault could not be done to its end."""


def exchange(
    address: Address,
    method: str,
    path: str,
    body: bytes = b"",
    token: str | None = None,
    *,
    timeout_s: float = 15,
    **headers: str,
) -> tuple[int, bytes]:
    """Return status and body of one answer."""
    given = {"Content-Type": "application/json"} | {
        name.replace("_", "-"): to for name, to in headers.items()
    }
    if token is not None:
        given["Authorization"] = f"Bearer {token}"
    connection = http.client.HTTPConnection(*address, timeout=timeout_s)
    try:
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def enrol(address: Address) -> str:
    """Return the token of a new phone."""
    return str(_heard(exchange(address, "POST", f"{CITY}/devices", b"{}"))["token"])


def post(address: Address, token: str, body: bytes) -> set[UUID]:
    """Send a batch; return the ids that were acknowledged, which are all."""
    told = _heard(exchange(address, "POST", f"{CITY}/audits/batch", body, token))["results"]
    statuses = {result["status"] for result in told}
    assert statuses <= {"created", "duplicate"}, statuses
    return {UUID(result["id"]) for result in told}


def _heard(answer: tuple[int, bytes]) -> dict[str, Any]:
    status, content = answer
    if status in (429, 502, 503):
        raise NotYetError
    if status not in (200, 201):
        raise AssertionError(f"{status}: {content[:500]!r}")
    try:
        heard: dict[str, Any] = json.loads(content)
    except ValueError:  # the network cut it off
        raise NotYetError from None
    return heard


def new_batch(rng: random.Random, size: int) -> dict[UUID, tuple[int, ...]]:
    """Return ids and answers of audits."""
    return {
        UUID(int=rng.getrandbits(128), version=4): tuple(rng.randrange(4) for _ in RATINGS)
        for _ in range(size)
    }


def encoded(batch: dict[UUID, tuple[int, ...]]) -> bytes:
    """Return a batch as its body."""
    return json.dumps({"audits": [document(id, answers) for id, answers in batch.items()]}).encode()


def document(id: UUID, answers: tuple[int, ...]) -> dict[str, Any]:
    """Return an audit as a phone sends it; the same whenever it is sent."""
    return {
        "id": str(id),
        "location": {"lat": 28.5 + id.int % 1000 / 1e4, "lng": 77.1 + id.int % 997 / 1e4},
        "observed_at": _BEGAN,
        "answers": dict(zip(RATINGS, answers, strict=True)),
    }


_BEGAN = datetime.now(UTC).isoformat()


def verdict(up: Running, ledger: Ledger) -> Verdict:
    """Hold what the phones know against the store."""
    stored: dict[UUID, list[tuple[int, ...]]] = {}
    for id, ratings in rows(up, _FROM_PHONES):
        stored.setdefault(id, []).append(tuple(ratings[: len(RATINGS)]))
    kept = [id for id in ledger.acknowledged if id in stored]
    return Verdict(
        operations=ledger.operations,
        acknowledged=len(ledger.acknowledged),
        missing=len(ledger.acknowledged) - len(kept),
        doubled=sum(len(versions) > 1 for versions in stored.values()),
        altered=sum(stored[id][0] != ledger.sent[id] for id in kept),
        strange=len(stored.keys() - ledger.sent.keys()),
        recovery_s=ledger.recovery_s,
        broken=tuple(ledger.broken),
    )


def rows(up: Running, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query as the owner sees them, once PostgreSQL answers."""
    deadline = time.monotonic() + STORE_WAIT_S
    while True:
        try:
            with psycopg.connect(up.database, connect_timeout=5) as connection:
                return connection.execute(query).fetchall()  # type: ignore[arg-type] # written here
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
