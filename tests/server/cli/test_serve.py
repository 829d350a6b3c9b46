"""`safeaudit serve` as a process of its own: workers die and come back, slow senders stop nobody."""

import http.client
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server.cluster.embedded import Cluster

ROOT = Path(__file__).resolve().parents[3]
WORKERS = 2
PROGRAM = (sys.executable, "-m", "server")


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, its environment, its log."""

    port: int
    pid: int
    log: Path
    environment: dict[str, str]

    def ask(self, method: str, path: str, body: object = None, token: str = "") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        if not token:
            del headers["Authorization"]
        connection.request(method, path, json.dumps(body or {}), headers)
        response = connection.getresponse()
        try:
            return response.status, response.read()
        finally:
            connection.close()

    def workers(self) -> list[int]:
        listed = subprocess.check_output(["ps", "-o", "pid=,stat=", "--ppid", str(self.pid)], text=True)
        rows = [line.split() for line in listed.splitlines()]
        return [int(pid) for pid, state in rows if not state.startswith("Z")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="sa-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "home")
        cluster.start()
        environment = os.environ | {
            "SAFEAUDIT_DATABASE_URL": cluster.url,
            "SAFEAUDIT_SECRET_KEY": "k" * 40,
            "SAFEAUDIT_HOME": str(Path(folder) / "home"),
            "SAFEAUDIT_WEB_WORKERS": str(WORKERS),
        }
        box = ["--timezone", "Asia/Kolkata", "--boundary", "77.2,28.55,77.3,28.65", "--name", "Testville"]
        subprocess.run([*PROGRAM, "city", "create", "testville", *box], env=environment, cwd=ROOT, check=True)
        try:
            with started(environment, Path(folder) / "log") as running:
                yield running
        finally:
            cluster.stop()


@contextmanager
def started(environment: dict[str, str], log: Path) -> Iterator[Server]:
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*PROGRAM, "serve", "--port", str(port)], env=environment, cwd=ROOT, stdout=output, stderr=output
        )
    try:
        running = Server(port, process.pid, log, environment)
        wait_until_ready(running)
        yield running
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


def logged_by(server: Server, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return the line of the log that is `wanted`, which may come after the answer that it is about."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for line in server.log.read_text().splitlines(keepends=True):
            if line.endswith("\n") and wanted(told := json.loads(line)):
                return dict(told)
        time.sleep(0.05)
    raise AssertionError(server.log.read_text())


def wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if server.ask("GET", "/readyz")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError(server.log.read_text())


def test_it_serves_and_logs_json(server: Server) -> None:
    assert server.ask("GET", "/api/v1/cities/testville")[0] == 200
    assert logged_by(server, lambda line: line.get("route") == "/api/v1/cities/<city>")["status"] == 200


def test_a_killed_worker_comes_back(server: Server) -> None:
    before = server.workers()
    assert len(before) == WORKERS
    os.kill(before[0], signal.SIGKILL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        now = server.workers()
        if len(now) == WORKERS and before[0] not in now:
            break
        time.sleep(0.2)
    assert len(now) == WORKERS
    assert before[0] not in now
    wait_until_ready(server)


def test_the_numbers_are_summed_over_the_workers(server: Server) -> None:
    def count() -> float:
        text = server.ask("GET", "/metrics")[1].decode()
        found = re.search(
            r'safeaudit_requests_total\{method="GET",route="/healthz",status="200"\} (\S+)', text
        )
        return float(found[1]) if found else 0.0

    before = count()
    for _ in range(40):
        server.ask("GET", "/healthz")
    assert count() == before + 40


def test_slow_senders_stop_nobody(server: Server) -> None:
    token = json.loads(server.ask("POST", "/api/v1/cities/testville/devices")[1])["token"]
    head = (
        "POST /api/v1/cities/testville/audits HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: 1000\r\n\r\n{{"
    )
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(60)]
    try:
        for one in slow:
            one.sendall(head.encode())
        time.sleep(0.5)
        assert server.ask("GET", "/api/v1/cities")[0] == 200
    finally:
        for one in slow:
            one.close()


def test_connections_that_only_stay_open_stop_nobody(server: Server) -> None:
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files[1], files[1]))
    resting = [socket.create_connection(("127.0.0.1", server.port), timeout=20) for _ in range(1000)]
    try:
        time.sleep(0.5)
        assert {server.ask("GET", "/healthz")[0] for _ in range(20)} == {200}
    finally:
        for one in resting:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, files)


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 5000",  # more announced than comes
        "Transfer-Encoding: chunked",  # no chunk that is one
    ],
)
def test_a_body_cut_off_stores_nothing_and_breaks_nothing(server: Server, head: str) -> None:
    token = json.loads(server.ask("POST", "/api/v1/cities/testville/devices")[1])["token"]
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as sender:
        sender.sendall(
            "POST /api/v1/cities/testville/audits HTTP/1.1\r\nHost: here\r\n"
            "Content-Type: application/json\r\n"
            f"Authorization: Bearer {token}\r\n{head}\r\n\r\nnothing".encode()
        )
        sender.shutdown(socket.SHUT_WR)
        answer = sender.recv(65536)
    assert b" 5" not in answer.split(b"\r\n")[0]
    assert server.ask("GET", "/healthz")[0] == 200
    logged = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert not [line for line in logged if line.get("event") == "request failed"], logged


def test_an_endless_chunked_body_is_413(server: Server) -> None:
    token = json.loads(server.ask("POST", "/api/v1/cities/testville/devices")[1])["token"]
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    chunks = (b" " * 2**16 for _ in range(10_000))  # 625 MiB, if anybody took it
    sender = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    # The answer comes, and the connection closes, while the sender still sends.
    with closing(sender), suppress(ConnectionError):
        sender.request("POST", "/api/v1/cities/testville/audits", chunks, headers, encode_chunked=True)
    assert logged_by(server, lambda line: line.get("route", "").endswith("/audits") and line["status"] == 413)


def test_a_taken_port_is_said(server: Server) -> None:
    again = subprocess.run(
        [*PROGRAM, "serve", "--port", str(server.port)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert again.returncode == 1
    assert str(server.port) in again.stderr


def test_before_it_ends_it_says_so_and_goes_on_answering(server: Server, tmp_path: Path) -> None:
    with started(server.environment, tmp_path / "log") as ending:
        os.kill(ending.pid, signal.SIGUSR1)
        deadline = time.monotonic() + 10
        while ending.ask("GET", "/readyz")[0] == 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        told = [ending.ask("GET", "/readyz") for _ in range(10 * WORKERS)]
        assert {status for status, _ in told} == {503}
        assert b"about to end" in told[0][1]
        assert ending.ask("POST", "/api/v1/cities/testville/devices")[0] == 201
    assert server.ask("GET", "/readyz")[0] == 200
