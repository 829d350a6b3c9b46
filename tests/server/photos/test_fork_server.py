"""The process of a picture: its limits, its ends, and that it is alone."""

import ast
import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from server.errors import Invalid, Unavailable
from server.photos import darkroom, fork_server, forks
from server.photos.darkroom import Darkroom
from tests.server.photos.pictures import encoded, street

ROOT = Path(__file__).parents[3]
# What draws a picture that begins so is replaced; all else is drawn as ever.
STRANGE = b"strange"
SCRIPT = """
import os, re, resource, time
from server.photos import drawing, fork_server
draw, seen = drawing.draw, []

def tell(what):
    raise drawing.Unfit(repr(what))

def strange(content):
    {fate}
    return draw(content)

drawing.draw = lambda sent: strange(sent[7:]) if sent.startswith(b"strange") else draw(sent)
{before}
fork_server.main()
"""
UNLOADED = "fork_server._load = lambda: None"
SMALL = encoded(street((16, 16)))


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Darkroom]:
    """Return a darkroom in which something happens to pictures that begin with STRANGE."""

    def make(fate: str, before: str = UNLOADED) -> Darkroom:
        script = SCRIPT.format(fate=fate, before=before)
        monkeypatch.setattr(forks, "_PROGRAM", (sys.executable, "-I", "-c", script))
        return Darkroom(2**20)

    return make


def told(room: Darkroom, content: bytes = b"") -> Any:
    """Return what the process of a strange picture tells."""
    with pytest.raises(Invalid) as refusal:
        room.develop(STRANGE + content)
    return ast.literal_eval(refusal.value.faults[0].detail)


def server_of(room: Darkroom) -> int:
    """Return the number of a darkroom's fork server, which is that of its process group too."""
    with room._seat() as seat:
        assert seat._process is not None
        return seat._process.pid


def alive(group: int) -> list[str]:
    """Return the processes of a group that have not ended; who has, may still wait to be buried (proc(5))."""
    found = [_status(entry) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid, state, of in found if of == str(group) and state != "Z"]


