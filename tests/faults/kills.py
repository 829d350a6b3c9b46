"""Kill web workers and PostgreSQL with -9 while phones send; count what became of what was acknowledged.

    python -m tests.faults.kills [--kills 10] [--acknowledged 20000] [--synchronous-commit off]

The server is `safeaudit up` itself. Twelve clients send batches and send each again until it is acknowledged.
Pass: every acknowledged audit is in the store exactly once, with the answers that were sent, and nothing is
there that was never sent. With `--synchronous-commit off` (set behind the server's back, which refuses to
start with it) the same check must find lost audits: it shows that the check can fail.
"""

import argparse
import http.client
import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg

from tests.faults.server import Running, new_home, served

CLIENTS, BATCH = 12, 25
RATINGS = ("lighting", "openness", "visibility", "people", "security", "walk_path", "transport")


@dataclass(frozen=True)
class Verdict:
    """What the campaign found."""

    operations: int
    acknowledged: int
    missing: int
    doubled: int
    altered: int
    strange: int
    retries: int
    kills: int
    slowest_recovery_s: float

    @property
    def passed(self) -> bool:
        """Whether the promise held."""
        return not (self.missing or self.doubled or self.altered or self.strange)

    def __str__(self) -> str:
        return (
            f"operations={self.operations} acknowledged={self.acknowledged} missing={self.missing} "
            f"doubled={self.doubled} altered={self.altered} strange={self.strange} retries={self.retries} "
            f"kills={self.kills} slowest_recovery_s={self.slowest_recovery_s:.1f}"
        )


@dataclass
class Ledger:
    """What the clients know: what they sent, and what they were told is on disk."""

    sent: dict[UUID, tuple[int, ...]] = field(default_factory=dict)
    acknowledged: set[UUID] = field(default_factory=set)
    retries: int = 0
    operations: int = 0
    last_acknowledged_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


