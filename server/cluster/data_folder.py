"""The data folder of the embedded cluster: made aside and moved into place whole, or not at all."""

import os
import shutil
from pathlib import Path

from server.cluster.account import Account
from server.cluster.binaries import Binaries
from server.cluster.databases import SUPERUSER
from server.cluster.errors import ClusterError

INITDB = (
    # Order by code point never changes with the system's locale library, so indexes stay true.
    *("--encoding=UTF8", "--locale=C"),
    # Whoever may enter the folder of the socket is in; nobody else can reach it.
    *("--auth-local=trust", "--auth-host=reject"),
    *("--data-checksums", f"--username={SUPERUSER}"),
)
_KEPT = "data-replaced-"
# Appended once to postgresql.conf, where an operator may change it; a machine with 2 GB is meant.
CONFIGURATION = """
# safeaudit
max_connections = 60
shared_buffers = '256MB'
effective_cache_size = '1GB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_filename = 'postgresql-%a.log'
log_rotation_age = '1d'
log_rotation_size = 0
log_truncate_on_rotation = on
# Statements and details of errors hold what people wrote and where they were.
log_error_verbosity = terse
log_min_error_statement = panic
"""


def major(data: Path) -> int | None:
    """Return the PostgreSQL major version that made a data folder, None where there is no folder.

    Raises `ClusterError` where the folder is something else, or is not there for a reason.
    """
    if not data.exists():
        if replaced := kept(data):
            raise ClusterError(
                f"{data} is missing: a move to another PostgreSQL was cut off. Type: mv {replaced[-1]} {data}"
            )
        return None
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"{data} is no PostgreSQL data folder ({error}). Move it away, or put it back from a backup."
        ) from error


def make(data: Path, *, account: Account, binaries: Binaries, durable: bool) -> None:
    """Leave a new data folder behind, complete and on disk; what a killed attempt left is removed first."""
    aside = data.with_name("data.new")
    if aside.exists():
        shutil.rmtree(aside)
    hasty = () if durable else ("--no-sync",)
    done = account.run([binaries["initdb"], "-D", str(aside), *INITDB, *hasty])
    if done.returncode != 0:
        raise ClusterError(f"initdb could not make {aside}: {(done.stderr or done.stdout).strip()[-800:]}")
    _append(aside / "postgresql.conf", CONFIGURATION)
    aside.rename(data)
    _sync(data.parent)


def kept(data: Path) -> list[Path]:
    """Return the folders that `replace` left beside a data folder, the oldest first."""
    return sorted(data.parent.glob(f"{_KEPT}*"), key=_number)


def replace(data: Path, other: Path) -> Path:
    """Put another data folder in place of one, both of ended clusters; return where the one is kept.

    A crash in between leaves no data folder, which `major` then refuses with the remedy.
    """
    before = kept(data)
    aside = data.with_name(f"{_KEPT}{_number(before[-1]) + 1 if before else 1}")
    data.rename(aside)
    other.rename(data)
    _sync(data.parent)
    return aside


def _number(folder: Path) -> int:
    return int(folder.name.removeprefix(_KEPT))


def _append(file: Path, text: str) -> None:
    # Root writes in a folder of another account, so a planted link must not lead it elsewhere.
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
