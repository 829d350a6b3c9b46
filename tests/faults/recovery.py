"""A store brought back to a moment, by a base backup and the log streamed beside it (docs/backup.md)."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from server.cluster import ensure
from server.cluster.account import account_for
from server.cluster.binaries import find
from tests.faults.phones import GaveUpError, Ledger, document, enrol, exchange, rows, sending
from tests.faults.server import CITY, Home, Running

_AUDITS = "SELECT audit_id, md5(a::text) FROM audit AS a"
_TO_THE_MOMENT = "recovery_target_time = '{moment}'"
_NO_LOG = "recovery_target = 'immediate'"
_RECOVERY = """
hot_standby = off
restore_command = 'cp {log}/%f %p'
recovery_target_action = 'promote'
{target}
"""


def recovered(*, logged: bool = True) -> Callable[[Running, Ledger], None]:
    """Return what goes back to a moment before an erasure, and takes the erasure back anew."""

    def strike(up: Running, ledger: Ledger) -> None:
        archive = up.home.parent / "archive"
        erased, token = _one_to_be_erased(up, ledger)
        with sending(up.address, ledger):
            with _log_streamed(up, archive):
                ledger.await_recovery()
                _as_postgres(up, "pg_basebackup", "-D", str(archive / "base"), "--checkpoint=fast")
                time.sleep(3)
                before = set(ledger.acknowledged)
                [(moment,)] = rows(up, "SELECT clock_timestamp()")
                status, _ = exchange(up.address, "DELETE", f"{CITY}/devices/me", token=token)
                if status >= 300:
                    raise GaveUpError(f"the device could not be erased: {status}")
                time.sleep(2)
            ledger.await_recovery()
        target = _TO_THE_MOMENT.format(moment=moment.isoformat()) if logged else _NO_LOG
        other = _home_beside(up, archive, target)
        began = time.monotonic()
        _look_into(other, up, ledger, before=before, moment=moment, erased=erased)
        ledger.recovery_s = time.monotonic() - began

    return strike


def _one_to_be_erased(up: Running, ledger: Ledger) -> tuple[UUID, str]:
    token, id, answers = enrol(up.address), uuid4(), (1,) * 7
    ledger.send({id: answers})
    sent = document(id, answers) | {"comment": "a word that is taken back"}
    status, _ = exchange(up.address, "POST", f"{CITY}/audits", json.dumps(sent).encode(), token)
    if status != 201:
        raise GaveUpError(f"the audit was not kept: {status}")
    return id, token


@contextmanager
def _log_streamed(up: Running, archive: Path) -> Iterator[None]:
    """Keep the log in a folder meanwhile, as it is written."""
    log, account = archive / "log", account_for(up.home / "postgres" / "data")
    log.mkdir(parents=True)
    for folder in (archive, log):
        shutil.chown(folder, account.uid, account.gid)
    slot = ("-D", str(log), "--slot=archive")
    _as_postgres(up, "pg_receivewal", *slot, "--create-slot")
    command = [find()["pg_receivewal"], "-h", str(up.home / "postgres"), "-U", "postgres", *slot]
    receiving = subprocess.Popen([*command, "--synchronous"], user=account.uid, group=account.gid, cwd="/")
    try:
        yield
        up.as_superuser("SELECT pg_switch_wal()")
        time.sleep(1)
    finally:
        receiving.terminate()
        receiving.wait(30)
        up.as_superuser("SELECT pg_drop_replication_slot('archive')")


def _as_postgres(up: Running, program: str, *arguments: str) -> None:
    account = account_for(up.home / "postgres" / "data")
    socket = ("-h", str(up.home / "postgres"), "-U", "postgres")
    done = account.run([find()[program], *socket, *arguments])
    if done.returncode:
        raise GaveUpError(f"{program}: {done.stderr[-300:]}")


def _home_beside(up: Running, archive: Path, target: str) -> Home:
    """Return a HOME of the base backup, which PostgreSQL will bring to the target."""
    home = up.home.parent / "recovered"
    shutil.copytree(up.home, home, ignore=shutil.ignore_patterns("postgres", "postgres.*"))
    account = account_for(up.home / "postgres" / "data")
    log, data = archive / "log", home / "postgres" / "data"
    (home / "postgres").mkdir(mode=0o700)
    shutil.chown(home / "postgres", account.uid, account.gid)
    for cut in log.glob("*.partial"):
        cut.rename(cut.with_suffix(""))
    account.run(["cp", "-a", str(archive / "base"), str(data)])
    with (data / "postgresql.auto.conf").open("a") as configuration:
        configuration.write(_RECOVERY.format(log=log, target=target))
    account.run(["touch", str(data / "recovery.signal")])
    return replace(up.commands, path=home, environ=up.commands.environ | {"SAFEAUDIT_HOME": str(home)})


def _look_into(
    other: Home, up: Running, ledger: Ledger, *, before: set[UUID], moment: datetime, erased: UUID
) -> None:
    """Hold what was recovered against what was acknowledged before the moment, and against the erasure."""
    here = dict(rows(up, _AUDITS))
    with ensure(other.path) as cluster:
        found = dict(_asked(cluster.url, _AUDITS))
        [(later,)] = _asked(cluster.url, f"SELECT count(*) FROM audit WHERE received_at > '{moment}'")
        [(told_again,)] = _asked(cluster.url, _COMMENTS.format(id=erased))
    other.command("replay", str(up.home / "endings.log"))
    with ensure(other.path) as cluster:
        [(told_still,)] = _asked(cluster.url, _COMMENTS.format(id=erased))
    lost = before - found.keys()
    ledger.require(not lost, "restored", f"{len(lost)} of {len(before)} are not there")
    altered = sum(here[id] != found[id] for id in before & found.keys())
    ledger.require(not altered, "alike", f"{altered} rows came back otherwise")
    ledger.require(not later, "moment", f"{later} audits are later")
    ledger.require(told_again == 1, "moment", "what was erased later is not there")
    ledger.require(not told_still, "erased", "what was taken back is back")


_COMMENTS = "SELECT count(*) FROM audit WHERE audit_id = '{id}' AND comment IS NOT NULL"


def _asked(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type] # written here
