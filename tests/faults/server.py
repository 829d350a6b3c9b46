"""The real server for tests from outside: `safeaudit up` in a HOME of its own, with the city "firetown"."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.faults.mutants import MUTANT

ROOT = Path(__file__).parents[2]
CITY = "/api/v1/cities/firetown"
UNLIMITED = {
    "SAFEAUDIT_SUBMISSIONS_PER_MINUTE": "1000000",
    "SAFEAUDIT_ENROLMENTS_PER_HOUR": "1000000",
    "SAFEAUDIT_LOG_LEVEL": "ERROR",
}
_PROGRAM = (sys.executable, "-m", "server")


@dataclass(frozen=True)
class Home:
    """A HOME with a city, and the environment in which commands use it."""

    path: Path
    environ: dict[str, str]

    @property
    def log(self) -> Path:
        """Where the server writes what it logs."""
        return self.path.parent / "log"

    def command(self, *arguments: str) -> str:
        """Return what `safeaudit` with these arguments prints; CalledProcessError where it fails."""
        done = subprocess.run(
            [*_PROGRAM, *arguments], env=self.environ, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout


@dataclass(frozen=True)
class Running:
    """`safeaudit up` in a HOME of its own."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    commands: Home

    @property
    def database(self) -> str:
        """Return the address of its database."""
        return f"postgresql://safeaudit@/safeaudit?host={self.home / 'postgres'}"

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return "127.0.0.1", self.port

    def as_superuser(self, command: str) -> None:
        """Do something behind the server's back."""
        address = f"postgresql://postgres@/safeaudit?host={self.home / 'postgres'}"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(command)  # type: ignore[arg-type] # written in these files


@contextmanager
def new_home(mutant: str | None = None, **settings: str) -> Iterator[Home]:
    """Yield a HOME with the city "firetown"; `settings` are further variables of its environment.

    `mutant` is one of `tests.faults.mutants`, with which all its processes run.
    """
    if mutant is not None:
        folders = (str(Path(__file__).with_name("mutated")), str(ROOT))
        settings |= {MUTANT: mutant, "PYTHONPATH": os.pathsep.join(folders)}
    with tempfile.TemporaryDirectory(prefix="sa-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "home"
        home = Home(path, {**os.environ, "SAFEAUDIT_HOME": str(path), **settings})
        named = ("--name", "Firetown", "--timezone", "Asia/Kolkata")
        home.command("city", "create", "firetown", *named, "--boundary", "77.1,28.5,77.2,28.6")
        yield home


@contextmanager
def served(home: Home) -> Iterator[Running]:
    """Yield the server of a HOME once it is ready; it is ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*_PROGRAM, "up", "--no-demo", "--port", str(port)]
    with home.log.open("wb") as log:
        process = subprocess.Popen(command, env=home.environ, cwd=ROOT, stdout=log, stderr=log)
    try:
        _await_ready(process, port, home.log)
        yield Running(home.path, port, process, home)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _await_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 180  # one that ended is seen at once; a busy machine takes its time
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        with suppress(OSError, http.client.HTTPException), closing(connection):
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.2)
    raise RuntimeError(f"the server did not become ready: {log.read_text(errors='replace')[-2000:]}")
