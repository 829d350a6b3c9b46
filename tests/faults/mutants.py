"""Servers that break their promises on purpose: a check that lets one pass checks nothing.

A server started with one of these names in FAULTS_MUTANT runs so (tests/faults/mutated/sitecustomize.py).
"""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from server import audit_store
from server.api import audits, reading, slow_bodies
from server.backup import make, restore, store
from server.photos import album
from server.prepared import Prepared
from server.queries import arrivals
from server.queries.arrivals import Inserted

MUTANT = "FAULTS_MUTANT"


def acknowledges_before_commit() -> None:
    """Answer at once, and keep the audits half a second later."""
    keep = audit_store.GroupCommit.insert

    def insert(self: Any, **given: Any) -> Inserted:
        threading.Timer(0.5, keep, [self], given).start()
        return Inserted(datetime.now(UTC), frozenset())

    audit_store.GroupCommit.insert = insert  # type: ignore[method-assign]


def takes_errors_for_success() -> None:
    """Say that audits are kept, whatever the store says."""
    keep = audit_store.GroupCommit.insert

    def insert(self: Any, **given: Any) -> Any:
        try:
            return keep(self, **given)
        except Exception:
            return Inserted(datetime.now(UTC), frozenset())

    audit_store.GroupCommit.insert = insert  # type: ignore[method-assign]


def has_no_key() -> None:
    """Insert without the key that makes sending idempotent; the campaign drops it."""
    _change_insert("ON CONFLICT DO NOTHING", "")


def overwrites() -> None:
    """Let the later of two contents under one id win."""
    _change_insert(
        "ON CONFLICT DO NOTHING",
        "ON CONFLICT (city_id, audit_id, version) DO UPDATE SET ratings = EXCLUDED.ratings, "
        "content_hash = EXCLUDED.content_hash",
    )


def believes_the_phone_s_clock() -> None:
    """Take the time of observation for that of arrival."""
    _change_insert("used, flags)\n    SELECT", "used, flags, received_at)\n    SELECT")
    _change_insert("a.used, a.flags\n", "a.used, a.flags, COALESCE(a.observed_at, now())\n")


def reads_json_leniently() -> None:
    """Read JSON as Python's own reader does."""
    reading.strict_loads = json.loads


def drops_the_last_of_a_batch() -> None:
    """Keep all audits of a batch but the last, and acknowledge them all."""
    submit = audits._submit

    def all_but_one(town: Any, contents: Any) -> Any:
        kept = submit(town, contents[:-1])
        return (
            [*kept, msgspec.structs.replace(kept[-1], id=contents[-1].id)] if kept else submit(town, contents)
        )

    audits._submit = all_but_one


def waits_for_every_body() -> None:
    """Let bodies come as slowly as they like, each on one of the threads that answer."""

    def read(self: Any, size: int = -1, /) -> bytes:
        return self._input.read(size)  # type: ignore[no-any-return]

    slow_bodies._Body.read = read  # type: ignore[method-assign]
    slow_bodies.MOST = 0


def loses_a_photo() -> None:
    """Say that a photo is kept when it cannot be written."""
    put = album.Folder.put

    def careless(self: Any, name: str, content: bytes) -> None:
        try:
            put(self, name, content)
        except Exception:
            return

    album.Folder.put = careless  # type: ignore[method-assign]


def backs_up_too_little() -> None:
    """Leave the audits out of backups, and the fingerprints that would tell."""
    run = store._run

    def without_audits(command: list[str], url: str) -> None:
        run([*command, "--exclude-table-data=audit"] if "pg_dump" in command[0] else command, url)

    def unseen(_: Any) -> dict[str, Any]:
        return {}

    store._run = without_audits
    make.fingerprints = restore.fingerprints = unseen


def _change_insert(before: str, after: str) -> None:

    sql = arrivals._INSERT.sql
    assert before in sql, before
    arrivals._INSERT = Prepared(sql.replace(before, after))


MUTANTS: dict[str, Callable[[], None]] = {
    act.__name__: act
    for act in (
        acknowledges_before_commit,
        takes_errors_for_success,
        has_no_key,
        overwrites,
        believes_the_phone_s_clock,
        reads_json_leniently,
        drops_the_last_of_a_batch,
        waits_for_every_body,
        loses_a_photo,
        backs_up_too_little,
    )
}
