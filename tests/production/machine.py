"""A bare Debian with systemd as its first process, in namespaces of this machine: no network but loopback.

Needs root, mmdebstrap and systemd-nspawn. What fetches packages borrows this machine's network, all else,
every service included, has none. Its memory is limited where control groups of version 1 allow it.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

NEEDED = ("mmdebstrap", "systemd-nspawn", "nsenter")
PACKAGES = "systemd-sysv,dbus,ca-certificates"
MEMORY_BYTES = 2 * 2**30
BOOT_S, HALT_S = 60, 60
# This machine's authorities, under a name of their own: behind some proxies nothing can be fetched without.
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
BORROWED = "/etc/ssl/borrowed.crt"
READ_BY = ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "PIP_CERT", "NODE_EXTRA_CA_CERTS")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Machine:
    """One that has booted: where its files lie here, and its first process."""

    root: Path
    first: int
    limit: Path | None
    """The control group that holds its memory, None where none could be made."""

    def run(self, script: str, *, network: bool = False) -> str:
        """Return what a shell of root's prints; CalledProcessError with both outputs where it fails.

        With `network` it sees this machine's network in place of its own.
        """
        environ = {"PATH": PATH, "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive"}
        if network:
            environ |= dict.fromkeys(READ_BY, BORROWED)
        spaces = ("--mount", "--uts", "--ipc", "--pid", *(() if network else ("--net",)))
        inside = ("nsenter", "--target", str(self.first), *spaces, "--root")
        return subprocess.run(
            within(self.limit, *inside, "sh", "-eu", "-c", f"cd /\n{script}"),
            env=environ, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        ).stdout  # fmt: skip

    def beside(self, *argv: str) -> list[str]:
        """Return the arguments that run a program of ours in its network."""
        return ["nsenter", "--target", str(self.first), "--net", *argv]

    def memory(self) -> dict[str, int]:
        """Return bytes by program, each page shared among who shares it (PSS)."""
        told = self.run(
            "for p in /proc/[0-9]*; do printf '%s ' $(cat $p/comm); "
            "awk '/^Pss:/ {print $2}' $p/smaps_rollup; done 2>/dev/null || true"
        )
        held: dict[str, int] = {}
        for name, kilobytes in (line.split() for line in told.splitlines() if len(line.split()) == 2):
            held[name] = held.get(name, 0) + int(kilobytes) * 1024
        return held

    def peak(self) -> int | None:
        """Return the most bytes it ever held, its files in memory included; None where nobody counts."""
        if self.limit is None:
            return None
        return int((self.limit / "memory.max_usage_in_bytes").read_text())


def within(limit: Path | None, *argv: str) -> list[str]:
    """Return the arguments that run a program in a control group."""
    if limit is None:
        return list(argv)
    return ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(limit / "cgroup.procs"), *argv]


def missing() -> list[str]:
    """Return what a machine cannot be made without and is not here."""
    absent = [program for program in NEEDED if shutil.which(program) is None]
    return [*absent, *(["root"] if os.geteuid() else [])]


@contextmanager
def bare_machine(suite: str = "bookworm") -> Iterator[Machine]:
    """Yield a bare Debian that has booted; nothing is left of it afterwards."""
    with tempfile.TemporaryDirectory(prefix="bare-", dir="/var/tmp", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        root = Path(folder, "root")
        made = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", suite, str(root)]
        subprocess.run(made, check=True)
        shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
        shutil.copy(AUTHORITIES, root / BORROWED.lstrip("/"))
        with _memory_limit() as limit, _booted(root, limit) as machine:
            yield machine


@contextmanager
def _booted(root: Path, limit: Path | None) -> Iterator[Machine]:
    argv = (
        *("systemd-nspawn", "--quiet", "--directory", str(root), "--boot", "--private-network"),
        *("--register=no", "--keep-unit", "--resolv-conf=off", "--timezone=off", "--console=read-only"),
    )
    with (root.parent / "console").open("wb") as console:
        outer = subprocess.Popen(
            within(limit, *argv), stdin=subprocess.DEVNULL, stdout=console, stderr=console
        )
    try:
        machine = Machine(root, _first_process(outer), limit)
        machine.run("systemctl is-system-running --wait || true")
        yield machine
    finally:
        outer.send_signal(signal.SIGTERM)  # it halts the machine
        outer.wait(HALT_S)


def _first_process(outer: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + BOOT_S
    while time.monotonic() < deadline and outer.poll() is None:
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
        for child in children:
            with suppress(OSError):
                if (Path("/proc", child, "root/run/systemd/private")).exists():
                    return int(child)
        time.sleep(0.1)
    raise RuntimeError("the machine does not boot")


@contextmanager
def _memory_limit() -> Iterator[Path | None]:
    """Yield a control group of its own below ours, None where there is none of version 1."""
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    ours = next((line.split(":", 2)[2] for line in lines if line.split(":")[1] == "memory"), None)
    if ours is None:
        yield None
        return
    group = Path("/sys/fs/cgroup/memory", ours.lstrip("/"), f"bare-{os.getpid()}")
    group.mkdir()
    try:
        (group / "memory.limit_in_bytes").write_text(str(MEMORY_BYTES))
        yield group
    finally:
        with suppress(OSError):
            group.rmdir()
