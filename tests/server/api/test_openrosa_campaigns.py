"""Walks of phones with Collect: who is who, practice, and what comes after the end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from server.database import Database
from tests.server.api.collectors import OTHER, PHOTO, Phone, Rows, message, quarantine, standing
from tests.server.api.people import Person


@pytest.fixture
def walk(omar: Person) -> Callable[..., str]:
    """Open a walk and return its token."""

    def open_walk(**times: timedelta) -> str:
        now = datetime.now(UTC)
        begin, end = (times.get(name, timedelta(hours=hours)) for name, hours in (("begin", -1), ("end", 2)))
        asked = {"name": "Walk", "from": (now + begin).isoformat(), "to": (now + end).isoformat()}
        return str(omar.post("campaigns", asked).json["token"])

    return open_walk


def now_text() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def test_each_phone_of_a_campaign_is_an_auditor_of_its_own(
    walk: Callable[..., str], omar: Person, stranger: Person, rows: Rows
) -> None:
    token = walk()
    for phone in [Phone(stranger, token, f"collect:{number}") for number in range(40)]:
        for _ in range(2):
            assert phone.send(phone.filled(observed_at=now_text())).status_code == 201
    audits = standing(rows)
    assert (len(audits), len({audit["device_id"] for audit in audits})) == (80, 40)
    assert all(audit["used"] for audit in audits)
    assert rows("SELECT count(*) AS n FROM device WHERE token_hash IS NULL AND campaign_id IS NOT NULL") == [
        {"n": 40}
    ]
    [campaign] = omar.get("campaigns").json["campaigns"]
    phones = omar.get(f"campaigns/{campaign['campaign']}").json["phones"]
    assert (phones["enrolled"], phones["sent"]) == (40, 40)
    assert b"collect:" not in str(rows("SELECT * FROM device")).encode()


@pytest.mark.usefixtures("photos_on")
def test_the_organiser_sees_of_how_many_phones_photos_are_still_to_come(
    walk: Callable[..., str], omar: Person, stranger: Person
) -> None:
    token = walk()
    for number in range(3):
        phone = Phone(stranger, token, f"collect:{number}")
        xml = phone.filled(observed_at=now_text(), photos__photo_1="1.jpg", photos__photo_2="2.jpg")
        assert phone.send(xml, ("1.jpg", PHOTO), incomplete=True).status_code == 201
        if number == 0:
            assert phone.send(xml, ("2.jpg", OTHER)).status_code == 201
    [campaign] = omar.get("campaigns").json["campaigns"]
    phones = omar.get(f"campaigns/{campaign['campaign']}").json["phones"]
    assert phones == {"enrolled": 3, "sent": 3, "waiting": 2, "done": 0}


def test_practice_before_the_walk_is_not_used(walk: Callable[..., str], stranger: Person, rows: Rows) -> None:
    phone = Phone(stranger, walk(begin=timedelta(hours=1), end=timedelta(hours=3)))
    assert phone.send(phone.filled(observed_at=now_text())).status_code == 201
    assert [audit["flags"] for audit in standing(rows)] == [["practice"]]


@pytest.mark.parametrize("ended", ["closed", "long over"])
def test_after_a_walk_its_phones_still_send_and_new_ones_are_kept_apart(
    walk: Callable[..., str], database: Database, stranger: Person, rows: Rows, ended: str
) -> None:
    was_there = Phone(stranger, walk(), "collect:1")
    newcomer = replace(was_there, device_id="collect:2")
    assert was_there.send(was_there.filled(observed_at=now_text())).status_code == 201
    change = (
        "closed_at = now()"
        if ended == "closed"
        else "starts_at = now() - interval '9 day', ends_at = now() - interval '8 day'"
    )
    with database.transaction() as connection:
        connection.execute(text(f"UPDATE campaign SET {change}"))
    assert was_there.send(was_there.filled(observed_at=now_text())).status_code == 201
    for _ in range(2):
        answer = newcomer.send(newcomer.filled(observed_at=now_text()))
        assert (answer.status_code, "walk is over" in message(answer)[1]) == (202, True)
    assert len(standing(rows)) == 2
    assert quarantine(rows) == [None, None, "campaign_over", "campaign_over"]
    assert rows("SELECT count(*) AS n FROM device WHERE campaign_id IS NOT NULL") == [{"n": 1}]


def test_a_campaigns_phone_that_was_revoked_is_refused(
    walk: Callable[..., str], database: Database, stranger: Person
) -> None:
    phone = Phone(stranger, walk())
    sent, further = (phone.filled(observed_at=now_text()) for _ in range(2))
    assert phone.send(sent).status_code == 201
    with database.transaction() as connection:
        connection.execute(text("UPDATE device SET revoked_at = now()"))
    assert phone.send(further).status_code == 401
