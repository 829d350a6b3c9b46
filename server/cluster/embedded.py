"""A private PostgreSQL cluster under HOME: made once, started on need, ended by its last user."""

import hashlib
import os
import shlex
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from server.cluster import data_folder, databases, processes
from server.cluster.account import Account, account_for
from server.cluster.binaries import find
from server.cluster.errors import ClusterError
from server.cluster.lease import Lease, alone

# The address of a unix socket holds 104 bytes on macOS and 108 on Linux, the closing NUL included.
SOCKET_PATH_BYTES = 103
SOCKET = f".s.PGSQL.{databases.PORT}"
# Backends of a killed postmaster end when they next look up; until then PostgreSQL does not start again.
START_WAIT_S = 20
# Replaying the log after a crash takes as long as there is log: at most max_wal_size, 1 GB.
RECOVERY_WAIT_S = 300
STOP_WAIT_S = 60
# What was taken back leaves the write-ahead log too: a segment is left within the hour, and deleted, not kept
# to be written over, by the next checkpoint (of which PostgreSQL makes one in five minutes).
SHORT_LOG = ("wal_recycle=off", "archive_timeout=1h")
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Cluster:
    """The embedded PostgreSQL of one HOME, as one process holds it."""

    def __init__(self, home: Path, *, pg_bin: Path | None = None, durable: bool = True) -> None:
        self.home = home.resolve()
        self.folder = self.home / "postgres"
        self.data = self.folder / "data"
        self._pg_bin = pg_bin
        self._durable = durable
        self._lease = Lease(self.home / "postgres.lease")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """SQLAlchemy address of the database `safeaudit`."""
        return self.database_url(databases.OWNER)

    @property
    def socket(self) -> Path:
        """Folder of the unix socket: that of the cluster, or a short one where the path would be too long."""
        if len(os.fsencode(self.folder / SOCKET)) <= SOCKET_PATH_BYTES:
            return self.folder
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path("/tmp", f"safeaudit-{digest}")  # noqa: S108 - used only where `_own` finds it private

    def database_url(self, name: str) -> str:
        """Return the SQLAlchemy address of one database of this cluster."""
        return databases.url(self.socket, name)

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Create a database with PostGIS, or a copy of another one that has no connections."""
        databases.create(self.socket, name, template=template)

    def drop_database(self, name: str) -> None:
        """Remove a database if it is there, ending its connections."""
        databases.drop(self.socket, name)

    def start(self) -> None:
        """Leave PostgreSQL answering and held by this process; to be called again after it died.

        Raises `ClusterError` with the reason and the remedy.
        """
        self._make_home()
        with self._alone():
            self._hold()

    def stop(self) -> None:
        """Give the cluster up, and end PostgreSQL if no other process holds it; again is harmless."""
        if not self._lease.held:
            return
        with self._alone():
            self._let_go()

    @contextmanager
    def for_us_alone(self) -> Iterator[None]:
        """Have PostgreSQL running with nobody else using it or able to start it; it is ended afterwards.

        Raises `ClusterError` where another process uses it.
        """
        with self._alone():
            self._hold()
            try:
                if not self._lease.is_last():
                    raise ClusterError(
                        f"The database in {self.home} is in use: end `safeaudit up` and all other commands."
                    )
                yield
            finally:
                self._let_go()

    def put_in_place(self, other: Path) -> Path:
        """End PostgreSQL and put another data folder in place of this one's; return where that is kept.

        To be called `for_us_alone`.
        """
        self._halt()
        return data_folder.replace(self.data, other)

    def _hold(self) -> None:
        self._lease.take()
        try:
            if not self.is_ready():
                self._boot()
            databases.prepare(self.socket)
        except BaseException:
            self._lease.end()
            raise

    def _let_go(self) -> None:
        if self._lease.is_last() and self.postmaster_pid() is not None:
            self._halt()
        self._lease.end()

    def is_ready(self) -> bool:
        """Return whether PostgreSQL accepts connections, by the word of its socket and not of a pid file."""
        return databases.answers(self.socket)

    def postmaster_pid(self) -> int | None:
        """Return the process id of the running postmaster, None where there is none."""
        pid = processes.recorded_pid(self.data / processes.PID_FILE)
        return pid if pid is not None and processes.is_postmaster(pid, data=self.data) else None

    def _alone(self) -> AbstractContextManager[None]:
        return alone(self.home / "postgres.lock")

    def _make_home(self) -> None:
        try:
            # Root lends PostgreSQL another account, which must be able to pass through.
            self.home.mkdir(parents=True, exist_ok=True, mode=0o755 if os.geteuid() == 0 else 0o700)
        except OSError as error:
            raise ClusterError(
                f"SAFEAUDIT_HOME={self.home} cannot be made: {error.strerror}. Make it writable, or set "
                "SAFEAUDIT_HOME to a folder that is."
            ) from error

    def _boot(self) -> None:
        account = account_for(self.data)
        binaries = find(self._pg_bin, major=data_folder.major(self.data))
        for folder in dict.fromkeys((self.folder, self.socket)):
            _own(folder, account)
        account.require_entry(self.folder)
        if not self.data.exists():
            data_folder.make(self.data, account=account, binaries=binaries, durable=self._durable)
        begin = time.monotonic()
        while not self.is_ready():
            running = self.postmaster_pid() is not None
            if time.monotonic() - begin > (RECOVERY_WAIT_S if running else START_WAIT_S):
                raise ClusterError(
                    f"PostgreSQL does not start in {self.data}. Its last words: {self._last_words()}"
                )
            if not running:
                self._launch(account, pg_ctl=binaries["pg_ctl"])
            time.sleep(0.1)

    def _launch(self, account: Account, *, pg_ctl: str) -> None:
        processes.clear_stale(self.data / processes.PID_FILE, data=self.data)
        processes.clear_stale(self.socket / f"{SOCKET}.lock", data=self.data)
        options = (
            "listen_addresses=",
            f"port={databases.PORT}",
            f'unix_socket_directories="{self.socket}"',
            "unix_socket_permissions=0700",
            f"log_directory={self.folder}/log",
            *SHORT_LOG,
            *(() if self._durable else FORGETFUL),
        )
        told = " ".join(f"-c {shlex.quote(option)}" for option in options)
        wait = ("-s", "-w", "-t", str(RECOVERY_WAIT_S))
        account.run(
            [pg_ctl, "start", *wait, "-D", str(self.data), "-l", str(self._start_log), "-o", told],
            timeout_s=RECOVERY_WAIT_S + 30,
        )

    def _halt(self) -> None:
        account = account_for(self.data)
        pg_ctl = find(self._pg_bin, major=data_folder.major(self.data))["pg_ctl"]
        for mode in ("fast", "immediate"):
            wait = ("-s", "-w", "-t", str(STOP_WAIT_S))
            account.run([pg_ctl, "stop", *wait, "-D", str(self.data), "-m", mode], timeout_s=STOP_WAIT_S + 30)
            if self.postmaster_pid() is None:
                return
        raise ClusterError(
            f"PostgreSQL (process {self.postmaster_pid()}) does not end. See {self.folder}/log."
        )

    @property
    def _start_log(self) -> Path:
        return self.folder / "start.log"

    def _last_words(self) -> str:
        logs = [self._start_log, *(self.folder / "log").glob("*.log")]
        written = [log for log in logs if log.is_file()]
        if not written:
            return "none."
        newest = max(written, key=lambda log: log.stat().st_mtime)
        lines = newest.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
        return f"{' / '.join(lines)} ({newest})"


def _own(folder: Path, account: Account) -> None:
    """Leave a folder that belongs to an account and that nobody else may enter."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), account.uid):
            raise ClusterError(f"{folder} belongs to somebody else: look at it, then remove it.")
        if account.is_other:
            os.chown(folder, account.uid, account.gid)
        folder.chmod(0o700)
    except OSError as error:
        raise ClusterError(
            f"{folder} cannot be made: {error.strerror}. Make {folder.parent} writable for the user who runs "
            "safeaudit, or set SAFEAUDIT_HOME to another folder."
        ) from error