def campaign(*, kills: int, acknowledged: int, synchronous_commit: str = "on", seed: int = 1) -> Verdict:
    """Return the verdict after at least so many kills and so many acknowledged audits."""
    with running() as up:
        if synchronous_commit != "on":
            _change_behind_its_back(up, synchronous_commit)
        ledger, done = Ledger(), threading.Event()
        clients = [
            threading.Thread(target=_send_until, args=(up.port, ledger, done, seed * 100 + number))
            for number in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        slowest = _kill_again_and_again(up, ledger, kills=kills, acknowledged=acknowledged, seed=seed)
        done.set()
        for client in clients:
            client.join(120)
        return _verdict(up, ledger, kills=kills, slowest=slowest)


@contextmanager
def running() -> Iterator[Running]:
    """Yield `safeaudit up` without limits once it is ready; it is ended afterwards."""
    unlimited = {
        "SAFEAUDIT_SUBMISSIONS_PER_MINUTE": "1000000",
        "SAFEAUDIT_ENROLMENTS_PER_HOUR": "1000000",
        "SAFEAUDIT_LOG_LEVEL": "ERROR",
    }
    with new_home(**unlimited) as home, served(home) as up:
        yield up


def _change_behind_its_back(up: Running, value: str) -> None:
    with psycopg.connect(_as_superuser(up), autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET synchronous_commit = {value}")
        connection.execute("SELECT pg_reload_conf()")
    time.sleep(1)


def _as_superuser(up: Running) -> str:
    with psycopg.connect(up.database) as connection:
        [(superuser,)] = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolsuper ORDER BY oid LIMIT 1"
        ).fetchall()
    return f"postgresql://{superuser}@/safeaudit?host={up.home / 'postgres'}"


def _send_until(port: int, ledger: Ledger, done: threading.Event, seed: int) -> None:
    """Send batch after batch, each again until it is acknowledged, as a phone does."""
    rng = random.Random(seed)
    token = _persist(lambda: _enrol(port), ledger)
    while not done.is_set():
        batch = {UUID(int=rng.getrandbits(128), version=4): _answers(rng) for _ in range(BATCH)}
        body = json.dumps({"audits": [_document(id, answers) for id, answers in batch.items()]}).encode()
        with ledger.lock:
            ledger.sent |= batch
        told = _persist(lambda body=body: _post(port, token, body), ledger)
        with ledger.lock:
            ledger.acknowledged |= told
            ledger.operations += 1
            ledger.last_acknowledged_at = time.monotonic()


def _persist(attempt, ledger: Ledger):  # type: ignore[no-untyped-def]
    while True:
        try:
            return attempt()
        except (OSError, http.client.HTTPException, _NotYetError):
            with ledger.lock:
                ledger.retries += 1
            time.sleep(0.05 + random.random() * 0.2)


class _NotYetError(Exception):
    """The server asks to be tried again."""


def _exchange(port: int, path: str, body: bytes, headers: dict[str, str]) -> dict[str, object]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    if answer.status in (429, 502, 503):
        raise _NotYetError
    if answer.status not in (200, 201):
        raise AssertionError(f"{answer.status}: {content[:500]!r}")
    read: dict[str, object] = json.loads(content)
    return read


def _enrol(port: int) -> str:
    return str(_exchange(port, "/api/v1/cities/firetown/devices", b"{}", {})["token"])


def _post(port: int, token: str, body: bytes) -> set[UUID]:
    path, headers = "/api/v1/cities/firetown/audits/batch", {"Authorization": f"Bearer {token}"}
    results: list[dict[str, str]] = _exchange(port, path, body, headers)["results"]  # type: ignore[assignment]
    statuses = {result["status"] for result in results}
    assert statuses <= {"created", "duplicate"}, statuses
    return {UUID(result["id"]) for result in results}


def _answers(rng: random.Random) -> tuple[int, ...]:
    return tuple(rng.randrange(4) for _ in RATINGS)


def _document(id: UUID, answers: tuple[int, ...]) -> dict[str, object]:
    return {
        "id": str(id),
        "location": {"lat": 28.5 + id.int % 1000 / 1e4, "lng": 77.1 + id.int % 997 / 1e4},
        "observed_at": datetime.now(UTC).isoformat(),
        "answers": dict(zip(RATINGS, answers, strict=True)),
    }


def _kill_again_and_again(up: Running, ledger: Ledger, *, kills: int, acknowledged: int, seed: int) -> float:
    """Kill PostgreSQL and web workers in turn; return the longest wait for the next acknowledgement."""
    rng, killed, slowest = random.Random(seed), 0, 0.0
    deadline = time.monotonic() + 900
    while killed < kills or len(ledger.acknowledged) < acknowledged:
        if time.monotonic() > deadline:
            raise RuntimeError(f"after 15 minutes: {killed} kills, {len(ledger.acknowledged)} acknowledged")
        time.sleep(rng.uniform(0.5, 2.0))
        if killed < kills:
            victims = _postgres(up) if killed % 2 == 0 else _web_workers(up)
            for pid in victims:
                _kill(pid)
            killed += bool(victims)
            slowest = max(slowest, _wait_for_the_next(ledger))
    return slowest


def _wait_for_the_next(ledger: Ledger) -> float:
    began = time.monotonic()
    # What was under way at the kill may still be answered: only a later acknowledgement counts.
    while ledger.last_acknowledged_at < began + 0.3:
        time.sleep(0.05)
        if time.monotonic() - began > 120:
            raise RuntimeError("no acknowledgement within two minutes of a kill")
    return ledger.last_acknowledged_at - began


def _postgres(up: Running) -> list[int]:
    """Return the postmaster and all its children: everything that holds unwritten memory."""
    try:
        postmaster = int((next(up.home.glob("**/postmaster.pid"))).read_text().split()[0])
    except (StopIteration, ValueError, FileNotFoundError):
        return []
    return [postmaster, *_children(postmaster)]


def _web_workers(up: Running) -> list[int]:
    """Return the processes that answer requests: the children of `safeaudit serve`."""
    servers = [pid for pid in _children(up.process.pid) if b"serve" in _command_line(pid)]
    return [child for server in servers for child in _children(server)]


def _children(parent: int) -> list[int]:
    try:
        tasks = Path(f"/proc/{parent}/task").iterdir()
        return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]
    except OSError:
        return []


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _verdict(up: Running, ledger: Ledger, *, kills: int, slowest: float) -> Verdict:
    for _ in range(100):
        try:
            with psycopg.connect(up.database, connect_timeout=5) as connection:
                rows = connection.execute("SELECT audit_id, ratings FROM audit").fetchall()
            break
        except psycopg.OperationalError:
            time.sleep(0.3)
    else:
        raise RuntimeError("PostgreSQL did not come back")
    stored: dict[UUID, list[tuple[int, ...]]] = {}
    for id, ratings in rows:
        stored.setdefault(id, []).append(tuple(ratings[: len(RATINGS)]))
    kept = [id for id in ledger.acknowledged if id in stored]
    return Verdict(
        operations=ledger.operations,
        acknowledged=len(ledger.acknowledged),
        missing=len(ledger.acknowledged) - len(kept),
        doubled=sum(len(versions) > 1 for versions in stored.values()),
        altered=sum(stored[id][0] != ledger.sent[id] for id in kept),
        strange=len(stored.keys() - ledger.sent.keys()),
        retries=ledger.retries,
        kills=kills,
        slowest_recovery_s=slowest,
    )


def main() -> None:
    """Run the campaign; with synchronous_commit off, up to five rounds until audits are lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--acknowledged", type=int, default=20_000)
    parser.add_argument("--synchronous-commit", choices=["on", "off"], default="on")
    options = parser.parse_args()
    weakened = options.synchronous_commit == "off"
    for round_ in range(5 if weakened else 1):
        verdict = campaign(
            kills=options.kills,
            acknowledged=options.acknowledged,
            synchronous_commit=options.synchronous_commit,
            seed=round_ + 1,
        )
        print(f"round {round_ + 1}: {verdict}", flush=True)
        if not verdict.passed:
            break
    red = not verdict.passed
    print(
        ("caught: the check goes red" if red else "NOT caught")
        if weakened
        else ("FAILED" if red else "passed")
    )
    sys.exit(red != weakened)


if __name__ == "__main__":
    main()
