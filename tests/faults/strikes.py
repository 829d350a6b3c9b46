"""What happens to a server while phones send."""

import os
import random
import resource
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg

from tests.collect.proxy import BadNetwork, Fault
from tests.faults.phones import GaveUpError, Ledger, enrol, exchange, sending
from tests.faults.processes import kill_store, kill_web_workers, kill_worker
from tests.faults.server import Running

SLOW_SENDERS = 1000
SLOWEST_HONEST_S = 1.0
LOOKS = 60


def killing(
    *acts: Callable[[Running], bool], times: int = 6, acknowledged: int = 0
) -> Callable[[Running, Ledger], None]:
    """Return what kills by these acts in turn, each time once the phones are heard again.

    It goes on until so many kills were made and so many audits acknowledged.
    """

    def strike(up: Running, ledger: Ledger) -> None:
        rng, killed = random.Random(7), 0
        with sending(up.address, ledger):
            ledger.await_recovery()
            while killed < times:
                time.sleep(rng.uniform(0.3, 1.2))
                killed += acts[killed % len(acts)](up)
                ledger.await_recovery()
            while len(ledger.acknowledged) < acknowledged:
                ledger.await_recovery()

    return strike


kill_web = killing(kill_web_workers)
kill_database = killing(kill_store)
kill_everything = killing(kill_store, kill_web_workers, kill_worker, times=15, acknowledged=20_000)


def slow_clients(up: Running, ledger: Ledger) -> None:
    """Hold many connections whose requests never end, half of them in the head, half in the body."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files[1], files[1]))
    head = b"POST /api/v1/cities/firetown/audits HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    # Of somebody the server lets in: a body without a token is not waited for.
    token = enrol(up.address).encode()
    body = head + b"Authorization: Bearer " + token + b"\r\nContent-Length: 100000\r\n\r\n{"
    with sending(up.address, ledger, clients=2), ExitStack() as held:
        ledger.await_recovery()
        for number in range(SLOW_SENDERS):
            with suppress(OSError):
                slow = held.enter_context(socket.create_connection(up.address, timeout=5))
                slow.sendall(head if number % 2 else body)
        times: list[float] = []
        while len(times) < LOOKS and sum(one >= SLOWEST_HONEST_S for one in times) <= LOOKS * 0.05:
            times.append(_seconds(lambda: _look(up)))
        p95 = sorted(times)[int(len(times) * 0.95)]
        ledger.require(p95 < SLOWEST_HONEST_S, "p95", f"an honest reader waits {p95:.1f} s")
        if p95 < SLOWEST_HONEST_S:
            ledger.await_recovery()


def _look(up: Running) -> None:
    with suppress(TimeoutError):  # which is long enough
        exchange(up.address, "GET", "/api/v1/cities", timeout_s=SLOWEST_HONEST_S * 2)


def bad_network(up: Running, ledger: Ledger) -> None:
    """Send through a network that loses replies, cuts them, resets and delays."""
    weights = {
        Fault.NONE: 4.0,
        Fault.LOSE_REPLY: 2.0,
        Fault.CUT_REPLY: 2.0,
        Fault.RESET: 2.0,
        Fault.DELAY: 1.0,
    }
    network = BadNetwork(up.address, weights, random.Random(3))
    with network.listening() as address, sending(address, ledger):
        time.sleep(8)
        ledger.await_recovery()
    if len(network.happened) < len(weights):
        raise GaveUpError(f"the network was too good: {network.happened}")


def full_disk(folder: str) -> Callable[[Running, Ledger], None]:
    """Return what fills the disk of a folder of HOME, which is one of its own, and makes room again."""

    def strike(up: Running, ledger: Ledger) -> None:
        ballast = up.home / folder / "ballast"
        with sending(up.address, ledger):
            ledger.await_recovery()
            fill(ballast)
            time.sleep(6)
            before = ledger.retries
            time.sleep(2)
            felt = ledger.retries > before
            ballast.unlink()
            ledger.await_recovery()
        if not felt:
            raise GaveUpError("no phone felt the full disk")

    return strike


def no_connections(up: Running, ledger: Ledger) -> None:
    """Take every connection that PostgreSQL has, cut those of the server, and give them back."""
    with sending(up.address, ledger), ExitStack() as held:
        ledger.await_recovery()
        with suppress(psycopg.OperationalError):
            while True:
                held.enter_context(psycopg.connect(up.database, application_name="greedy"))
        up.as_superuser(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE usename = 'safeaudit' AND application_name <> 'greedy'"
        )
        with suppress(psycopg.OperationalError):
            while True:
                held.enter_context(psycopg.connect(up.database, application_name="greedy"))
        took_s = _seconds(lambda: exchange(up.address, "GET", "/readyz"))
        ledger.require(took_s < 10, "hangs", f"for {took_s:.0f} s without connections")
        time.sleep(3)
        held.close()
        ledger.await_recovery()


@contextmanager
def own_disk(folder: Path, *, spare_mb: int) -> Iterator[None]:
    """Put a folder on a disk of its own, in memory, with so much room left; needs root on Linux."""
    folder.mkdir(parents=True, exist_ok=True)
    owner, used = folder.stat(), sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    room = f"size={used + (spare_mb << 20)},uid={owner.st_uid},gid={owner.st_gid},mode=700"
    aside = folder.with_name(f"{folder.name}-aside")
    subprocess.run(["cp", "-a", str(folder), str(aside)], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", room, "tmpfs", str(folder)], check=True)
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(ballast: Path) -> None:
    """Write a file until its disk has no room left, to the last block."""
    descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for size in (1 << 16, 1 << 12):
            with suppress(OSError):
                while True:
                    os.write(descriptor, bytes(size))
    finally:
        os.close(descriptor)


def _seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began
