"""What phones send: every fault named, and the fast path agreeing with the thorough one."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import structs

from server.errors import Invalid, Refusal
from server.instruments.catalogue import builtin
from server.intake.content import AuditContent, content_hash
from server.intake.json import _read_thoroughly
from server.intake.reading import Reader, Unusable

GOOD: dict[str, Any] = {
    "id": "3f2b1c9e-8d47-4a53-9a55-1b6f7f0f0c11",
    "location": {"lat": 28.6139, "lng": 77.2090, "accuracy_m": 8.0},
    "observed_at": "2026-11-20T19:42:00+05:30",
    "answered_at": "2026-11-20T19:55:00+05:30",
    "instrument": "safetipin-9",
    "answers": {"lighting": 1, "openness": 2, "people": 0, "feeling": 1},
    "comment": "…",
    "mode": "walk",
}


@pytest.fixture(scope="module")
def reader() -> Reader:
    return _reader()


def _reader() -> Reader:
    return Reader(
        {id: {document.instrument.version: document.instrument} for id, document in builtin().items()}
    )


def _with(path: str, value: object) -> dict[str, Any]:
    changed = deepcopy(GOOD)
    *parents, last = path.split("/")
    place = changed
    for parent in parents:
        place = place[parent]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return changed


def test_a_good_audit_is_read_whole(reader: Reader) -> None:
    content = reader.audit(GOOD)
    assert (content.lat, content.lng, content.accuracy_m) == (28.6139, 77.2090, 8.0)
    assert content.instrument_id == "safetipin-9"
    assert content.ratings == (1, 2, -1, 0, -1, -1, -1, -1, 1)
    assert content.answers == {}


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("id", "not a uuid", "/id"),
        ("id", ..., "/id"),
        ("id", 7, "/id"),
        ("location", ..., "/location"),
        ("location", [28.6, 77.2], "/location"),
        ("location/lat", 91, "/location/lat"),
        ("location/lat", "28.6", "/location/lat"),
        ("location/lat", True, "/location/lat"),
        ("location/lng", -180.5, "/location/lng"),
        ("location/accuracy_m", -1, "/location/accuracy_m"),
        ("location/altitude", 3, "/location/altitude"),
        ("observed_at", "2026-11-20T19:42:00", "/observed_at"),
        ("observed_at", "yesterday", "/observed_at"),
        ("observed_at", 1_700_000_000, "/observed_at"),
        ("observed_at", ..., "/observed_at"),
        ("observed_at", None, "/observed_at"),
        ("answered_at", "2026-02-30T10:00:00Z", "/answered_at"),
        ("instrument", "no-such", "/instrument"),
        ("instrument", 9, "/instrument"),
        ("answers", ..., "/answers"),
        ("answers", {}, "/answers"),
        ("answers", {"lighting": None}, "/answers"),
        ("answers", [1, 2], "/answers"),
        ("answers/lighting", 4, "/answers/lighting"),
        ("answers/lighting", -1, "/answers/lighting"),
        ("answers/lighting", 1.5, "/answers/lighting"),
        ("answers/lighting", True, "/answers/lighting"),
        ("answers/lighting", "1", "/answers/lighting"),
        ("answers/lighting", 10**400, "/answers/lighting"),
        ("answers/a~b", 1, "/answers/a~0b"),
        ("comment", "x" * 2001, "/comment"),
        ("comment", 5, "/comment"),
        ("mode", "run", "/mode"),
        ("token", "secret", "/token"),
    ],
)
def test_each_fault_is_named_where_it_is(reader: Reader, path: str, value: object, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        reader.audit(_with(path, value))
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]
    assert refusal.value.faults[0].detail


def test_all_faults_are_listed_at_once(reader: Reader) -> None:
    with pytest.raises(Invalid) as refusal:
        reader.audit({"location": {"lat": 100}, "observed_at": "x", "answers": {"lighting": 9, "glow": 1}})
    assert {fault.pointer for fault in refusal.value.faults} == {
        "/id",
        "/location/lat",
        "/location/lng",
        "/observed_at",
        "/answers/lighting",
        "/answers/glow",
    }


@pytest.mark.parametrize("document", [None, 5, "x", [], [[]], {}])
def test_what_is_no_audit_at_all_is_refused(reader: Reader, document: object) -> None:
    with pytest.raises(Invalid):
        reader.audit(document)


def test_an_instrument_with_other_kinds_and_levels(reader: Reader) -> None:
    instrument = builtin()["transit-stop"].instrument
    tops = {rating.name: rating.top for rating in instrument.ratings}
    assert set(tops.values()) == {4}
    others = {
        question.name: question for question in instrument.questions if question not in instrument.ratings
    }
    answers: dict[str, Any] = dict(tops)
    for question in others.values():
        answers[question.name] = {
            "choice": (question.choices or ("",))[0],
            "choices": list(question.choices[:2]),
            "number": question.minimum,
            "text": "no shelter",
        }[question.kind]
    content = reader.audit(_with("instrument", "transit-stop") | {"answers": answers})
    assert content.ratings == (4,) * 5
    assert set(content.answers) == set(others)


def test_a_bad_item_never_holds_back_the_others(reader: Reader) -> None:
    read = reader.batch({"audits": [GOOD, {"id": "nope"}, 7, _with("answers/lighting", 9)]})
    assert isinstance(read[0], AuditContent)
    assert [type(item) for item in read[1:]] == [Unusable] * 3
    assert [item.id for item in read[1:] if isinstance(item, Unusable)] == ["nope", None, GOOD["id"]]


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"audits": []}, {"audits": [GOOD] * 501}, {"audits": {}}, {"audits": [], "x": 1}],
)
def test_a_batch_of_another_shape_is_refused(reader: Reader, document: object) -> None:
    with pytest.raises(Invalid):
        reader.batch(document)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "extra"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=12)
        | st.lists(st.integers(), max_size=2)
        | st.dictionaries(
            st.sampled_from(["lat", "lng", "lighting", "x"]), st.integers() | st.text(max_size=3)
        ),
    )
)
def test_whatever_is_changed_ends_in_a_content_or_in_faults(changes: dict[str, Any]) -> None:
    [read] = _reader().batch({"audits": [deepcopy(GOOD) | changes]})
    assert read.faults if isinstance(read, Unusable) else any(level >= 0 for level in read.ratings)


def _outcome(read: Callable[[bytes], object], body: bytes) -> object:
    try:
        return read(body)
    except Refusal as refusal:
        return type(refusal), refusal.faults


def _thoroughly(body: bytes) -> object:
    return _reader().audit(_read_thoroughly(body))


ODD_VALUES = [
    *rb"""null 1 1.0 -1 -0.0 4 1e999 NaN true "x" "" {} [] "walk" "safetipin-9" "transit-stop" "\u0000"
    "2026-11-20T19:42:00+05:30" "2026-11-20T14:12:00Z" "9999-12-31T23:59:59-09:00" "0001-01-01T00:00:00+09:00"
    {"lighting":1,"lighting":2} {"lighting":1.0,"people":3} {"lighting":null,"people":3} {"lighting":-1}
    {"shelter":2} {"lat":1,"lng":2} {"lat":1,"lng":2,"lat":1} {"lat":1,"lng":2,"accuracy_m":null}
    "3F2B1C9E8D474A539A551B6F7F0F0C11" "\u20ac" "\ud800" """.split(),
    *(b'"\x00"', b'"\xed\xa0\x80"', b'"\xff"', '"€"'.encode(), b'{"lighting" :1}', b'"a \t"'),
]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([*GOOD, "extra"]), st.sampled_from(ODD_VALUES)), max_size=3),
    st.booleans(),
    st.sampled_from([b"", b" ", b"\n"]),
)
@example([("comment", b'"x"')], True, b"")
@example([("answers", b'{"lighting":1,"lighting":2}')], False, b"")
@example([("answers", b'{"lighting":1.0,"people":3}')], False, b" ")
def test_a_body_is_read_as_its_document_would_be(
    changes: list[tuple[str, bytes]], doubled: bool, gap: bytes
) -> None:
    """The short way must not be more lenient, nor read anything otherwise."""
    fields = [(name, json.dumps(value, ensure_ascii=False).encode()) for name, value in GOOD.items()]
    changed = set() if doubled else {name for name, _ in changes}
    fields = [field for field in fields if field[0] not in changed] + changes
    body = (
        b"{" + b",".join(b'"%s"%b:%b%b' % (name.encode(), gap, gap, value) for name, value in fields) + b"}"
    )
    expected = _outcome(_thoroughly, body)
    plain = _reader().plain
    found, many = plain.audit(body), plain.batch(b'{"audits":[' + body + b"]}")
    assert found is None or _comparable(found) == _comparable(expected)
    assert many is None or _comparable(many[0]) == _comparable(expected)


def _comparable(outcome: object) -> object:
    if not isinstance(outcome, AuditContent):
        return outcome
    return content_hash(outcome, secret=b"key"), structs.replace(outcome, given={})


def test_what_phones_send_is_read_straight_from_the_body(reader: Reader) -> None:
    body = json.dumps(GOOD, ensure_ascii=False).encode()
    assert reader.plain.audit(body) is not None
    assert len(reader.plain.batch(b'{"audits": [' + body + b"]}") or []) == 1


def test_the_hash_knows_content_by_value(reader: Reader) -> None:
    def digest(document: dict[str, Any]) -> bytes:
        return content_hash(reader.audit(document), secret=b"key")

    same = [
        _with("observed_at", "2026-11-20T14:12:00.000Z"),
        _with("answers/lighting", 1.0),
        _with("answers/security", None),
        _with("location/accuracy_m", 8),
    ]
    other = [
        _with("comment", None),
        _with("mode", None),
        _with("instrument", None),
        _with("location/lat", 28.61390001),
        _with("answers/security", 0),
        _with("observed_at", "2026-11-20T19:42:01+05:30"),
    ]
    assert {digest(document) for document in same} == {digest(GOOD)}
    assert len({digest(document) for document in other} | {digest(GOOD)}) == len(other) + 1
    assert content_hash(reader.audit(GOOD), secret=b"other key") != digest(GOOD)
    assert digest(_with("id", str(uuid4()))) == digest(GOOD)
