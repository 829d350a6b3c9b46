"""Bodies that Python's own reader would let through, or choke on."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Unparsable
from server.intake.json import strict_loads


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
