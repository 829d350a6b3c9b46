"""The little that is refused: what cannot be parsed or is dangerous, has no id, or comes to no address."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from server.database import Database
from server.settings import Settings
from tests.collect.forms import new_instance_id
from tests.server.api.collectors import Phone, Rows, message
from tests.server.api.people import Person
from tests.server.api.test_logging import lines

__all__ = ["lines"]

BOMB = "<!DOCTYPE data [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
DANGEROUS = {
    "billion laughs": BOMB + "]><data id='safetipin-9'>&i;</data>",
    "an entity": "<!DOCTYPE data [<!ENTITY a 'b'>]><data id='safetipin-9'>&a;</data>",
    "an external entity": "<!DOCTYPE data [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><data>&a;</data>",
    "an external DTD": "<!DOCTYPE data SYSTEM 'http://127.0.0.1:9/x.dtd'><data id='safetipin-9'/>",
    "a parameter entity": "<!DOCTYPE d [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/'> %p;]><d/>",
    "a bare DTD": "<!DOCTYPE data><data id='safetipin-9'/>",
}


@pytest.fixture
def nothing_kept(rows: Rows) -> Iterator[None]:
    """Whatever the test sends leaves no row behind."""
    yield
    for table in ("submission", "attachment", "audit"):
        assert rows(f"SELECT count(*) AS n FROM {table}") == [{"n": 0}], table


pytestmark = pytest.mark.usefixtures("nothing_kept")


@pytest.mark.parametrize("kind", DANGEROUS)
def test_dangerous_xml_is_refused(phone: Phone, kind: str) -> None:
    answer = phone.send(DANGEROUS[kind].encode())
    assert answer.status_code == 400
    nature, words = message(answer)
    assert (nature, "DTD or entities" in words) == ("error", True)
    assert "passwd" not in words


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"not XML",
        b"<data id='safetipin-9'>",
        b"\x00\x01\x02",
        b"<?xml version='1.0' encoding='klingon'?><data/>",
        b"<data id='safetipin-9'><comment>\xff</comment></data>",
        b"<data id='safetipin-9'>" + b"<a>" * 200_000 + b"</a>" * 200_000 + b"</data>",
    ],
    ids=["empty", "text", "cut short", "binary", "unknown encoding", "no UTF-8", "too large"],
)
def test_what_is_no_xml_is_refused(phone: Phone, xml: bytes) -> None:
    assert phone.send(xml).status_code == 400


def test_deep_nesting_harms_nobody(phone: Phone) -> None:
    nested = b"<a>" * 100_000 + b"</a>" * 100_000
    assert phone.send(b"<data id='safetipin-9'>" + nested + b"</data>").status_code == 400


@pytest.mark.parametrize("instance_id", ["", "   ", "uuid:" + "1" * 250])
def test_a_record_without_a_usable_id_is_refused(phone: Phone, instance_id: str) -> None:
    known = new_instance_id()
    answer = phone.send(phone.filled(known).replace(known.encode(), instance_id.encode()))
    assert (answer.status_code, "meta/instanceID" in message(answer)[1]) == (400, True)


def test_a_record_without_meta_or_form_is_refused(phone: Phone) -> None:
    assert phone.send(b"<data id='safetipin-9' version='1'/>").status_code == 400
    assert phone.send(phone.filled().replace(b' id="safetipin-9"', b"")).status_code == 400


def test_an_unknown_form_is_refused_and_named(phone: Phone) -> None:
    answer = phone.send(phone.filled().replace(b'"safetipin-9"', b'"safetipin-8"'))
    assert (answer.status_code, "safetipin-9" in message(answer)[1]) == (404, True)
    assert phone.get("forms/safetipin-8.xml").status_code == 404
    assert phone.get("forms/safetipin-8/manifest").status_code == 404


@pytest.mark.parametrize(
    "path", ["formList", "forms/safetipin-9.xml", "forms/safetipin-9/manifest", "submission"]
)
@pytest.mark.parametrize("token", ["sad_unknown", "sac_unknown", "sak_unknown", "x"])
def test_an_unknown_token_opens_nothing(phone: Phone, path: str, token: str) -> None:
    stranger = replace(phone, token=token)
    assert stranger.get(path).status_code == 401


def test_a_token_that_is_revoked_in_mid_sync_is_refused_from_then_on(
    phone: Phone, database: Database, rows: Rows
) -> None:
    sent, unsent = phone.filled(), phone.filled()
    assert phone.send(sent).status_code == 201
    with database.transaction() as connection:
        connection.execute(text("UPDATE device SET revoked_at = now()"))
    for xml in (sent, unsent):
        answer = phone.send(xml)
        assert (answer.status_code, "scan the QR code again" in message(answer)[1]) == (401, True)
    assert phone.person.client.head(phone.address("submission")).status_code == 401
    assert rows("SELECT count(*) AS n FROM audit") == [{"n": 1}]
    with database.transaction() as connection:
        connection.execute(text("TRUNCATE audit, submission CASCADE"))


def test_a_token_of_another_city_or_an_unknown_city_opens_nothing(phone: Phone) -> None:
    for slug, status in (("othertown", 401), ("nowhere", 404)):
        address = phone.address("formList").replace("testville", slug)
        assert phone.person.client.get(address).status_code == status


def test_a_key_of_staff_is_no_address(phone: Phone, omar: Person) -> None:
    assert replace(phone, token=omar.token or "").get("formList").status_code == 401


def test_a_post_that_is_no_submission_is_refused(phone: Phone) -> None:
    assert phone.post(data=phone.filled(), content_type="text/xml").status_code == 415
    empty = phone.post(data={"other": "x"}, content_type="multipart/form-data")
    assert (empty.status_code, "xml_submission_file" in message(empty)[1]) == (400, True)


def test_a_body_cut_short_keeps_nothing(phone: Phone) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="x.xml"\r\n\r\n'
    whole = (
        head
        + phone.filled()
        + b'\r\n--b\r\nContent-Disposition: form-data; name="1.jpg"; filename="1.jpg"\r\n\r\n'
    )
    whole += b"x" * 5000 + b"\r\n--b--\r\n"
    for length in (len(head) + 100, len(whole) - 3000, len(whole) - 3):
        answer = phone.post(
            input_stream=io.BytesIO(whole[:length]),
            content_length=len(whole),
            content_type="multipart/form-data; boundary=b",
        )
        assert answer.status_code == 400, length


def test_a_post_beyond_all_measure_is_refused(phone: Phone) -> None:
    assert phone.send(phone.filled(), ("1.jpg", bytes(51_000_000))).status_code == 413


def test_unknown_addresses_and_methods_answer_in_xml_too(phone: Phone) -> None:
    assert phone.get("formlist").status_code == 404
    wrong = phone.person.client.put(phone.address("submission"))
    assert (wrong.status_code, wrong.content_type) == (405, "text/xml; charset=utf-8")


def assert_told_to_come_back(answers: list[TestResponse]) -> None:
    *others, last = answers
    assert {answer.status_code for answer in others} == {400}
    assert (last.status_code, message(last)[0]) == (429, "error")
    assert int(last.headers["Retry-After"]) > 0


def test_a_phone_that_sends_too_much_is_told_to_come_back(
    settings: Settings, app_with: Callable[[Settings], Person], phone: Phone
) -> None:
    few = replace(phone, person=app_with(replace(settings, submissions_per_minute=3)))
    assert_told_to_come_back([few.send(b"no XML") for _ in range(4)])


def test_too_many_new_phones_of_a_walk_are_told_to_come_back(
    settings: Settings, app_with: Callable[[Settings], Person], phone: Phone, omar: Person
) -> None:
    now = datetime.now(UTC)
    times = {"from": now.isoformat(), "to": (now + timedelta(hours=1)).isoformat()}
    token = omar.post("campaigns", {"name": "Walk", **times}).json["token"]
    few = replace(phone, token=token, person=app_with(replace(settings, enrolments_per_hour=1)))
    assert_told_to_come_back(
        [replace(few, device_id=f"collect:{number}").send(b"no XML") for number in range(11)]
    )


def test_no_token_reaches_the_log(lines: io.StringIO, phone: Phone) -> None:
    phone.get("formList")
    phone.send(b"not XML")
    phone.get("nothing-here")
    replace(phone, token="sad_canary").get("formList")
    logged = lines.getvalue()
    assert '"/openrosa/<city>/<token>/formList"' in logged
    for canary in (phone.token, "sad_canary", phone.device_id, "testville"):
        assert canary not in logged, canary
