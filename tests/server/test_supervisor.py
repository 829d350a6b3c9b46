import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from server.cluster.embedded import Cluster
from server.supervisor import StartRefused, require_free

ROOT = Path(__file__).parents[2]

UP = Path(__file__).with_name("up_with_dummies.py")


@pytest.fixture
def folder():
    """A folder short enough for a socket, open to PostgreSQL's account, with the page that /readyz needs."""
    top = Path(tempfile.mkdtemp(prefix="sa-", dir="/tmp"))
    top.chmod(0o755)
    (top / "readyz").write_text("ready")
    yield top
    postmaster = Cluster(top / "home").postmaster_pid()
    if postmaster is not None:
        os.kill(postmaster, signal.SIGQUIT)
    shutil.rmtree(top)


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def up(folder, port, *options, url="postgresql+psycopg://nobody@db.example.org/none"):
    process = subprocess.Popen(
        [sys.executable, UP, folder, str(port), url, *options],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        for pid in (*pids(folder, "web"), *pids(folder, "worker")):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate()


def pids(folder, name):
    file = folder / name
    return [int(line.split()[0]) for line in file.read_text().splitlines()] if file.exists() else []


def is_alive(pid):
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    return False


def wait_until(condition, *, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def read_until(process, text):
    lines = []
    while text not in "".join(lines):
        line = process.stdout.readline()
        assert line, "".join(lines)
        lines.append(line)
    return "".join(lines)


@contextmanager
def inherited(handler: signal.Handlers) -> Iterator[None]:
    """Within it, started processes inherit this for SIGINT and SIGHUP, whatever nohup or a shell has set."""
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_tells_the_addresses_when_ready_and_a_signal_ends_every_part(folder, port, number):
    with inherited(signal.SIG_DFL), up(folder, port) as process:
        told = read_until(process, "/api/docs")
        assert f"map  http://127.0.0.1:{port}/\n" in told
        wait_until(lambda: pids(folder, "web") and pids(folder, "worker"))
        process.send_signal(number)
        assert "ended in order" in process.communicate(timeout=60)[0]
        assert process.returncode == 0
        assert not any(is_alive(pid) for name in ("web", "worker") for pid in pids(folder, name))


def test_an_interrupt_is_heeded_in_the_background_of_a_script_and_a_hangup_is_not_under_nohup(folder, port):
    with inherited(signal.SIG_IGN), up(folder, port) as process:
        read_until(process, "/api/docs")
        process.send_signal(signal.SIGHUP)
        time.sleep(1)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_part_killed_with_9_runs_again(folder, port, name):
    with up(folder, port) as process:
        read_until(process, "/api/docs")
        wait_until(lambda: pids(folder, name))
        os.kill(pids(folder, name)[-1], signal.SIGKILL)
        wait_until(lambda: len(pids(folder, name)) == 2 and is_alive(pids(folder, name)[-1]))
        assert f"{name} ended (-9); it starts again in 1 s" in read_until(process, "again")
        other = {"web": "worker", "worker": "web"}[name]
        assert len(pids(folder, other)) == 1


def test_a_part_that_does_not_heed_is_killed_after_a_while(folder, port):
    with up(folder, port, "stubborn") as process:
        read_until(process, "/api/docs")
        wait_until(lambda: pids(folder, "worker"))
        begin = time.monotonic()
        process.terminate()
        process.communicate(timeout=60)
        assert time.monotonic() - begin > 9
        assert process.returncode == 0
        assert not is_alive(pids(folder, "worker")[0])


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel to end orphans")
def test_parts_end_with_a_supervisor_killed_with_9_and_the_next_one_serves(folder, port):
    with up(folder, port) as process:
        read_until(process, "/api/docs")
        wait_until(lambda: pids(folder, "web") and pids(folder, "worker"))
        process.kill()
        wait_until(lambda: not any(is_alive(pid) for name in ("web", "worker") for pid in pids(folder, name)))
    with up(folder, port) as process:
        read_until(process, "/api/docs")


def test_a_signal_interrupts_the_preparation(folder, port):
    with up(folder, port, "slow") as process:
        read_until(process, "preparing")
        process.terminate()
        assert "ended in order" in process.communicate(timeout=60)[0]
        assert pids(folder, "web") == []


def test_the_embedded_database_is_kept_alive_and_ended(folder, port):
    cluster = Cluster(folder / "home")
    with up(folder, port, url="") as process:
        read_until(process, "/api/docs")
        assert (folder / "web").read_text().split()[1] == cluster.url
        first = cluster.postmaster_pid()
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: cluster.postmaster_pid() not in (None, first) and cluster.is_ready())
        process.terminate()
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert cluster.postmaster_pid() is None


def test_a_taken_port_is_refused_before_anything_starts(folder, port):
    with socket.create_server(("127.0.0.1", port)), up(folder, port, url="") as process:
        output = process.communicate(timeout=60)[0]
        assert process.returncode != 0
    assert f"port {port} on 127.0.0.1 is taken" in output
    assert f"--port {port + 1}" in output
    assert not (folder / "home").exists()


def test_a_port_that_becomes_free_shortly_is_waited_for(port):
    with socket.create_server(("127.0.0.1", port)) as taken:
        script = f"from server.supervisor import require_free; require_free('127.0.0.1', {port})"
        waiting = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
        time.sleep(1)
        assert waiting.poll() is None
        taken.close()
        assert waiting.wait(timeout=60) == 0


def test_an_address_that_is_not_this_machine_is_refused():
    with pytest.raises(StartRefused, match=r"cannot listen on 203\.0\.113\.7:8080"):
        require_free("203.0.113.7", 8080)


def test_readiness_is_a_200_and_nothing_else(folder, port):
    with up(folder, port) as process:
        read_until(process, "/api/docs")
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/readyz")
        assert connection.getresponse().read() == b"ready"
        connection.close()
        (folder / "readyz").unlink()
        script = f"from server.supervisor import answers; print(answers('127.0.0.1', {port}, '/readyz'))"
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert done.stdout == "False\n"
