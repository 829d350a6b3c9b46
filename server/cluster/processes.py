"""Who is running: pid files may be stale, and their numbers may by now be somebody else's."""

import os
import subprocess
from pathlib import Path

PID_FILE = "postmaster.pid"


def recorded_pid(file: Path) -> int | None:
    """Return the process id on the first line of a pid file, None where there is none."""
    try:
        return int(file.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0])
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def is_postmaster(pid: int, *, data: Path) -> bool:
    """Return whether a process is the postmaster of a data folder: it carries the folder in its arguments."""
    return str(data) in _arguments(pid)


def clear_stale(file: Path, *, data: Path) -> None:
    """Remove a pid file that PostgreSQL would wrongly heed: empty, or naming a live foreign process.

    One naming a dead process is left: PostgreSQL sees that itself. That no backend of an earlier
    postmaster still runs it sees from its shared memory, which is keyed by the data folder.
    """
    pid = recorded_pid(file)
    if file.exists() and (pid is None or (pid > 0 and _is_alive(pid) and not is_postmaster(pid, data=data))):
        file.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _arguments(pid: int) -> list[str]:
    """Return the arguments of a process; none for one that is gone or only waits to be reaped."""
    if Path("/proc/self/cmdline").exists():
        try:
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).split("\0")
        except OSError:
            return []
    done = subprocess.run(
        ["/bin/ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.split()
