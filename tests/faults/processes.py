"""The processes of `safeaudit up`, to be killed."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from tests.faults.server import Running


def kill_store(up: Running) -> bool:
    """Kill the postmaster and all its children: everything that holds unwritten memory."""
    try:
        postmaster = int((next(up.home.glob("**/postmaster.pid"))).read_text().split()[0])
    except (StopIteration, ValueError, FileNotFoundError):
        return False
    return _kill([postmaster, *_children(postmaster)])


def kill_web_workers(up: Running) -> bool:
    """Kill the processes that answer requests: the children of `safeaudit serve`."""
    return _kill([child for server in _parts(up, b"serve") for child in _children(server)])


def kill_worker(up: Running) -> bool:
    """Kill the process that does jobs."""
    return _kill(_parts(up, b"worker"))


def resident_kb(up: Running) -> int:
    """Return the memory of the processes that answer requests."""
    workers = [child for server in _parts(up, b"serve") for child in _children(server)]
    return sum(_resident_kb(pid) for pid in workers)


def _parts(up: Running, name: bytes) -> list[int]:
    return [pid for pid in _children(up.process.pid) if name in _command_line(pid).split(b"\0")]


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


def _resident_kb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)


def _kill(pids: list[int]) -> bool:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(pids)
