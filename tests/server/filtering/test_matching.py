"""Filters on a small layer with gaps: as SQL has it, in time proportional to what is asked."""

import signal
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from analysis.disclosure.layer import Field, Value
from server.errors import BadParameter
from server.filtering import matching as module
from server.filtering.cql2 import parse
from server.filtering.crs import CRS84
from server.filtering.index import LayerIndex
from server.filtering.matching import matching
from server.layer_table import LayerTable

TYPES = {
    "id": "text",
    "name": "text",
    "other": "text",
    "n": "integer",
    "x": "number",
    "y": "number",
    "b": "boolean",
}
TYPES |= {"since": "text"}
FIELDS = tuple(Field(name=name, type=type_, title="") for name, type_ in TYPES.items())  # type: ignore[arg-type]


def layer(**columns: Sequence[Value]) -> LayerIndex:
    """Return a layer of squares in a row, the first at (0, 0); columns not given hold nothing."""
    size = len(next(iter(columns.values())))
    ids = [f"{number:03}" for number in range(size)]
    given = {name: columns.get(name, [None] * size) for name in TYPES} | {"id": ids}
    rows = [
        (id_, shapely.box(place, 0, place + 1, 1), {name: given[name][place] for name in TYPES})
        for place, id_ in enumerate(ids)
    ]
    as_of = datetime(2026, 11, 1, tzinfo=UTC)
    return LayerIndex.of(LayerTable.of(rows, name="layer", title="", as_of=as_of, fields=FIELDS))


def places(index: LayerIndex, stated: str) -> list[int]:
    predicate = parse(stated, FIELDS, crs=CRS84, time_zone="Asia/Kolkata")
    return np.flatnonzero(matching(predicate, index)).tolist()


def some(rng: np.random.Generator, options: list[Value], size: int) -> list[Value]:
    return [options[one] for one in rng.integers(0, len(options), size)]


def test_sentences_agree_with_sqlite() -> None:
    """Comparisons, negations and gaps, as an implementation of SQL that is not ours has them."""
    rng = np.random.default_rng(11)
    columns = {
        "name": some(rng, ["a", "b", "ab", "B", "é", None], 80),
        "other": some(rng, ["a", "b", "ba", "", None], 80),
        "n": some(rng, [0, 1, 2, None], 80),
        "x": some(rng, [0.0, 0.5, 1.0, 2.0, None], 80),
        "y": some(rng, [0.5, 1.0, None], 80),
        "b": some(rng, [True, False, None], 80),
    }
    parts = [
        *("name = 'a'", "name <> 'ab'", "'b' <= name", "name < other", "other >= name", "name = name"),
        *("n = 1", "x > 0.5", "n < x", "x <> y", "1 >= n", "b = TRUE", "b <> FALSE", "n = 1 AND x < 2"),
        *("x BETWEEN 0.5 AND 1", "n BETWEEN y AND x", "x NOT BETWEEN n AND 2", "1 BETWEEN n AND x"),
        *(
            "name IN ('a', 'é')",
            "name NOT IN ('b', other)",
            "n IN (x, y, 2)",
            "b IN (FALSE)",
            "'a' IN (name, other)",
        ),
        *("name LIKE 'a%'", "name LIKE '_'", "other NOT LIKE '%a%'", "'ab' LIKE 'a_'", "name LIKE '%a%b%'"),
        *("name IS NULL", "x IS NOT NULL", "b IS NULL", "TRUE", "FALSE", "1 = 1", "'a' > 'b'"),
    ]
    index = layer(**columns)
    names = list(columns)
    with closing(sqlite3.connect(":memory:")) as store:
        store.execute(f"CREATE TABLE layer (place, {', '.join(names)})")
        rows = zip(range(80), *columns.values(), strict=True)
        store.executemany(f"INSERT INTO layer VALUES (?{', ?' * len(names)})", rows)
        store.execute("PRAGMA case_sensitive_like = ON")
        for _ in range(400):
            a, b, c = (f"NOT ({one})" if rng.random() < 0.4 else f"({one})" for one in rng.choice(parts, 3))
            stated = f"NOT ({a} OR {b}) AND {c}" if rng.random() < 0.3 else f"{a} AND {b} OR {c}"
            expected = [place for (place,) in store.execute(f"SELECT place FROM layer WHERE {stated}")]
            assert places(index, stated) == expected, stated


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("name LIKE '100\\%'", [0]),
        ("name LIKE '100%'", [0, 1]),
        ("name LIKE 'a\\_b'", [2]),
        ("name LIKE 'a_b'", [2, 3]),
        ("name LIKE 'a.b'", []),
        ("name LIKE '%line%'", [4]),
        ("name LIKE 'two%'", [4]),
        ("name LIKE ''", [5]),
        ("name LIKE '%'", [0, 1, 2, 3, 4, 5, 6]),
        ("name LIKE '%b%b'", []),
        ("name LIKE '%a%b'", [2, 3]),
        ("CASEI(name) = CASEI('STRASSE')", [6]),
        ("CASEI(name) LIKE CASEI('%TRAS%')", [6]),
        ("NOT (CASEI(name) = CASEI('STRASSE'))", [0, 1, 2, 3, 4, 5]),
    ],
)
def test_patterns_and_case(stated: str, expected: list[int]) -> None:
    names = ["100%", "100 m", "a_b", "a+b", "two\nlines", "", "Straße", None]
    assert places(layer(name=names), stated) == expected


