"""Files of submissions that meet a withdrawal or an erasure in the very same moment, in either order."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, insert, text

from server.cities import City
from server.database import Database
from server.errors import NotAuthenticated
from server.intake.xform import read_submission
from server.models.device import device
from server.photos.album import Folder
from server.services import keep_photo
from server.services.erase_device import erase_device
from server.services.keep_attachments import keep_attachments
from server.services.keep_photo import Studio
from server.services.receive_submission import Delivery, receive_submission
from server.services.submit_audits import Sender
from server.services.withdraw_audit import withdraw_audit
from tests.collect.forms import fill
from tests.conftest import Meanwhile
from tests.server.services.test_keep_photo import Mirror

AUDIT = uuid4()
SECRET = b"a secret of the tests"
FILE = ("1.jpg", b"a photo, as the darkroom of these tests sees it")


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


@pytest.fixture
def keep(database: Database, city: City, phone: UUID, tmp_path: Path) -> Callable[[], None]:
    """Return what keeps the file that came with a record, which is here already."""
    xml = fill(
        city.xforms["safetipin-9"].xml,
        {
            "location": "28.6139 77.2090 212.0 8.0",
            "observed_at": "2026-11-20T19:42:00.000+05:30",
            "answers/lighting": "1",
        },
        instance_id=f"uuid:{AUDIT}",
    )
    sender = Sender(device_id=phone)
    delivery = Delivery(xml=xml, submission=read_submission(xml), files=[FILE])
    with database.transaction() as connection:
        received = receive_submission(
            connection,
            city=city,
            sender=sender,
            delivery=delivery,
            secret=SECRET,
            now=datetime(2026, 11, 20, 15, tzinfo=UTC),
        )
    assert received.status == "created"
    studio = Studio(database=database, album=Folder(tmp_path / "photos"), darkroom=Mirror())  # type: ignore[arg-type]
    return partial(keep_attachments, studio, city=city, sender=sender, delivery=delivery, received=received)


def left(database: Database) -> tuple[int, ...]:
    """Return how many submissions still have their XML, and how many attachments and photos there are."""
    with database.transaction() as connection:
        query = (
            "SELECT (SELECT count(xml) FROM submission), (SELECT count(*) FROM attachment), "
            "(SELECT count(*) FROM photo)"
        )
        return tuple(connection.execute(text(query)).one())


def acts(database: Database, city: City, phone: UUID) -> dict[str, Callable[[Connection], None]]:
    return {
        "withdrawn": lambda connection: withdraw_audit(
            connection, city_id=city.city_id, device_id=phone, audit_id=AUDIT
        ),
        "erased": lambda connection: erase_device(connection, city_id=city.city_id, device_id=phone),
    }


@pytest.mark.parametrize("act", ["withdrawn", "erased"])
def test_a_file_that_came_just_before_goes_too(
    database: Database,
    city: City,
    phone: UUID,
    keep: Callable[[], None],
    meanwhile: Meanwhile,
    monkeypatch: pytest.MonkeyPatch,
    act: str,
) -> None:
    """Hold the photo's transaction open just before its commit, and begin the act then."""
    results = []

    def take_back() -> None:
        with database.transaction() as connection:
            acts(database, city, phone)[act](connection)

    real = keep_photo.insert_photo

    def insert_and_wait(*told: object, **named: object) -> object:
        row = real(*told, **named)  # type: ignore[arg-type]
        results.append(meanwhile(take_back))
        return row

    monkeypatch.setattr(keep_photo, "insert_photo", insert_and_wait)
    with suppress(NotAuthenticated):
        keep()
    results[0]()
    assert left(database) == (0, 0, 0)


@pytest.mark.parametrize("act", ["withdrawn", "erased"])
def test_a_file_that_comes_just_after_is_not_kept(
    database: Database, city: City, phone: UUID, keep: Callable[[], None], meanwhile: Meanwhile, act: str
) -> None:
    def send() -> object:
        try:
            return keep()
        except NotAuthenticated:
            return "refused"

    with database.transaction() as connection:
        acts(database, city, phone)[act](connection)
        result = meanwhile(send)
    assert result() == {"withdrawn": None, "erased": "refused"}[act]
    assert left(database) == (0, 0, 0)


def test_a_file_is_kept_where_nothing_comes_between(database: Database, keep: Callable[[], None]) -> None:
    keep()
    keep()
    assert left(database) == (1, 1, 1)
