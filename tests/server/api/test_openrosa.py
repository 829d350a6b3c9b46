"""OpenRosa as ODK Collect uses it: forms out, submissions in, and nothing that leaves a phone stuck."""

import hashlib
from pathlib import Path
from xml.etree import ElementTree

from server.api.openrosa import _REASONS
from server.cities import City
from server.models.submission import QUARANTINE
from tests.collect.forms import new_instance_id
from tests.server.api.collectors import LIST, Phone, Rows, assert_openrosa, message
from tests.server.api.people import Person


def test_a_phone_finds_its_forms_with_hashes_and_versions(phone: Phone, city: City) -> None:
    listed = ElementTree.fromstring(phone.get("formList").data)
    assert listed.tag == f"{LIST}xforms"
    ids = [form.findtext(f"{LIST}formID") for form in listed]
    assert ids == list(city.documents)
    for form in listed:
        url = form.findtext(f"{LIST}downloadUrl") or ""
        assert url.startswith("http://localhost/openrosa/testville/")
        downloaded = phone.person.client.get(url)
        assert form.findtext(f"{LIST}hash") == "md5:" + hashlib.md5(downloaded.data).hexdigest()
        assert f'version="{form.findtext(f"{LIST}version")}"'.encode() in downloaded.data
    assert phone.get("forms/safetipin-9/manifest").status_code == 200


def test_a_submission_is_an_audit(phone: Phone, amina: Person, rows: Rows) -> None:
    head = phone.person.client.head(phone.address("submission"))
    assert (head.status_code, head.data) == (204, b"")
    assert_openrosa(head)
    instance_id = new_instance_id()
    xml = phone.filled(instance_id, comment="no lamp at all")
    answer = phone.send(xml)
    assert answer.status_code == 201
    nature, words = message(answer)
    assert nature == "submit_success"
    own = amina.get(f"audits/{instance_id.removeprefix('uuid:')}").json
    assert own["receipt"] in words
    assert own["location"] == {"lat": 28.6139, "lng": 77.209, "accuracy_m": 8.0}
    assert own["answers"] == {"lighting": 1, "openness": 2, "feeling": 0}
    assert (own["comment"], own["instrument"], own["used"]) == ("no lamp at all", "safetipin-9", True)
    assert own["observed_at"] == "2026-11-20T14:12:00Z"
    [kept] = rows("SELECT * FROM submission")
    assert bytes(kept["xml"]) == xml
    assert (kept["quarantine"], kept["audit_version"], kept["complete"]) == (None, 1, True)


def test_the_same_again_is_acknowledged_and_kept_once(phone: Phone, rows: Rows) -> None:
    xml = phone.filled()
    answers = [phone.send(xml) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({message(answer) for answer in answers}) == 1
    assert (
        rows("SELECT count(*) AS n FROM audit") == rows("SELECT count(*) AS n FROM submission") == [{"n": 1}]
    )


def test_other_xml_under_the_same_id_waits_for_a_moderator(phone: Phone, amina: Person, rows: Rows) -> None:
    instance_id = new_instance_id()
    assert phone.send(phone.filled(instance_id)).status_code == 201
    answer = phone.send(phone.filled(instance_id, answers__lighting="3"))
    assert answer.status_code == 202
    assert "its id is taken" in message(answer)[1]
    assert amina.get(f"audits/{instance_id[5:]}").json["answers"]["lighting"] == 1
    assert [row["quarantine"] for row in rows("SELECT * FROM submission ORDER BY submission_id")] == [
        None,
        "conflict",
    ]


def test_every_reason_of_a_quarantine_has_words_and_a_line_in_the_docs() -> None:
    assert set(_REASONS) == set(QUARANTINE)
    docs = (Path(__file__).parents[3] / "docs" / "collect.md").read_text(encoding="utf-8")
    assert [reason for reason in QUARANTINE if f"`{reason}`" not in docs] == []