def test_a_pattern_takes_no_more_time_for_matching_in_many_ways() -> None:
    def give_up(*_: object) -> None:
        raise AssertionError("looking for ways to match goes on for ever")

    index = layer(name=["a" * 2000, "a" * 2000 + "b"])
    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(20)
    try:
        assert places(index, f"name LIKE '{'%a' * 40}%c'") == []
        assert places(index, f"name LIKE '{'%a' * 40}%b'") == [1]
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def test_days_beside_months_and_days_beside_gaps() -> None:
    index = layer(since=["2026-09", "2026-10", "2026-10-05", "2026-10-31", None])
    assert places(index, "since = DATE('2026-10-31')") == [1, 3]
    assert places(index, "since < DATE('2026-10-06')") == [0, 2]
    assert places(index, "DATE('2026-10-06') < since") == [3]
    assert places(index, "since IN (DATE('2026-09-30'), DATE('2026-10-05'))") == [0, 1, 2]
    assert places(index, "NOT (since = DATE('2026-10-31'))") == [0, 2]


def test_shapes_touch_from_outside_too() -> None:
    index = layer(n=[1, 2, 3, None])
    assert places(index, "S_INTERSECTS(geometry, POINT(1 0.5))") == [0, 1]
    assert places(index, "S_INTERSECTS(geometry, BBOX(0.5,-1,1.5,2)) AND n > 1") == [1]
    assert places(index, "NOT S_INTERSECTS(geometry, BBOX(0.5,-1,1.5,2))") == [2, 3]


def test_of_an_empty_layer_and_of_a_field_without_values() -> None:
    assert places(layer(n=[]), "n = 1 OR name LIKE 'a%' OR S_INTERSECTS(geometry, POINT(0 0))") == []
    index = layer(n=[None, None])
    assert places(index, "n = 0 OR name = '' OR b = FALSE") == []
    assert places(index, "n IS NULL AND name IS NULL") == [0, 1]


def test_what_takes_too_long_is_given_up_midway(monkeypatch: pytest.MonkeyPatch) -> None:
    index = layer(name=[str(number) for number in range(100)])
    now = iter(np.arange(0, 1000, 0.5))
    monkeypatch.setattr(module, "monotonic", lambda: next(now))
    monkeypatch.setattr(module, "_AT_ONCE", 10)
    assert places(index, "id = '001'") == [1]
    with pytest.raises(BadParameter, match="longer than 2 s"):
        places(index, "name LIKE '%7%'")
    with pytest.raises(BadParameter, match="longer than 2 s"):
        places(index, " OR ".join(["id = '001'"] * 10))


def test_the_pattern_of_like_is_a_text() -> None:
    for pattern in ("name", "CASEI(name)"):
        with pytest.raises(BadParameter, match="must be a text"):
            places(layer(n=[1]), f"other LIKE {pattern}")
