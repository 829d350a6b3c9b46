"""Consent in the forms of phones with Collect: asked first, recorded, and a refusal leaves nothing."""

import pytest

from server.cities import CityDirectory
from tests.server.api.collectors import Phone, Rows, message
from tests.server.api.people import Person
from tests.server.instruments.test_xform import choices_of


@pytest.fixture
def old_form(phone: Phone) -> bytes:
    """A record filled in before the city approved its text."""
    return phone.filled()


@pytest.fixture
def version(old_form: bytes, consent: str, cities: CityDirectory) -> str:
    assert old_form
    cities.read_again()
    return consent


def test_the_version_agreed_to_is_kept_with_the_record_and_the_phone(
    phone: Phone, amina: Person, rows: Rows, version: str
) -> None:
    assert choices_of(phone.form())["consent-agreed"] == ["yes", "no"]
    sent = phone.send(phone.filled(consent__agreed="yes", consent__version=version))
    assert sent.status_code == 201
    assert rows("SELECT consent_version FROM submission") == [{"consent_version": version}]
    assert amina.get("devices/me").json["consent"] == {"version": version, "lang": None}


def test_of_a_refusal_nothing_is_kept_and_no_phone_is_stuck(phone: Phone, rows: Rows, version: str) -> None:
    xml = phone.filled(consent__agreed="no", consent__version=version, comment="the lamp by the mill")
    for _ in range(2):
        answer = phone.send(xml, ("photo.jpg", b"a photo"))
        assert answer.status_code == 202
        assert "nothing of it is stored" in message(answer)[1]
    kept = {"quarantine": "refused", "xml": None, "file_names": [], "consent_version": None}
    assert rows("SELECT quarantine, xml, file_names, consent_version FROM submission") == [kept]
    assert rows("SELECT count(*) AS n FROM audit") == [{"n": 0}]
    assert rows("SELECT count(*) AS n FROM attachment") == [{"n": 0}]


def test_a_record_of_the_form_before_is_kept_and_says_no_version(
    phone: Phone, rows: Rows, old_form: bytes, version: str
) -> None:
    assert version
    assert phone.send(old_form).status_code == 201
    assert rows("SELECT consent_version FROM submission") == [{"consent_version": None}]


def test_a_version_the_city_never_approved_is_not_recorded(phone: Phone, rows: Rows, version: str) -> None:
    assert version
    sent = phone.send(phone.filled(consent__agreed="yes", consent__version="other"))
    assert sent.status_code == 201
    assert rows("SELECT consent_version FROM submission") == [{"consent_version": None}]
