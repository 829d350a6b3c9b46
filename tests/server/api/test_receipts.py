"""Erasing by receipt: for phones that have no token to do it with, and for no others."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.server.api.collectors import Phone, Rows, message
from tests.server.api.people import Person, audit

ADDRESS = "/api/v1/receipts"
RECEIPT = "Receipt code: "


@pytest.fixture
def walk(omar: Person) -> str:
    """The token of a walk's link."""
    now = datetime.now(UTC)
    times = {"from": (now - timedelta(hours=1)).isoformat(), "to": (now + timedelta(hours=1)).isoformat()}
    return str(omar.post("campaigns", {"name": "Walk", **times}).json["token"])


def receipt_of(phone: Phone, xml: bytes) -> str:
    """Return the code that Collect shows after sending."""
    nature, words = message(phone.send(xml))
    assert nature
    return words.partition(RECEIPT)[2]


def test_one_receipt_erases_all_that_a_walks_phone_sent_and_nothing_of_others(
    walk: str, stranger: Person, rows: Rows
) -> None:
    mine, other = (Phone(stranger, walk, device_id=name) for name in ("collect:a", "collect:b"))
    first, second = mine.filled(comment="the old mill"), mine.filled(comment="the weir")
    receipts = [receipt_of(mine, xml) for xml in (first, second)]
    kept = receipt_of(other, other.filled())
    assert mine.send(mine.filled(answers__lighting="9")).status_code == 202, "quarantined: it has no receipt"
    for _ in range(2):
        assert stranger.post(ADDRESS, {"receipt": receipts[0], "action": "erase"}).status_code == 204
    states = [
        stranger.post(ADDRESS, {"receipt": one, "action": "show"}).json["status"] for one in (*receipts, kept)
    ]
    assert states == ["erased", "erased", "kept"]
    assert rows("SELECT count(xml) AS n FROM submission") == [{"n": 1}]
    assert rows("SELECT count(comment) AS n FROM audit") == [{"n": 0}]
    assert mine.send(first).status_code == 201, "a late resend is acknowledged"
    assert rows("SELECT count(*) AS n FROM audit WHERE comment IS NOT NULL") == [{"n": 0}]


def test_who_has_a_token_erases_by_it_alone(amina: Person, stranger: Person) -> None:
    sent = audit()
    receipt = amina.post("audits", sent).json["receipt"]
    assert stranger.post(ADDRESS, {"receipt": receipt, "action": "erase"}).status_code == 409
    assert amina.get(f"audits/{sent['id']}").json["status"] == "kept"
