"""Taking back what Collect sent empties it, and nothing revives it."""

import pytest

from tests.collect.forms import new_instance_id
from tests.server.api.collectors import CANARY, PHOTO, Phone, Rows, attached, known, standing
from tests.server.api.people import Person


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
