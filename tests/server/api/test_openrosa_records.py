"""What becomes of records that are split, corrected, taken back, or cannot be used."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text

from server.actors import Role
from server.cities import City
from server.database import Database
from server.settings import Settings
from tests.collect.campaign import grey_jpeg
from tests.collect.forms import fill, new_instance_id
from tests.server.api.collectors import FILLED, Phone, Rows, message
from tests.server.api.people import Person

PHOTO, OTHER = grey_jpeg(b"one"), grey_jpeg(b"another")
CANARY = "canary of the comment"


def quarantine(rows: Rows) -> list[str | None]:
    return [row["quarantine"] for row in rows("SELECT quarantine FROM submission ORDER BY submission_id")]


def standing(rows: Rows) -> list[dict[str, Any]]:
    """Return the current versions of all audits, their first rating among them."""
    return rows(
        "SELECT DISTINCT ON (audit_id) audit_id, version, state, used, flags, device_id, "
        "ratings[1] AS lighting FROM audit ORDER BY audit_id, version DESC"
    )


def attached(rows: Rows) -> list[tuple[str, bytes]]:
    """Return name and hash of each attachment of which there is a photo of the very audit."""
    found = rows(
        "SELECT DISTINCT attachment.name, sha256 FROM attachment "
        "JOIN submission USING (city_id, submission_id) "
        "JOIN photo USING (city_id, audit_id, device_id, sha256) WHERE fault IS NULL ORDER BY name, sha256"
    )
    return [(row["name"], bytes(row["sha256"])) for row in found]


def known(*files: tuple[str, bytes]) -> list[tuple[str, bytes]]:
    return sorted((name, sha256(content).digest()) for name, content in files)


# --- split posts and attachments ---


@pytest.mark.usefixtures("photos_on")
def test_a_split_submission_is_one_audit_with_all_its_photos(phone: Phone, rows: Rows) -> None:
    xml = phone.filled(photos__photo_1="1.jpg", photos__photo_2="2.jpg")
    assert phone.send(xml, ("1.jpg", PHOTO), incomplete=True).status_code == 201
    assert rows("SELECT complete FROM submission") == [{"complete": False}]
    assert phone.send(xml, ("2.jpg", OTHER)).status_code == 201
    assert rows("SELECT complete, file_names FROM submission") == [
        {"complete": True, "file_names": ["1.jpg", "2.jpg"]}
    ]
    assert attached(rows) == known(("1.jpg", PHOTO), ("2.jpg", OTHER))
    assert len(standing(rows)) == 1


@pytest.mark.usefixtures("photos_on")
def test_an_attachment_that_is_missing_comes_with_any_later_post(phone: Phone, rows: Rows) -> None:
    xml = phone.filled(photos__photo_1="1.jpg")
    assert phone.send(xml).status_code == 201
    assert attached(rows) == []
    for _ in range(2):
        assert phone.send(xml, ("1.jpg", PHOTO)).status_code == 201
    assert attached(rows) == known(("1.jpg", PHOTO))


@pytest.mark.usefixtures("photos_on")
def test_attachments_extra_renamed_or_twice_with_equal_bytes_are_all_kept(phone: Phone, rows: Rows) -> None:
    xml = phone.filled(photos__photo_1="1.jpg", photos__photo_2="2.jpg")
    sent = [("1.jpg", PHOTO), ("2.jpg", PHOTO), ("renamed.jpg", PHOTO), ("../../up.jpg", OTHER)]
    assert phone.send(xml, *sent).status_code == 201
    assert attached(rows) == known(*sent[:3], ("up.jpg", OTHER))
    assert rows("SELECT count(*) AS n FROM photo") == [{"n": 2}], "equal bytes are one photo"
    assert phone.send(xml, ("1.jpg", OTHER)).status_code == 201
    assert [name for name, _ in attached(rows)].count("1.jpg") == 2


@pytest.mark.usefixtures("photos_on")
def test_files_that_make_no_photo_are_dropped_with_the_reason_and_the_phone_is_told_it_is_well(
    phone: Phone, rows: Rows
) -> None:
    xml = phone.filled(photos__photo_1="1.jpg")
    sent = [("1.jpg", PHOTO), ("2.heic", b"\0\0\0\x18ftypheic"), ("3.jpg", PHOTO[:40]), ("4.svg", b"<svg/>")]
    for _ in range(2):
        assert phone.send(xml, *sent).status_code == 201
    assert attached(rows) == known(("1.jpg", PHOTO))
    faults = {row["name"]: row["fault"] for row in rows("SELECT name, fault FROM attachment")}
    assert faults["1.jpg"] is None
    assert "HEIC" in faults["2.heic"]
    assert "broken or cut short" in faults["3.jpg"]
    assert "none of them" in faults["4.svg"]
    assert rows("SELECT complete FROM submission") == [{"complete": True}]


@pytest.mark.usefixtures("photos_on")
def test_moderators_see_the_photos_of_a_record_in_quarantine(
    phone: Phone, give_key: Callable[..., Person], rows: Rows
) -> None:
    sent = phone.filled(answers__lighting="9", photos__photo_1="1.jpg")
    assert phone.send(sent, ("1.jpg", PHOTO)).status_code == 202
    [row] = rows("SELECT audit_id FROM submission")
    photos = give_key(Role.MODERATOR).get(f"audits/{row['audit_id']}/photos").json["photos"]
    assert [photo["sha256"] for photo in photos] == [sha256(PHOTO).hexdigest()]


@pytest.mark.usefixtures("photos_on")
def test_only_so_many_attachments_of_one_post_are_kept(phone: Phone, rows: Rows) -> None:
    sent = [(f"{number:02}.jpg", PHOTO) for number in range(30)]
    assert phone.send(phone.filled(), *sent).status_code == 201
    assert len(attached(rows)) == 20


@pytest.mark.usefixtures("photos_on")
def test_a_photo_that_cannot_be_kept_now_is_asked_for_again_with_its_record(
    phone: Phone, rows: Rows, settings: Settings
) -> None:
    xml = phone.filled(photos__photo_1="1.jpg")
    (settings.home / "photos").write_text("a file is in the way of the folder")
    assert phone.send(xml, ("1.jpg", PHOTO)).status_code == 503
    assert rows("SELECT complete FROM submission") == [{"complete": False}]
    (settings.home / "photos").unlink()
    assert phone.send(xml, ("1.jpg", PHOTO)).status_code == 201
    assert attached(rows) == known(("1.jpg", PHOTO))
    assert rows("SELECT complete FROM submission") == [{"complete": True}]
    assert len(standing(rows)) == 1


def test_photos_are_neither_asked_for_nor_kept_where_the_city_takes_none(phone: Phone, rows: Rows) -> None:
    assert b"photo_1" not in phone.form()
    assert phone.send(phone.filled(), ("1.jpg", PHOTO)).status_code == 201
    assert attached(rows) == []


@pytest.mark.usefixtures("photos_on")
def test_comment_and_photos_of_a_minor_are_not_stored(
    enrol: Callable[..., Person], stranger: Person, rows: Rows
) -> None:
    minor = enrol(profile={"age_band": "under_18"})
    xml = Phone(stranger, minor.token or "").filled(comment=CANARY, photos__photo_1="1.jpg")
    for _ in range(2):
        answer = Phone(stranger, minor.token or "").send(xml, ("1.jpg", PHOTO))
        assert answer.status_code == 201
    [audit] = standing(rows)
    assert (audit["used"], audit["flags"], audit["lighting"]) == (True, ["dropped"], 1)
    assert attached(rows) == []
    [kept] = rows("SELECT xml FROM submission")
    assert CANARY.encode() not in bytes(kept["xml"])
    assert b"28.6139 77.2090" in bytes(kept["xml"])


@pytest.mark.usefixtures("photos_on")
def test_who_turns_out_to_be_under_18_leaves_neither_comment_nor_photo(
    phone: Phone, amina: Person, rows: Rows
) -> None:
    sent = phone.filled(comment=CANARY, photos__photo_1="1.jpg")
    assert phone.send(sent, ("1.jpg", PHOTO)).status_code == 201
    assert amina.patch("devices/me", {"profile": {"age_band": "under_18"}}).status_code == 200
    assert phone.send(sent, ("1.jpg", PHOTO)).status_code == 201
    assert attached(rows) == []
    assert rows("SELECT xml FROM submission") == [{"xml": None}]
    assert rows("SELECT comment FROM audit") == [{"comment": None}]


# --- corrections ---


def test_an_edited_record_corrects_its_audit(phone: Phone, amina: Person, rows: Rows) -> None:
    ids = [new_instance_id() for _ in range(3)]
    assert phone.send(phone.filled(ids[0])).status_code == 201
    for level, (earlier, later) in zip((2, 3), pairwise(ids), strict=True):
        edited = phone.filled(later, earlier, answers__lighting=level)
        assert [phone.send(edited).status_code for _ in range(2)] == [201, 201]
    [audit] = standing(rows)
    assert (audit["version"], audit["lighting"]) == (3, 3)
    assert str(audit["audit_id"]) == ids[0][5:]
    assert amina.get(f"audits/{ids[0][5:]}").json["answers"]["lighting"] == 3
    assert quarantine(rows) == [None, None, None]


def test_an_edit_that_arrives_before_its_original_takes_its_place(phone: Phone, rows: Rows) -> None:
    first, second = new_instance_id(), new_instance_id()
    original, edited = phone.filled(first), phone.filled(second, first, answers__lighting=3)
    assert phone.send(edited).status_code == 201
    assert phone.send(original).status_code == 202
    assert [(audit["lighting"], audit["version"]) for audit in standing(rows)] == [(3, 1)]
    assert quarantine(rows) == [None, "superseded"]


def test_an_edit_of_what_was_changed_elsewhere_waits_for_a_moderator(
    phone: Phone, amina: Person, rows: Rows
) -> None:
    first, second = new_instance_id(), new_instance_id()
    assert phone.send(phone.filled(first)).status_code == 201
    audit = amina.get(f"audits/{first[5:]}").json
    changed = {name: audit[name] for name in ("id", "location", "observed_at", "instrument")}
    assert amina.put(f"audits/{first[5:]}", changed | {"answers": {"lighting": 0}}).status_code == 200
    answer = phone.send(phone.filled(second, first, answers__lighting=3))
    assert (answer.status_code, "changed elsewhere" in message(answer)[1]) == (202, True)
    assert [(audit["lighting"], audit["version"]) for audit in standing(rows)] == [(0, 2)]
    assert quarantine(rows) == [None, "stale"]


def test_an_edit_of_a_record_that_could_not_be_used_makes_the_audit(phone: Phone, rows: Rows) -> None:
    first, second = new_instance_id(), new_instance_id()
    assert phone.send(phone.filled(first, answers__lighting="9")).status_code == 202
    assert phone.send(phone.filled(second, first, answers__lighting="2")).status_code == 201
    assert [audit["lighting"] for audit in standing(rows)] == [2]


def test_an_edit_of_another_phones_record_changes_nothing(
    phone: Phone, bela: Person, stranger: Person, rows: Rows
) -> None:
    first, second = new_instance_id(), new_instance_id()
    assert phone.send(phone.filled(first)).status_code == 201
    answer = Phone(stranger, bela.token or "").send(phone.filled(second, first, answers__lighting=3))
    assert answer.status_code == 202
    assert [audit["lighting"] for audit in standing(rows)] == [1]
    assert quarantine(rows) == [None, "conflict"]


# --- at the same moment ---


def at_once(phone: Phone, records: list[bytes]) -> list[int]:
    """Return the statuses of records that are sent at the same moment, each by a client of its own."""
    app, gate = phone.person.client.application, threading.Barrier(len(records))

    def send_one(xml: bytes) -> int:
        alone = replace(phone, person=replace(phone.person, client=app.test_client()))
        gate.wait(10)
        return alone.send(xml).status_code

    with ThreadPoolExecutor(len(records)) as pool:
        return list(pool.map(send_one, records))


def test_the_same_record_eight_times_at_once_is_one_audit(phone: Phone, rows: Rows) -> None:
    assert at_once(phone, [phone.filled()] * 8) == [201] * 8
    assert (
        rows("SELECT count(*) AS n FROM audit") == rows("SELECT count(*) AS n FROM submission") == [{"n": 1}]
    )


def test_of_two_records_of_one_id_at_once_one_is_kept_and_one_waits(phone: Phone, rows: Rows) -> None:
    for _ in range(5):
        instance_id = new_instance_id()
        sent = [phone.filled(instance_id, answers__lighting=level) for level in range(4)]
        assert sorted(at_once(phone, sent)) == [201, 202, 202, 202]
    assert len(standing(rows)) == 5
    assert sorted(filter(None, quarantine(rows))) == ["conflict"] * 15


# --- taking back ---


@pytest.mark.usefixtures("photos_on")
def test_withdrawing_empties_xml_and_photos_and_a_late_resend_revives_nothing(
    phone: Phone, amina: Person, rows: Rows
) -> None:
    first, second = new_instance_id(), new_instance_id()
    sent = phone.filled(first, comment=CANARY, photos__photo_1="1.jpg")
    assert phone.send(sent, ("1.jpg", PHOTO)).status_code == 201
    assert amina.delete(f"audits/{first[5:]}").status_code == 204
    emptied = {"xml": None, "file_names": []}
    assert rows("SELECT xml, file_names FROM submission") == [emptied]
    assert attached(rows) == []
    assert phone.send(sent, ("1.jpg", PHOTO)).status_code == 201
    late = phone.filled(second, first, comment=CANARY, photos__photo_1="1.jpg")
    assert phone.send(late, ("1.jpg", PHOTO)).status_code == 202
    assert rows("SELECT xml, file_names FROM submission") == [emptied, emptied]
    assert attached(rows) == []
    assert [audit["state"] for audit in standing(rows)] == ["withdrawn"]


def test_withdrawing_leaves_what_another_phone_sent_under_the_same_id(
    phone: Phone, amina: Person, bela: Person, stranger: Person, rows: Rows
) -> None:
    instance_id = new_instance_id()
    assert phone.send(phone.filled(instance_id)).status_code == 201
    other = Phone(stranger, bela.token or "")
    assert other.send(other.filled(instance_id, answers__lighting=3)).status_code == 202
    assert amina.delete(f"audits/{instance_id[5:]}").status_code == 204
    emptied = [row["xml"] is None for row in rows("SELECT xml FROM submission ORDER BY submission_id")]
    assert emptied == [True, False]


@pytest.mark.usefixtures("photos_on")
def test_erasing_a_phone_empties_what_it_sent_quarantine_included(
    phone: Phone, amina: Person, bela: Person, stranger: Person, rows: Rows
) -> None:
    kept = phone.filled(photos__photo_1="1.jpg", comment=CANARY)
    assert phone.send(kept, ("1.jpg", PHOTO)).status_code == 201
    assert (
        phone.send(phone.filled(answers__lighting="9", comment=CANARY), ("1.jpg", PHOTO)).status_code == 202
    )
    other = Phone(stranger, bela.token or "")
    assert other.send(other.filled(photos__photo_1="2.jpg"), ("2.jpg", PHOTO)).status_code == 201
    assert amina.delete("devices/me").status_code == 204
    assert [row["xml"] is None for row in rows("SELECT xml FROM submission ORDER BY submission_id")] == [
        True,
        True,
        False,
    ]
    assert attached(rows) == known(("2.jpg", PHOTO))
    assert rows("SELECT count(*) AS n FROM submission WHERE faults IS NOT NULL") == [{"n": 0}]
    assert phone.send(kept).status_code == 401


# --- what cannot be used is kept, acknowledged and shown to a moderator ---


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"location": "48.85 2.35 0 8"}, "outside"),
        ({"location": "0 0 0 0"}, "null_island"),
        ({"observed_at": "2019-01-01T00:00:00.000+05:30"}, "clock"),
        ({"observed_at": "2099-01-01T00:00:00.000+05:30"}, "clock"),
    ],
)
def test_what_is_well_formed_but_unusable_is_kept_unused(
    phone: Phone, rows: Rows, changes: dict[str, str], flag: str
) -> None:
    assert phone.send(phone.filled(**changes)).status_code == 201
    [audit] = standing(rows)
    assert (audit["used"], audit["flags"]) == (False, [flag])


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("answers/lighting", "9", "/answers/lighting"),
        ("answers/lighting", "bright", "/answers/lighting"),
        ("answers/lighting", "nan", "/answers/lighting"),
        ("location", "somewhere", "/location"),
        ("location", "", "/location"),
        ("location", "91 77 0 5", "/location/lat"),
        ("location", "28.6 77.2 0 -5", "/location/accuracy_m"),
        ("observed_at", "yesterday", "/observed_at"),
        ("observed_at", "2026-11-20T19:42:00", "/observed_at"),
        ("observed_at", "", "/observed_at"),
        ("comment", "x" * 2001, "/comment"),
    ],
)
def test_an_invalid_record_is_acknowledged_and_quarantined_with_its_faults(
    phone: Phone, rows: Rows, path: str, value: str, pointer: str
) -> None:
    answer = phone.send(fill(phone.form(), FILLED | {path: value}))
    assert answer.status_code == 202
    assert message(answer)[0] == "submit_success"
    [kept] = rows("SELECT quarantine, faults, xml FROM submission")
    assert kept["quarantine"] == "invalid"
    assert pointer in [fault["pointer"] for fault in kept["faults"]]
    assert value.encode() in bytes(kept["xml"])
    assert standing(rows) == []


def test_a_record_without_any_answer_is_quarantined(phone: Phone, rows: Rows) -> None:
    empty = {path: value for path, value in FILLED.items() if not path.startswith("answers/")}
    assert phone.send(fill(phone.form(), empty)).status_code == 202
    assert quarantine(rows) == ["invalid"]


def test_a_node_given_twice_or_unknown_is_quarantined(phone: Phone, rows: Rows) -> None:
    xml = phone.filled()
    twice = xml.replace(b"<lighting>1</lighting>", b"<lighting>1</lighting><lighting>2</lighting>")
    unknown = phone.filled().replace(b"<lighting>1</lighting>", b"<colour>1</colour>")
    assert xml not in (twice, unknown)
    for strange in (twice, unknown):
        assert phone.send(strange).status_code == 202
    assert quarantine(rows) == ["invalid", "invalid"]


@pytest.mark.parametrize("version", ["7-0a1b2c3d", "", "2026112101", "x", "9" * 300])
def test_an_unknown_form_version_is_quarantined(phone: Phone, rows: Rows, version: str) -> None:
    current = phone.person.client.application.extensions["safeaudit"].cities.get("testville").xforms
    xml = phone.filled().replace(current["safetipin-9"].version.encode(), version.encode())
    assert phone.send(xml).status_code == 202
    assert quarantine(rows) == ["unknown_version"]


def test_an_older_form_of_the_same_questions_is_fine(phone: Phone, rows: Rows, city: City) -> None:
    xml = phone.filled().replace(city.xforms["safetipin-9"].version.encode(), b"1-00000000")
    assert phone.send(xml).status_code == 201
    assert quarantine(rows) == [None]


def test_an_id_that_is_no_uuid_serves_as_well(phone: Phone, rows: Rows) -> None:
    for _ in range(2):
        assert phone.send(phone.filled("kobo:17")).status_code in (201, 202)
    assert len(standing(rows)) == 1


# --- campaigns ---


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
