"""Photos of records: split, late, renamed, none at all, or not to be kept."""

from collections.abc import Callable
from hashlib import sha256

import pytest

from server.actors import Role
from server.settings import Settings
from tests.server.api.collectors import CANARY, OTHER, PHOTO, Phone, Rows, attached, known, standing
from tests.server.api.people import Person


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
