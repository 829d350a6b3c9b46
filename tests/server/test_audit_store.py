"""Parcels that come together share a statement, and none of them suffers for another."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
import pytest
from msgspec import structs
from sqlalchemy import text

from server.audit_store import GroupCommit
from server.cities import City
from server.database import Database, connect
from server.intake.content import AuditContent
from server.services.submit_audits import Outcome, Sender, SenderChanged, submit_audits
from tests.server.services.test_submit_audits import NOW, SECRET, _content, _enrol


@dataclass(frozen=True)
class Crowd:
    """Senders whose first statement is held back until all others wait behind it."""

    store: Database
    city: City
    pool: ThreadPoolExecutor
    group: GroupCommit

    def submit(self, sender: Sender, *contents: AuditContent) -> list[Outcome]:
        return submit_audits(
            self.group, city=self.city, sender=sender, contents=contents, secret=SECRET, now=NOW
        )

    def send(
        self,
        first: tuple[Sender, AuditContent],
        *others: tuple[Sender, AuditContent],
        before: Callable[[], object] = lambda: None,
    ) -> list[Future[list[Outcome]]]:
        """Return what comes of the first, and of the others that gathered while it ran."""
        with self.store.transaction() as connection:
            holding = text("SELECT 1 FROM device WHERE device_id = :id FOR UPDATE")
            connection.execute(holding, {"id": first[0].device_id})
            sent = [self.pool.submit(self.submit, *first)]
            _until(self._first_waits)
            sent += [self.pool.submit(self.submit, *one) for one in others]
            _until(lambda: len(self.group._waiting) == len(others))
            before()
        return sent

    def _first_waits(self) -> bool:
        with self.store.transaction() as connection:
            return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))

    def transactions(self) -> int:
        """Return by how many transactions the audits were kept."""
        with self.store.transaction() as connection:
            return int(connection.scalar(text("SELECT count(DISTINCT xmin::text) FROM audit")) or 0)


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def crowd(database: Database, database_url: str, city: City) -> Iterator[Crowd]:
    own = connect(database_url, pool_size=2)
    with ThreadPoolExecutor(20) as pool:
        yield Crowd(database, city, pool, GroupCommit(own))
    own.dispose()


def test_parcels_that_wait_are_kept_by_one_transaction(crowd: Crowd) -> None:
    parcels = [(_enrol(crowd.store, crowd.city), _content(crowd.city)) for _ in range(13)]
    sent = crowd.send(*parcels)
    told = [future.result(10) for future in sent]
    assert [(one.id, one.status) for [one] in told] == [(content.id, "created") for _, content in parcels]
    assert crowd.transactions() == 2


def test_one_device_and_one_id_go_by_statements_of_their_own(crowd: Crowd) -> None:
    amina, bela, city = _enrol(crowd.store, crowd.city), _enrol(crowd.store, crowd.city), crowd.city
    content = _content(city)
    sent = crowd.send(
        (_enrol(crowd.store, city), _content(city)),
        (amina, content),
        (amina, content),
        (bela, content),
        (amina, structs.replace(content, comment="lit now")),
        (amina, _content(city)),
    )
    told = [future.result(10)[0].status for future in sent[1:5]]
    # Whichever comes first is kept; all that differ from it conflict.
    assert told.count("created") == 1
    assert set(told) <= {"created", "duplicate", "conflict"}
    assert sent[5].result(10)[0].status == "created"


def test_whoever_was_erased_holds_nobody_back(crowd: Crowd) -> None:
    parcels = [(_enrol(crowd.store, crowd.city), _content(crowd.city)) for _ in range(4)]
    gone = parcels[2][0]

    def erase() -> None:
        with crowd.store.transaction() as connection:
            values = {"id": gone.device_id}
            connection.execute(text("UPDATE device SET erased_at = now() WHERE device_id = :id"), values)

    first, second, erased, fourth = crowd.send(*parcels, before=erase)
    with pytest.raises(SenderChanged):
        erased.result(10)
    assert [one.result(10)[0].status for one in (first, second, fourth)] == ["created"] * 3
    assert crowd.transactions() == 2


def test_a_statement_that_fails_is_an_error_of_one_sender_alone(crowd: Crowd) -> None:
    parcels = [(_enrol(crowd.store, crowd.city), _content(crowd.city)) for _ in range(5)]
    parcels[2] = parcels[2][0], structs.replace(parcels[2][1], accuracy_m=1e300)
    first, second, broken, *others = crowd.send(*parcels)
    with pytest.raises(psycopg.DataError):
        broken.result(10)
    assert [one.result(10)[0].status for one in (first, second, *others)] == ["created"] * 4


def test_a_lost_connection_is_told_and_the_same_again_is_kept_once(crowd: Crowd) -> None:
    parcels = [(_enrol(crowd.store, crowd.city), _content(crowd.city)) for _ in range(3)]

    def cut() -> None:
        with crowd.store.transaction() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            )

    first, *others = crowd.send(*parcels, before=cut)
    assert isinstance(first.exception(10), psycopg.OperationalError)
    assert [one.result(10)[0].status for one in others] == ["created"] * 2
    assert crowd.submit(*parcels[0])[0].status == "created"
    assert [crowd.submit(*parcel)[0].status for parcel in parcels] == ["duplicate"] * 3
