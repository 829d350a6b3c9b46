import os
import shutil
import signal
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from server import cluster as embedded
from server.cluster.embedded import Cluster


@pytest.fixture(scope="session")
def home():
    """A HOME with a cluster that is not running; tests share it and leave it whole and stopped."""
    with top_folder() as top:
        embedded.ensure(top / "home", durable=False).stop()
        yield top / "home"


@pytest.fixture
def empty_home():
    """A HOME that is not there yet."""
    with top_folder() as top:
        yield top / "home"


@contextmanager
def top_folder():
    """Yield a folder short enough for a socket and open to PostgreSQL's account; nothing outlives it."""
    top = Path(tempfile.mkdtemp(prefix="sa-", dir="/tmp"))
    top.chmod(0o755)
    try:
        yield top
    finally:
        end_postmaster(top / "home")
        shutil.rmtree(top)


def end_postmaster(home):
    pid = Cluster(home).postmaster_pid()
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
