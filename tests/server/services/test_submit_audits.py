"""An acknowledged audit is kept once, whatever is sent again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from msgspec import structs
from sqlalchemy import insert, select, text

from server.audit_store import OnConnection
from server.cities import City
from server.database import Database
from server.errors import Conflict, NotThere
from server.intake.content import AuditContent
from server.intake.reading import Reader
from server.intake.receipts import proves, read_receipt
from server.models.audit import audit
from server.models.device import device
from server.queries.devices import put_profile
from server.services.correct_audit import correct_audit
from server.services.erase_device import erase_device
from server.services.redeem_receipt import redeem_receipt
from server.services.submit_audits import Outcome, Sender, SenderChanged, submit_audits
from server.services.withdraw_audit import withdraw_audit

SECRET = b"a secret of the test"
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@pytest.fixture
def sender(database: Database, city: City) -> Sender:
    return _enrol(database, city)


def _enrol(database: Database, city: City, *, minor: bool = False) -> Sender:
    device_id = uuid4()
    with database.transaction() as connection:
        connection.execute(insert(device).values(city_id=city.city_id, device_id=device_id, origin="phone"))
        age = {"age_band": "under_18"} if minor else {}
        put_profile(connection, city_id=city.city_id, device_id=device_id, values=age)
    return Sender(device_id=device_id, minor=minor)


def _content(city: City, **changes: object) -> AuditContent:
    document = {
        "id": str(uuid4()),
        "location": {"lat": 28.6139, "lng": 77.2090, "accuracy_m": 8.0},
        "observed_at": "2026-11-20T19:42:00+05:30",
        "answers": {"lighting": 1, "openness": 2, "feeling": 1},
        "comment": "dark under the bridge",
    }
    return Reader(city.instruments).audit(document | changes)


def _submit(database: Database, city: City, sender: Sender, *contents: AuditContent) -> list[Outcome]:
    with database.transaction() as connection:
        return submit_audits(
            OnConnection(connection), city=city, sender=sender, contents=contents, secret=SECRET, now=NOW
        )


def _rows(database: Database, id: UUID) -> list[object]:
    with database.transaction() as connection:
        return list(connection.execute(select(audit).where(audit.c.audit_id == id).order_by(audit.c.version)))


def test_the_first_sending_is_created_and_every_later_one_a_duplicate(
    database: Database, city: City, sender: Sender
) -> None:
    content = _content(city)
    first, second = (_submit(database, city, sender, content)[0] for _ in range(2))
    assert (first.status, second.status) == ("created", "duplicate")
    assert first.receipt == second.receipt
    assert first.received_at == second.received_at
    assert len(_rows(database, content.id)) == 1


def test_content_is_compared_after_parsing(database: Database, city: City, sender: Sender) -> None:
    id = str(uuid4())
    sent = _content(city, id=id, answers={"lighting": 1, "openness": 2})
    again = _content(
        city,
        id=id.upper(),
        observed_at="2026-11-20T14:12:00Z",
        answers={"openness": 2.0, "lighting": 1, "people": None},
        mode=None,
    )
    assert [outcome.status for outcome in _submit(database, city, sender, sent)] == ["created"]
    assert [outcome.status for outcome in _submit(database, city, sender, again)] == ["duplicate"]


def test_other_content_or_another_device_under_the_same_id_is_a_conflict(
    database: Database, city: City, sender: Sender
) -> None:
    content = _content(city)
    _submit(database, city, sender, content)
    assert (
        _submit(database, city, sender, structs.replace(content, comment="lit now"))[0].status == "conflict"
    )
    assert _submit(database, city, _enrol(database, city), content)[0].status == "conflict"
    assert len(_rows(database, content.id)) == 1


def test_one_batch_that_repeats_an_id_keeps_the_first(database: Database, city: City, sender: Sender) -> None:
    content = _content(city)
    outcomes = _submit(
        database, city, sender, content, content, structs.replace(content, comment="other"), _content(city)
    )
    assert [outcome.status for outcome in outcomes] == ["created", "duplicate", "conflict", "created"]


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({"location": {"lat": 0.0, "lng": 0.0}}, ("null_island",)),
        ({"location": {"lat": 28.70, "lng": 77.25}}, ("outside",)),
        ({"observed_at": "2026-11-22T19:42:00+05:30"}, ("clock",)),
        ({"observed_at": "2025-11-01T19:42:00+05:30"}, ("clock",)),
        ({"location": {"lat": 28.6510, "lng": 77.25, "accuracy_m": 500.0}}, ()),
        ({"location": {"lat": 28.6503, "lng": 77.25}}, ()),
        ({"location": {"lat": 28.6510, "lng": 77.25}}, ("outside",)),
    ],
)
def test_what_cannot_be_used_is_kept_and_flagged(
    database: Database, city: City, sender: Sender, changes: dict[str, object], flags: tuple[str, ...]
) -> None:
    content = _content(city, **changes)
    [outcome] = _submit(database, city, sender, content)
    assert (outcome.status, outcome.used, outcome.flags) == ("created", not flags, flags)
    assert len(_rows(database, content.id)) == 1


def test_practice_before_a_campaign_is_kept_unused(database: Database, city: City, sender: Sender) -> None:
    early = replace(sender, practice_before=NOW + timedelta(hours=1))
    [outcome] = _submit(database, city, early, _content(city))
    assert (outcome.used, outcome.flags) == (False, ("practice",))


def test_a_minors_comment_is_dropped_and_said_so(database: Database, city: City) -> None:
    content = _content(city)
    [outcome] = _submit(database, city, _enrol(database, city, minor=True), content)
    assert (outcome.used, outcome.flags) == (True, ("dropped",))
    assert _rows(database, content.id)[0].comment is None


@pytest.mark.parametrize("minor", [True, False])
def test_whose_age_is_not_as_believed_is_looked_up_again(database: Database, city: City, minor: bool) -> None:
    content = _content(city)
    believed = replace(_enrol(database, city, minor=minor), minor=not minor)
    with pytest.raises(SenderChanged):
        _submit(database, city, believed, content)
    assert not _rows(database, content.id)
    with pytest.raises(SenderChanged):
        _submit(database, city, believed)


def test_a_correction_is_a_further_version_and_resending_the_first_revives_nothing(
    database: Database, city: City, sender: Sender
) -> None:
    content = _content(city)
    corrected = structs.replace(content, comment="it was the other side")
    _submit(database, city, sender, content)
    for expected in ("created", "duplicate"):
        with database.transaction() as connection:
            outcome = correct_audit(
                connection, city=city, sender=sender, content=corrected, secret=SECRET, now=NOW
            )
        assert outcome.status == expected
    assert _submit(database, city, sender, content)[0].status == "duplicate"
    assert [row.comment for row in _rows(database, content.id)] == [content.comment, corrected.comment]


def test_another_devices_audit_cannot_be_corrected_or_withdrawn(
    database: Database, city: City, sender: Sender
) -> None:
    content = _content(city)
    _submit(database, city, sender, content)
    stranger = _enrol(database, city)
    with pytest.raises(NotThere), database.transaction() as connection:
        correct_audit(connection, city=city, sender=stranger, content=content, secret=SECRET, now=NOW)
    with pytest.raises(NotThere), database.transaction() as connection:
        withdraw_audit(connection, city_id=city.city_id, device_id=stranger.device_id, audit_id=content.id)


def test_withdrawing_empties_every_version_and_resending_revives_nothing(
    database: Database, city: City, sender: Sender
) -> None:
    content = _content(city)
    corrected = structs.replace(content, comment="still dark")
    _submit(database, city, sender, content)
    with database.transaction() as connection:
        correct_audit(connection, city=city, sender=sender, content=corrected, secret=SECRET, now=NOW)
    for _ in range(2):
        with database.transaction() as connection:
            withdraw_audit(connection, city_id=city.city_id, device_id=sender.device_id, audit_id=content.id)
    assert _submit(database, city, sender, corrected)[0].status == "duplicate"
    rows = _rows(database, content.id)
    assert [row.state for row in rows] == ["kept", "kept", "withdrawn"]
    assert {(row.location, row.ratings, row.comment, row.observed_at, row.cell) for row in rows} == {
        (None, None, None, None, None)
    }
    assert all(row.content_hash for row in rows[:2])
    with pytest.raises(Conflict), database.transaction() as connection:
        correct_audit(
            connection,
            city=city,
            sender=sender,
            content=structs.replace(content, comment="third"),
            secret=SECRET,
            now=NOW,
        )


def test_erasing_a_device_empties_its_audits_cuts_the_link_and_shuts_it_out(
    database: Database, city: City, sender: Sender
) -> None:
    content = _content(city)
    _submit(database, city, sender, content)
    with database.transaction() as connection:
        erase_device(connection, city_id=city.city_id, device_id=sender.device_id)
    rows = _rows(database, content.id)
    assert [row.state for row in rows] == ["kept", "erased"]
    assert sender.device_id not in {row.device_id for row in rows}
    with database.transaction() as connection:
        left = connection.scalar(
            text("SELECT count(*) FROM device WHERE device_id = :id"), {"id": sender.device_id}
        )
    assert left == 0
    with pytest.raises(SenderChanged):
        _submit(database, city, sender, _content(city))


def test_a_receipt_finds_its_audit_and_no_other(database: Database, city: City, sender: Sender) -> None:
    contents = [_content(city) for _ in range(20)]
    outcomes = _submit(database, city, sender, *contents)
    for content, outcome in zip(contents, outcomes, strict=True):
        typed = str(outcome.receipt).lower().replace("0", "o")
        with database.transaction() as connection:
            city_id, stored = redeem_receipt(connection, code=typed, secret=SECRET)
        assert (city_id, stored.audit_id) == (city.city_id, content.id)
    receipt = read_receipt(str(outcomes[0].receipt))
    assert receipt is not None
    assert not proves(receipt, secret=SECRET, audit_id=contents[1].id)
    with pytest.raises(NotThere), database.transaction() as connection:
        redeem_receipt(connection, code=str(outcomes[0].receipt), secret=b"another secret")
    for nonsense in ("", "1-", "x" * 30, "99999999999-" + "A" * 24):
        with pytest.raises(NotThere), database.transaction() as connection:
            redeem_receipt(connection, code=nonsense, secret=SECRET)
