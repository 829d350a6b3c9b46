"""Audits that are corrected, withdrawn, or sent by somebody who turns out a minor, in the same moment."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec import structs
from sqlalchemy import Connection

from server.audit_store import OnConnection
from server.cities import City
from server.database import Database
from server.errors import Conflict
from server.intake.content import AuditContent
from server.queries.audits import list_versions
from server.services.change_device import change_device, forget_comments_and_photos
from server.services.correct_audit import correct_audit
from server.services.submit_audits import Sender, submit_audits
from server.services.withdraw_audit import withdraw_audit
from tests.conftest import Meanwhile
from tests.server.services.test_submit_audits import NOW, SECRET, _content, _enrol, _rows, _submit

Act = Callable[[Connection], object]


@pytest.fixture
def sender(database: Database, city: City) -> Sender:
    return _enrol(database, city)


@pytest.fixture
def kept(database: Database, city: City, sender: Sender) -> AuditContent:
    content = _content(city)
    _submit(database, city, sender, content)
    return content


def correcting(city: City, sender: Sender, content: AuditContent, comment: str) -> Act:
    changed = structs.replace(content, comment=comment)
    said = {"city": city, "sender": sender, "content": changed, "secret": SECRET, "now": NOW}
    return lambda connection: correct_audit(connection, **said)


def withdrawing(city: City, sender: Sender, content: AuditContent) -> Act:
    own = {"city_id": city.city_id, "device_id": sender.device_id, "audit_id": content.id}
    return lambda connection: withdraw_audit(connection, **own)


def committed(database: Database, act: Act) -> str:
    try:
        with database.transaction() as connection:
            act(connection)
    except Conflict:
        return "conflict"
    return "done"


def assert_withdrawn(database: Database, content: AuditContent) -> None:
    rows = _rows(database, content.id)
    assert [row.state for row in rows] == ["kept"] * (len(rows) - 1) + ["withdrawn"]
    assert {(row.comment, row.location, row.ratings, row.observed_at) for row in rows} == {(None,) * 4}


def test_a_correction_just_before_a_withdrawal_does_not_outlive_it(
    database: Database, city: City, sender: Sender, kept: AuditContent, meanwhile: Meanwhile
) -> None:
    withdraw = withdrawing(city, sender, kept)
    with database.transaction() as connection:
        correcting(city, sender, kept, "lit now")(connection)
        result = meanwhile(lambda: committed(database, withdraw))
    assert result() == "done"
    assert_withdrawn(database, kept)


def test_a_correction_just_after_a_withdrawal_is_refused(
    database: Database, city: City, sender: Sender, kept: AuditContent, meanwhile: Meanwhile
) -> None:
    correct = correcting(city, sender, kept, "lit now")
    with database.transaction() as connection:
        withdrawing(city, sender, kept)(connection)
        result = meanwhile(lambda: committed(database, correct))
    assert result() == "conflict"
    assert_withdrawn(database, kept)


def test_of_many_corrections_and_a_withdrawal_at_once_the_withdrawal_stays(
    database: Database, city: City, sender: Sender
) -> None:
    contents = [_content(city) for _ in range(12)]
    _submit(database, city, sender, *contents)
    acts = [(withdrawing(city, sender, content), content) for content in contents] + [
        (correcting(city, sender, content, f"again {number}"), content)
        for content in contents
        for number in range(4)
    ]
    random.Random(1).shuffle(acts)
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda act: committed(database, act[0]), acts))
    assert {"done", "conflict"} >= set(done)
    for content in contents:
        assert_withdrawn(database, content)
        with database.transaction() as connection:
            versions = list_versions(connection, city_id=city.city_id, ids=[content.id])[content.id]
        assert [version.version for version in versions] == list(range(1, len(versions) + 1))


@pytest.fixture
def of_age(database: Database, city: City, sender: Sender) -> None:
    say_age(database, city, sender, "25_39")


def say_age(database: Database, city: City, sender: Sender, band: str) -> None:
    with database.transaction() as connection:
        change_device(
            connection,
            city_id=city.city_id,
            device_id=sender.device_id,
            values={},
            profile={"age_band": band},
        )


def forgetting(city: City, sender: Sender) -> Act:
    return lambda connection: forget_comments_and_photos(
        connection, city_id=city.city_id, device_id=sender.device_id
    )


@pytest.mark.usefixtures("of_age")
def test_a_comment_that_is_being_kept_when_a_minor_says_so_goes_too(
    database: Database, city: City, sender: Sender, meanwhile: Meanwhile
) -> None:
    content = _content(city)
    with database.transaction() as connection:
        submit_audits(
            OnConnection(connection), city=city, sender=sender, contents=[content], secret=SECRET, now=NOW
        )
        say_age(database, city, sender, "under_18")
        result = meanwhile(lambda: committed(database, forgetting(city, sender)))
    result()
    [row] = _rows(database, content.id)
    assert (row.comment, row.flags) == (None, ["dropped"])
