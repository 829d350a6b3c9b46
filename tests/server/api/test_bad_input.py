"""What strangers may send: always refused with words, never a 500, and nothing of it stored."""

import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from sqlalchemy import text

from server.database import Database
from server.settings import Settings
from tests.server.api.people import Person, audit

GOOD = audit()


def changed(**changes: object) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def replaced(old: str, new: str) -> bytes:
    sent = json.dumps(GOOD)
    assert old in sent
    return sent.replace(old, new, 1).encode()


def located(**changes: object) -> bytes:
    return changed(location={"lat": 28.6, "lng": 77.2, **changes})


INVALID = {
    "id no uuid": (changed(id="7"), "/id"),
    "id number": (changed(id=7), "/id"),
    "location text": (changed(location="here"), "/location"),
    "location null": (changed(location=None), "/location"),
    "lat text": (located(lat="28"), "/location/lat"),
    "lat true": (located(lat=True), "/location/lat"),
    "lat beyond": (located(lat=90.001), "/location/lat"),
    "lng beyond": (located(lng=-181), "/location/lng"),
    "lat huge": (located(lat=10**400), "/location/lat"),
    "accuracy negative": (located(accuracy_m=-1), "/location/accuracy_m"),
    "location field unknown": (located(alt=3), "/location/alt"),
    "no offset": (changed(observed_at="2026-11-20T19:42:00"), "/observed_at"),
    "no time": (changed(observed_at="2026-11-20"), "/observed_at"),
    "no date": (changed(observed_at="2026-02-30T10:00:00Z"), "/observed_at"),
    "date number": (changed(observed_at=1700000000), "/observed_at"),
    "instrument unknown": (changed(instrument="horoscope"), "/instrument"),
    "instrument number": (changed(instrument=9), "/instrument"),
    "answers list": (changed(answers=[1]), "/answers"),
    "answers none": (changed(answers={}), "/answers"),
    "answers all null": (changed(answers={"lighting": None}), "/answers"),
    "level beyond": (changed(answers={"lighting": 4}), "/answers/lighting"),
    "level negative": (changed(answers={"lighting": -1}), "/answers/lighting"),
    "level half": (changed(answers={"lighting": 1.5}), "/answers/lighting"),
    "level text": (changed(answers={"lighting": "1"}), "/answers/lighting"),
    "level true": (changed(answers={"lighting": True}), "/answers/lighting"),
    "level list": (changed(answers={"lighting": [1]}), "/answers/lighting"),
    "level huge": (changed(answers={"lighting": 10**30}), "/answers/lighting"),
    "question unknown": (changed(answers={"lighting": 1, "mood": 1}), "/answers/mood"),
    "mode unknown": (changed(mode="fly"), "/mode"),
    "comment long": (changed(comment="x" * 2001), "/comment"),
    "comment object": (changed(comment={}), "/comment"),
    "field unknown": (changed(colour="red"), "/colour"),
    "a list": (b"[]", ""),
    "a number": (b"7", ""),
    "null": (b"null", ""),
}
UNPARSABLE = {
    "empty": b"",
    "truncated": json.dumps(GOOD).encode()[:-9],
    "NaN": replaced("28.6139", "NaN"),
    "Infinity": replaced("28.6139", "Infinity"),
    "minus Infinity": replaced("28.6139", "-Infinity"),
    "float too large": replaced("28.6139", "1e999"),
    "key twice": replaced('"people": 0', '"people": 0, "people": 1'),
    "not UTF-8": changed(comment="x").replace(b'"x"', b'"\xff"'),
    "UTF-16": json.dumps(GOOD).encode("utf-16"),
    "NUL escaped": changed(comment="a\0b"),
    "NUL raw": changed(comment="ab").replace(b"ab", b"a\0b"),
    "half a surrogate pair": changed(comment="\ud800"),
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000,
    "digits without end": replaced("28.6139", "1" * 20_000),
    "XML": b"<audit/>",
    "two values": json.dumps(GOOD).encode() * 2,
}


