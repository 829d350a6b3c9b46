"""What the benchmarks of the store share: a durable private PostGIS, a city, phones, the web server."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from shapely import box
from shapely.geometry import MultiPolygon

from server.cities import City, CityDirectory
from server.cluster.embedded import Cluster
from server.database import Database, connect
from server.services.create_city import create_city
from server.services.migrate import migrate

SECRET = "a-secret-of-the-benchmark-0123456789abcdef"


@dataclass(frozen=True)
class Ground:
    """A running store with one city."""

    cluster: Cluster
    url: str
    database: Database
    cities: CityDirectory
    city: City


@dataclass(frozen=True)
class WebServer:
    """A running `safeaudit serve`."""

    port: int
    pid: int


@contextmanager
def ground(*, durable: bool = True, slug: str = "benchtown") -> Iterator[Ground]:
    """Yield a migrated store with the city `slug` (about 30 by 33 km) and all built-in instruments."""
    with tempfile.TemporaryDirectory(prefix="sa-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "home", durable=durable)
        cluster.start()
        database = connect(cluster.url, pool_size=4)
        try:
            migrate(database)
            with database.transaction() as connection:
                form = {"name": slug.title(), "time_zone": "Asia/Kolkata"}
                create_city(
                    connection, slug=slug, area=MultiPolygon([box(77.0, 28.4, 77.3, 28.7)]), said=form
                )
            cities = CityDirectory(database)
            yield Ground(cluster, cluster.url, database, cities, cities.get(slug))
        finally:
            database.dispose()
            cluster.stop()


@contextmanager
def web_server(url: str, **settings: str) -> Iterator[WebServer]:
    """Yield `safeaudit serve` on this store, with its limits, logging and access rules on."""
    environ = os.environ | {
        "SAFEAUDIT_DATABASE_URL": url,
        "SAFEAUDIT_SECRET_KEY": SECRET,
        "SAFEAUDIT_SUBMISSIONS_PER_MINUTE": "1000000",
        **settings,
    }
    port = _free_port()
    with _serving(["server", "serve", "--port", str(port)], port, environ) as server:
        yield server


@contextmanager
def bare_server(*arguments: str) -> Iterator[WebServer]:
    """Yield `bench.bare_server` with these arguments behind its port."""
    port = _free_port()
    with _serving(["bench.bare_server", str(port), *arguments], port, os.environ) as server:
        yield server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _serving(module: Sequence[str], port: int, environ: Mapping[str, str]) -> Iterator[WebServer]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            env=environ,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).parents[1],
            start_new_session=True,
        )
        try:
            _await_ready(process, port)
            yield WebServer(port, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def _await_ready(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(1800):
        if process.poll() is not None:
            raise SystemExit(f"the web server ended with {process.returncode}")
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
                connection.request("GET", "/readyz")
                if connection.getresponse().status < HTTPStatus.BAD_REQUEST:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("the web server did not become ready in three minutes")


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process and all its descendants have spent (Linux)."""
    spent = 0.0
    for one in descendants(pid):
        # proc(5): fields 14 to 17 are user and system time, its own and that of children it has buried.
        with suppress(OSError):
            spent += sum(int(ticks) for ticks in _after_name(one)[11:15])
    return spent / os.sysconf("SC_CLK_TCK")


def descendants(pid: int) -> Iterator[int]:
    """Yield a process and all below it (Linux)."""
    children, waiting = _children_by_parent(), [pid]
    while waiting:
        one = waiting.pop()
        waiting += children.get(one, [])
        yield one


def _children_by_parent() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                found.setdefault(int(_after_name(int(entry.name))[1]), []).append(int(entry.name))
    return found


def _after_name(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat behind the name, which may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
