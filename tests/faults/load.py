"""Many phones at once beside an attack by slow clients: does an honest one notice?

    python -m tests.faults.load [--seconds 300] [--connections 1000] [--rate 100] [--slow 500]

A city with a published run, served by `safeaudit up`. So many connections stay open; over them come so many
requests a second in all, 95 % of them reading (city, layers, tiles, indicators), the rest sending an audit
each. Meanwhile slow clients dribble heads and bodies that never end, and come again when they are cut off.
Prints errors, quantiles of what an honest client waits, and the memory of all processes from before to after.
"""

import argparse
import asyncio
import itertools
import json
import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from tests.faults.phones import document, enrol
from tests.faults.server import CITY, UNLIMITED, Home, Running, new_home, served

READS = (
    CITY,
    "/api/v1/cities",
    f"{CITY}/layers",
    f"{CITY}/layers/cells.geojson",
    f"{CITY}/indicators",
    "/ogc/firetown/collections/cells/items?limit=50",
    "/tiles/firetown/cells/12/2925/1706.mvt",
    "/audit",
)
READING = 0.95
PATIENCE_S = 30
_TIMES_WATCHED = 10


@dataclass
class Seen:
    """What honest clients saw."""

    waits_s: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    memory_mb: list[float] = field(default_factory=list)
    """Of the whole server, from before the first request on, in equal steps."""

    def quantile_ms(self, share: float) -> float:
        """Return what this share of the requests waited at most."""
        ordered = sorted(self.waits_s)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


async def load(up: Running, *, seconds: float, connections: int, rate: float, slow: int) -> Seen:
    """Return what honest clients saw in this time."""
    seen, token, attacker = Seen(), enrol(up.address), enrol(up.address)
    attackers = [asyncio.create_task(_dribble(up, attacker, number)) for number in range(slow)]
    watching = asyncio.create_task(_watch(up, seen, seconds / _TIMES_WATCHED))
    lines = asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]()
    for _ in range(connections):
        lines.put_nowait(await asyncio.open_connection(*up.address))
    rng, began, asked = random.Random(1), time.monotonic(), []
    for number in itertools.count():
        due = began + number / rate
        if due > began + seconds:
            break
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        asked.append(asyncio.create_task(_ask(up, lines, rng, token, seen)))
    await asyncio.gather(*asked)
    for task in (*attackers, watching):
        task.cancel()
    return seen


async def _watch(up: Running, seen: Seen, pause_s: float) -> None:
    while True:
        seen.memory_mb.append(await asyncio.to_thread(memory_mb, up))
        await asyncio.sleep(pause_s)


async def _ask(
    up: Running,
    lines: "asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]",
    rng: random.Random,
    token: str,
    seen: Seen,
) -> None:
    """Ask over the connection that has rested longest, and put it back; over a new one if it was closed."""
    began = time.monotonic()
    reader, writer = await lines.get()
    try:
        async with asyncio.timeout(PATIENCE_S):
            writer.write(_request(rng, token))
            status = await _answer(reader)
    except (OSError, EOFError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
        status = type(error).__name__
        writer.close()
        reader, writer = await asyncio.open_connection(*up.address)
    seen.statuses[status] += 1
    seen.waits_s.append(time.monotonic() - began)
    lines.put_nowait((reader, writer))


def _request(rng: random.Random, token: str) -> bytes:
    if rng.random() < READING:
        return f"GET {rng.choice(READS)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    id = UUID(int=rng.getrandbits(128), version=4)
    body = json.dumps(document(id, (1,) * 7)).encode()
    head = f"POST {CITY}/audits HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def _answer(reader: asyncio.StreamReader) -> str:
    """Read one answer to its end; return its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    if "transfer-encoding: chunked" in head:
        while size := int((await reader.readline()).strip(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
        await reader.readexactly(int(length.split(":")[1]))
    return head.split(" ", 2)[1]


async def _dribble(up: Running, token: str, number: int) -> None:
    """Send a head or a body byte by byte, for ever."""
    head = f"POST {CITY}/audits HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    body = f"{head}Authorization: Bearer {token}\r\nContent-Length: 100000\r\n\r\n{{"
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(*up.address)
            writer.write((head if number % 2 else body).encode())
            while True:
                await asyncio.sleep(5)
                writer.write(b" ")
                await writer.drain()
        await asyncio.sleep(1)


def memory_mb(up: Running) -> float:
    """Return what the server and all its descendants hold, shared pages counted once (Linux)."""
    return sum(_share_kb(pid) for pid in _family(up.process.pid) | _family(_postmaster(up))) / 1024


def _postmaster(up: Running) -> int:
    return int((up.home / "postgres/data/postmaster.pid").read_text().split()[0])


def _family(pid: int) -> set[int]:
    found, waiting = {pid}, [pid]
    while waiting:
        with suppress(OSError):
            for task in Path(f"/proc/{waiting.pop()}/task").iterdir():
                children = {int(one) for one in (task / "children").read_text().split()}
                waiting += children - found
                found |= children
    return found


def _share_kb(pid: int) -> int:
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return 0


def publish(home: Home) -> None:
    """Give the city audits and a run."""
    audits, truth = home.path.parent / "audits.csv", home.path.parent / "truth.geojson"
    told = ("--audits", "5000", "--auditors", "200", "--seed", "1", "--out", str(audits))
    home.command("simulate", "firetown", *told, "--truth", str(truth))
    home.command("import", "firetown", str(audits))
    home.command("analyze", "firetown")


def main() -> None:
    """Print what honest clients saw, and what that took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--slow", type=int, default=500)
    options = vars(parser.parse_args())
    with new_home(**UNLIMITED) as home:
        publish(home)
        with served(home) as up:
            seen = asyncio.run(load(up, **options))
            seen.memory_mb.append(memory_mb(up))
    print(f"requests {len(seen.waits_s)}, statuses {dict(seen.statuses)}")
    print(
        f"waits in ms: p50 {seen.quantile_ms(0.5):.0f}, p95 {seen.quantile_ms(0.95):.0f}, "
        f"p99 {seen.quantile_ms(0.99):.0f}, max {seen.quantile_ms(1.0):.0f}"
    )
    print("memory in MB:", *(f"{one:.0f}" for one in seen.memory_mb))


if __name__ == "__main__":
    main()