def test_what_breaks_the_rules_is_refused_by_name(amina: Person, database: Database) -> None:
    for name, (body, pointer) in INVALID.items():
        response = amina.post("audits", data=body, content_type="application/json")
        assert response.status_code == 422, f"{name}: {response.get_data(as_text=True)}"
        assert pointer in {fault["pointer"] for fault in response.json["errors"]}, f"{name}: {response.json}"
    assert_nothing_stored(database)


def test_what_cannot_be_read_is_refused(amina: Person, database: Database) -> None:
    for name, body in UNPARSABLE.items():
        for path in ("audits", "audits/batch"):
            response = amina.post(path, data=body, content_type="application/json")
            assert response.status_code == 400, f"{name}: {response.get_data(as_text=True)}"
            assert response.json["type"] == "/problems/unparsable"
    assert_nothing_stored(database)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_clock_gone_mad_stops_nothing(amina: Person, moment: str) -> None:
    amina.post("audits", audit(observed_at=moment))
    amina.post("audits", audit())
    response = amina.get("devices/me/audits")
    assert response.status_code == 200
    assert response.json["audits"]


def test_every_fault_is_named_at_once(amina: Person) -> None:
    sent = {"id": "x", "location": {"lat": 91, "lng": 181}, "observed_at": "now", "answers": {"a": 1}, "b": 2}
    response = amina.post("audits", sent)
    assert {fault["pointer"] for fault in response.json["errors"]} == {
        "/id",
        "/location/lat",
        "/location/lng",
        "/observed_at",
        "/answers/a",
        "/b",
    }


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "application/json; charset=latin-1",
        "",
    ],
)
def test_another_content_type_is_415(amina: Person, database: Database, content_type: str) -> None:
    response = amina.post("audits", data=json.dumps(GOOD).encode(), content_type=content_type)
    assert response.status_code == 415
    assert_nothing_stored(database)


def compressed(amina: Person, body: bytes, encoding: str = "gzip") -> int:
    headers = {"Content-Encoding": encoding}
    return amina.post("audits", data=body, content_type="application/json", headers=headers).status_code


def test_gzip_is_read_within_bounds(amina: Person, database: Database) -> None:
    plain = json.dumps(GOOD).encode()
    bomb = gzip.compress(b" " * 200_000_000, compresslevel=9)
    assert len(bomb) < 2 * 2**20
    tracemalloc.start()
    assert compressed(amina, bomb) == 413
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 20 * 2**20, "the bomb was never unpacked whole"
    assert compressed(amina, gzip.compress(plain)[:-10]) == 400
    assert compressed(amina, gzip.compress(plain) + b"more") == 400
    assert compressed(amina, gzip.compress(gzip.compress(plain))) == 400
    assert compressed(amina, plain) == 400
    assert compressed(amina, zlib.compress(plain), "deflate") == 415
    assert compressed(amina, plain, "br") == 415
    assert_nothing_stored(database)
    assert compressed(amina, gzip.compress(plain)) == 201


def test_a_body_over_the_limit_is_413(
    app_with: Callable[[Settings], Person], settings: Settings, amina: Person, database: Database
) -> None:
    small = replace(app_with(replace(settings, max_body_bytes=2**16)), token=amina.token)
    assert small.post("audits", audit(comment="x" * 2**17)).status_code == 413
    chunked = small.post(
        "audits",
        input_stream=BytesIO(json.dumps(audit()).encode() + b" " * 2**17),
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )
    assert chunked.status_code == 413
    assert_nothing_stored(database)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/cities/%00/audits",
        "/api/v1/cities/testville%2F..%2F/audits",
        "/api/v1/cities/" + "x" * 3000 + "/audits",
        "/api/v1/cities/टेस्ट/audits",
        "/api/v1/cities/%ff%fe/audits",
        "/api/v1/cities/';DROP TABLE audit;--/audits",
    ],
)
def test_an_odd_address_is_not_there(amina: Person, path: str) -> None:
    assert amina.post(path, audit()).status_code == 404


def assert_nothing_stored(database: Database) -> None:
    with database.transaction() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit")) == 0
