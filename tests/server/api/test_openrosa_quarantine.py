"""What cannot be used is kept, acknowledged and shown to a moderator."""

import pytest

from server.cities import City
from tests.collect.forms import fill
from tests.server.api.collectors import FILLED, Phone, Rows, message, quarantine, standing


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
