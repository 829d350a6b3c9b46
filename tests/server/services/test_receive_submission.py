"""Submissions that meet a withdrawal or an erasure in the very same moment, in either order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, insert, text

from server.cities import City
from server.database import Database
from server.errors import NotAuthenticated
from server.intake.xform import read_submission
from server.models.device import device
from server.services.erase_device import erase_device
from server.services.receive_submission import Acknowledgement, Delivery, receive_submission
from server.services.submit_audits import Sender
from server.services.withdraw_audit import withdraw_audit
from tests.collect.forms import fill
from tests.conftest import Meanwhile

AUDIT = uuid4()
SECRET = b"a secret of the tests"
FILE = ("1.jpg", b"a photo")


@pytest.fixture
def city(city: City) -> City:
    """The city takes photos."""
    return replace(city, settings={"photos": True})


@pytest.fixture
def phone(database: Database, city: City) -> UUID:
    device_id = uuid4()
    with database.transaction() as connection:
        connection.execute(insert(device).values(city_id=city.city_id, device_id=device_id, origin="phone"))
    return device_id


Receive = Callable[..., Acknowledgement]


@pytest.fixture
def receive(database: Database, city: City, phone: UUID) -> Receive:
    """Return what receives the same record again and again; it is here once already."""
    xml = fill(
        city.xforms["safetipin-9"].xml,
        {
            "location": "28.6139 77.2090 212.0 8.0",
            "observed_at": "2026-11-20T19:42:00.000+05:30",
            "answers/lighting": "1",
        },
        instance_id=f"uuid:{AUDIT}",
    )

    def receive_it(connection: Connection, *files: tuple[str, bytes]) -> Acknowledgement:
        # A part of a split post: it changes nothing but the attachments.
        delivery = Delivery(xml=xml, submission=read_submission(xml), files=files, complete=False)
        return receive_submission(
            connection,
            city=city,
            sender=Sender(device_id=phone),
            delivery=delivery,
            secret=SECRET,
            now=datetime(2026, 11, 20, 15, tzinfo=UTC),
        )

    with database.transaction() as connection:
        assert receive_it(connection).status == "created"
    return receive_it


def left(database: Database) -> tuple[int, int]:
    """Return how many submissions still have their XML, and how many attachments there are."""
    with database.transaction() as connection:
        query = "SELECT (SELECT count(xml) FROM submission), (SELECT count(*) FROM attachment)"
        row = connection.execute(text(query)).one()
    return row[0], row[1]


def acts(database: Database, city: City, phone: UUID) -> dict[str, Callable[[Connection], None]]:
    return {
        "withdrawn": lambda connection: withdraw_audit(
            connection, city_id=city.city_id, device_id=phone, audit_id=AUDIT
        ),
        "erased": lambda connection: erase_device(connection, city_id=city.city_id, device_id=phone),
    }


@pytest.mark.parametrize("act", ["withdrawn", "erased"])
def test_an_attachment_that_came_just_before_goes_too(
    database: Database, city: City, phone: UUID, receive: Receive, meanwhile: Meanwhile, act: str
) -> None:
    def take_back() -> None:
        with database.transaction() as connection:
            acts(database, city, phone)[act](connection)

    with database.transaction() as connection:
        receive(connection, FILE)
        result = meanwhile(take_back)
    result()
    assert left(database) == (0, 0)


@pytest.mark.parametrize("act", ["withdrawn", "erased"])
def test_an_attachment_that_comes_just_after_is_not_kept(
    database: Database, city: City, phone: UUID, receive: Receive, meanwhile: Meanwhile, act: str
) -> None:
    def send() -> object:
        with database.transaction() as connection:
            try:
                return receive(connection, FILE).status
            except NotAuthenticated:
                return "refused"

    with database.transaction() as connection:
        acts(database, city, phone)[act](connection)
        result = meanwhile(send)
    assert result() == {"withdrawn": "duplicate", "erased": "refused"}[act]
    assert left(database) == (0, 0)