def _status(entry: Path) -> tuple[str, str, str]:
    try:
        state, _, group, *_ = (entry / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return entry.name, "Z", ""
    return entry.name, state, group


def await_end(group: int) -> None:
    deadline = time.monotonic() + 60
    while alive(group):
        assert time.monotonic() < deadline, "it goes on"
        time.sleep(0.02)


FATES = {
    "eats memory": "bytearray(2**31)",
    "eats time": "[None for _ in iter(int, 1)]",
    "crashes": "os.kill(os.getpid(), 11)",
    "writes a file": "os.write(os.memfd_create('picture'), b'x')",
}


@pytest.mark.parametrize("fate", FATES)
def test_a_picture_that_ends_its_process_is_refused_and_the_next_one_drawn(
    room: Callable[..., Darkroom], fate: str
) -> None:
    here = room(FATES[fate], f"{UNLOADED}; fork_server.MOST_CPU_S = 1")
    assert here.develop(SMALL)[0].width == 16
    before = server_of(here)
    with pytest.raises(Invalid, match="cannot be kept") as refusal:
        here.develop(STRANGE + SMALL)
    assert "limits of memory and time" in refusal.value.faults[0].detail
    assert here.develop(SMALL)[0].width == 16
    assert server_of(here) == before, "it is the process of the picture that ended"


def test_the_process_has_limits_and_nothing_of_ours(
    room: Callable[..., Darkroom], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFEAUDIT_SECRET_KEY", "canary of the environment")
    limits = "[resource.getrlimit(getattr(resource, f'RLIMIT_{name}')) for name in ('AS', 'CPU', 'FSIZE')]"
    paths = "map('/proc/self/fd/{}'.format, range(99))"
    open_files = f"[os.readlink(path) for path in {paths} if os.path.lexists(path)]"
    threads = "len(os.listdir('/proc/self/task'))"
    here = room(f"tell(({limits}, sorted(os.environ), {open_files}, {threads}))", before="")
    set_to, names, files, number = told(here)
    assert set_to == [(most, most) for most in (fork_server.MOST_MEMORY_BYTES, fork_server.MOST_CPU_S, 0)]
    assert names == ["LC_ALL", "LD_LIBRARY_PATH", "OPENBLAS_NUM_THREADS"], "the second is OpenCV's own"
    assert sorted(file.partition(":")[0] for file in files) == ["/dev/null", "/dev/null", "socket"]
    assert number == 1, "a fork of several threads may hold locks that nobody ever opens"


# Looks for a picture that came before through all of the memory of its own process.
SEARCH = """
    seen.append(content)
    found = 0
    for line in open("/proc/self/maps"):
        first, last = (int(part, 16) for part in line.split()[0].split("-"))
        if "rw" in line and last - first < 2**27:
            with open("/proc/self/mem", "rb") as memory:
                memory.seek(first)
                found += len(re.findall(content + b"-[0-9a-f]{32}", memory.read(last - first)))
    tell((len(seen), found))
"""


def test_no_picture_leaves_anything_for_the_next_one(room: Callable[..., Darkroom]) -> None:
    name, canary = token_hex(8).encode(), token_hex(16).encode()
    here = room(SEARCH)
    own = told(here, name + b"-" + canary)
    assert own[0] == 1
    assert told(here, name) == (1, 0)


def test_the_search_finds_what_is_there(room: Callable[..., Darkroom]) -> None:
    name, canary = token_hex(8).encode(), token_hex(16).encode()
    here = room("content = content.partition(b'+')[0]" + SEARCH)
    assert told(here, name + b"+" + name + b"-" + canary)[1] > 0


def test_a_machine_that_is_too_busy_asks_to_send_again(
    room: Callable[..., Darkroom], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = room("time.sleep(60)")
    assert here.develop(SMALL)[0].width == 16
    server = server_of(here)
    monkeypatch.setattr(darkroom, "_LONGEST_WAIT_S", 0.01)
    monkeypatch.setattr(forks, "_LONGEST_DRAWING_S", 0.3)
    with here._seat(), pytest.raises(Unavailable, match="too many photos"):
        here.develop(SMALL)
    with pytest.raises(Unavailable, match="in time"):
        here.develop(STRANGE)
    assert alive(server) == []
    monkeypatch.setattr(forks, "_LONGEST_DRAWING_S", 60)
    assert here.develop(SMALL)[0].width == 16


def test_a_fork_server_that_ended_is_started_again(room: Callable[..., Darkroom]) -> None:
    here = room("os.kill(os.getppid(), 9)")
    with pytest.raises(Unavailable, match="just now; send the same again"):
        here.develop(STRANGE)
    assert here.develop(SMALL)[0].width == 16
    server = server_of(here)
    os.kill(server, signal.SIGKILL)
    await_end(server)
    assert here.develop(SMALL)[0].width == 16


def test_what_is_not_installed_is_told(
    room: Callable[..., Darkroom], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(darkroom, "missing_extra", lambda: "type `make photos`")
    with pytest.raises(Unavailable, match="type `make photos`"):
        room("", before="raise ImportError").develop(SMALL)


def test_the_fork_server_ends_with_its_darkroom(room: Callable[..., Darkroom]) -> None:
    here = room("")
    here.develop(SMALL)
    server = server_of(here)
    assert alive(server) == [str(server)]
    del here
    gc.collect()
    assert alive(server) == []


def test_the_fork_server_ends_with_a_web_process_that_is_killed() -> None:
    script = """
import os
from server.photos.darkroom import Darkroom
from tests.server.photos.test_fork_server import SMALL, server_of
room = Darkroom(2**20)
room.develop(SMALL)
print(server_of(room), flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    assert done.returncode == -signal.SIGKILL
    await_end(int(done.stdout))
