"""Bodies that Python's own reader would let through, or choke on."""

import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import Unparsable
from server.intake.json import _ANYTHING, _read_thoroughly, read_plain, strict_loads


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "line 1"),
        (b"[1,", "column 4"),
        (b'{"a": 1', "line 1"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "'c' is given twice"),
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b"[1e999]", "1e999"),
        (b"[" + b"1" * 5000 + b"]", "digits"),
        (b'"\xff"', "byte 1"),
        (b'{"comment": "\\u0000"}', "NUL"),
        (b'["\\ud800"]', "surrogate"),
        (b"\xef\xbb\xbf{}", "line 1"),
        (b"[" * 100_000, "deep"),
        (b'{"a":' * 100_000, "deep"),
        (b"{} trailing", "Extra data"),
    ],
)
def test_what_means_two_things_or_none_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(Unparsable) as refusal:
        strict_loads(body)
    assert says in refusal.value.detail


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5).map(str.strip), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(json_values)
def test_all_other_json_is_read_as_it_is(value: object) -> None:
    try:
        body = json.dumps(value).encode()
    except UnicodeEncodeError:
        return
    if b"\\u0000" not in body and b"\\ud" not in body:
        assert strict_loads(body) == value


@given(st.binary(max_size=60))
def test_no_body_at_all_causes_another_error(body: bytes) -> None:
    with suppress(Unparsable):
        strict_loads(body)


def outcome(read: Callable[[bytes], object], body: bytes) -> object:
    try:
        return read(body)
    except Unparsable:
        return Unparsable


keys = st.sampled_from(['"a"', '"b"', '"a:"', '"\\":"', '"é"', "b"])
gaps = st.sampled_from(["", "", " ", "  ", "\n", "\t"])
scalars = st.sampled_from(
    [
        "1",
        "1.0",
        "-0",
        "1e999",
        "NaN",
        "null",
        '"x"',
        '":"',
        '"\\u0000"',
        '"\\ud800"',
        "12345678901234567890123",
    ]
)
texts = st.recursive(
    scalars,
    lambda inner: (
        st.lists(st.tuples(keys, gaps, gaps, inner), max_size=3).map(
            lambda members: (
                "{" + ",".join(f"{key}{before}:{after}{value}" for key, before, after, value in members) + "}"
            )
        )
        | st.lists(inner, max_size=3).map(lambda items: "[" + ",".join(items) + "]")
    ),
    max_leaves=8,
)


@settings(max_examples=400)
@given(texts)
def test_the_fast_way_says_what_the_thorough_one_says_or_nothing(text: str) -> None:
    body = text.encode()
    fast = outcome(lambda plain: read_plain(plain, _ANYTHING), body)
    if fast is not None:
        assert repr(fast) == repr(outcome(_read_thoroughly, body))


def test_the_fast_way_reads_what_a_phone_sends() -> None:
    def plain(body: bytes) -> object:
        return read_plain(body, _ANYTHING)

    assert plain(b'{"audits": [{"id": "x", "answers": {"lighting": 1}}]}') is not None
    assert plain(b'{"answers" : {\n"a" :1,\t"b"\n:2}}') is not None
    assert plain(b'{"answers":{"lighting":1,"lighting":2}}') is None
    assert plain(b'{"answers":{"a" :1,"b":2,"b":3}}') is None
