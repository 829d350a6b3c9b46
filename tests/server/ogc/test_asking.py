"""Which features are asked for: boxes, times, values, CQL2; and what is refused, and in which words."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely

from server.filtering import matching
from tests.server.ogc.conftest import Ask
from tests.server.publishing.conftest import NOW
from tests.world import World

Found = Callable[..., set[str]]
BOX = (77.245, 28.595, 77.255, 28.602)
CRS = "http://www.opengis.net/def/crs"


def inside(world: World, shape: Any, collection: str = "cells") -> set[str]:
    table = world.tables[collection]
    return {id_ for id_, one in zip(table.ids, table.shapes, strict=True) if shapely.intersects(one, shape)}


def where(world: World, holds: Callable[[dict[str, Any]], bool], collection: str = "cells") -> set[str]:
    table = world.tables[collection]
    names = list(table.columns)
    rows = zip(table.ids, *(table.columns[name] for name in names), strict=True)
    return {id_ for id_, *row in rows if holds(dict(zip(names, row, strict=True)))}


def text_of(numbers: tuple[float, ...]) -> str:
    return ",".join(map(repr, numbers))


def mercator(lng: float, lat: float) -> tuple[float, float]:
    return math.radians(lng) * 6378137, math.asinh(math.tan(math.radians(lat))) * 6378137


def test_a_box_in_every_system_with_4_or_6_numbers(world: World, found: Found) -> None:
    west, south, east, north = BOX
    expected = inside(world, shapely.box(*BOX))
    assert 5 < len(expected) < 40
    assert found("cells", bbox=text_of(BOX)) == expected
    assert found("cells", bbox=text_of((west, south, 0.0, east, north, 9.0))) == expected
    assert found("cells", bbox=text_of((south, west, north, east)), bbox_crs=f"{CRS}/EPSG/0/4326") == expected
    metres = (*mercator(west, south), *mercator(east, north))
    assert found("cells", bbox=text_of(metres), bbox_crs=f"{CRS}/EPSG/0/3857") == expected
    assert found("zones", bbox=text_of(BOX)) == inside(world, shapely.box(*BOX), "zones")


def test_a_box_across_the_antimeridian_is_everything_but_its_gap(world: World, found: Found) -> None:
    everything = set(world.tables["cells"].ids)
    assert found("cells", bbox="77,28,-170,29") == everything
    assert found("cells", bbox="78,28,76,29") == set()
    assert found("cells", bbox="77.25,28,77.24,29") < everything


@pytest.mark.parametrize(
    ("parameters", "holds"),
    [
        ({"class": "severe"}, lambda row: row["class"] == "severe"),
        ({"score": "2.5"}, lambda row: row["score"] == 2.5),
        ({"resolution": "9"}, lambda _: True),
        ({"resolution": "9.5"}, lambda _: False),
        ({"adjusted": "true", "audits_min": "10"}, lambda row: row["adjusted"] and row["audits_min"] == 10),
    ],
)
def test_fields_by_their_value(world: World, found: Found, parameters: Any, holds: Any) -> None:
    assert found("cells", **parameters) == where(world, holds)


@pytest.mark.parametrize(
    ("stated", "holds"),
    [
        ("score < 2.5", lambda row: row["score"] < 2.5),
        ('"score" >= 2 AND score <= 3.0', lambda row: 2 <= row["score"] <= 3),
        ("2.5 > score", lambda row: row["score"] < 2.5),
        ("score <> 2", lambda row: row["score"] != 2),
        (
            "class = 'none' or class = 'cold' and score > 4",
            lambda row: row["class"] == "none" or row["score"] > 4,
        ),
        ("NOT (class = 'none')", lambda row: row["class"] != "none"),
        ("class IN ('hot', 'severe')", lambda row: row["class"] in ("hot", "severe")),
        ("class NOT IN ('hot', 'severe')", lambda row: row["class"] not in ("hot", "severe")),
        ("score BETWEEN 2 AND 3", lambda row: 2 <= row["score"] <= 3),
        ("score NOT BETWEEN 2 AND 3", lambda row: not 2 <= row["score"] <= 3),
        ("needs LIKE '%light%'", lambda row: "light" in row["needs"]),
        ("class LIKE '_evere'", lambda row: row["class"] == "severe"),
        ("class NOT LIKE 'n%'", lambda row: not row["class"].startswith("n")),
        ("CASEI(class) = CASEI('SEVERE')", lambda row: row["class"] == "severe"),
        ("CASEI(class) LIKE CASEI('S%')", lambda row: row["class"] == "severe"),
        ("class LIKE 'S%'", lambda _: False),
        ("last_audit IS NULL", lambda row: row["last_audit"] is None),
        ("last_audit IS NOT NULL", lambda row: row["last_audit"] is not None),
        ("adjusted = TRUE", lambda row: row["adjusted"]),
        ("score_low < score AND cell = cell", lambda row: row["score_low"] < row["score"]),
        ("resolution = 9.0", lambda _: True),
        ("TRUE", lambda _: True),
        ("FALSE", lambda _: False),
    ],
)
def test_cql2_on_values(world: World, found: Found, stated: str, holds: Callable[[Any], bool]) -> None:
    assert found("cells", filter=stated) == where(world, holds)
    assert found("cells", filter=stated, filter_lang="cql-text") == where(world, holds)


@pytest.mark.parametrize(
    ("stated", "shape"),
    [
        (f"S_INTERSECTS(geometry, BBOX({text_of(BOX)}))", shapely.box(*BOX)),
        ("S_INTERSECTS(geometry, POINT(77.25 28.6))", shapely.Point(77.25, 28.6)),
        ("s_intersects(POINT (77.25 28.6), geometry)", shapely.Point(77.25, 28.6)),
        (
            "S_INTERSECTS(geometry,LINESTRING(77.24 28.6,77.26 28.6))",
            shapely.LineString([(77.24, 28.6), (77.26, 28.6)]),
        ),
        (
            "S_INTERSECTS(geometry,POLYGON((77.24 28.59,77.26 28.59,77.25 28.61,77.24 28.59)))",
            shapely.Polygon([(77.24, 28.59), (77.26, 28.59), (77.25, 28.61)]),
        ),
    ],
)
def test_cql2_on_shapes(world: World, found: Found, stated: str, shape: Any) -> None:
    assert found("cells", filter=stated) == inside(world, shape)
    assert found("zones", filter=stated) == inside(world, shape, "zones")


def test_shapes_of_a_filter_are_in_its_system(world: World, found: Found) -> None:
    stated = "S_INTERSECTS(geometry, POINT(28.6 77.25))"
    expected = inside(world, shapely.Point(77.25, 28.6))
    assert len(expected) == 1
    assert found("cells", filter=stated, filter_crs=f"{CRS}/EPSG/0/4326") == expected
    assert found("cells", filter=stated) == set()


def test_quotes_and_other_scripts_in_texts(world: World, found: Found) -> None:
    one = where(world, lambda row: row["name"].startswith("It's"), "zones")
    other = where(world, lambda row: row["name"].startswith("पूर्व"), "zones")
    assert one
    assert found("zones", filter="name = 'It''s west, \"wide\"'") == one
    assert found("zones", filter="name = 'It\\'s west, \"wide\"'") == one
    assert found("zones", name='It\'s west, "wide"') == one
    assert found("zones", filter="name LIKE 'पूर्व%'") == other
    assert found("zones", filter="name = 'x'' OR ''1''=''1'") == set()


def test_times(world: World, found: Found) -> None:
    months = {row for row in world.tables["cells"].columns["last_audit"] if row}
    for month in months:
        of_month = where(world, lambda row, month=month: row["last_audit"] in (month, None))
        assert found("cells", datetime=f"{month}-15") == of_month
        assert found("cells", datetime=f"{month}-01T00:00:00Z/{month}-20T00:00:00Z") == of_month
        assert found("cells", filter=f"last_audit = DATE('{month}-15')") == of_month
    everything = set(world.tables["cells"].ids)
    assert found("cells", datetime="2000-01-01/..") == everything
    assert found("cells", datetime="../2000-01-01") == where(world, lambda row: row["last_audit"] is None)
    today = NOW.date().isoformat()
    assert found("interventions", datetime=f"../{today}") == set()
    assert found("interventions", datetime=f"{today}/..") == set(world.tables["interventions"].ids)
    assert found("zones", datetime="1990-01-01") == set(
        world.tables["zones"].ids
    )  # without time: of every time


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"colour": "red"}, "no parameter 'colour' here; there are: f, limit"),
        ({"limit": "0"}, "limit='0'"),
        ({"limit": "-1"}, "limit='-1'"),
        ({"limit": "ten"}, "limit='ten'"),
        ({"limit": "1.5"}, "limit='1.5'"),
        ({"limit": ["1", "2"]}, "limit is given 2 times"),
        ({"bbox": "1,2,3"}, "bbox has 3 numbers; 4 or 6"),
        ({"bbox": "1,2,3,4,5"}, "bbox has 5 numbers; 4 or 6"),
        ({"bbox": "77,29,78,28"}, "swapped"),
        ({"bbox": "a,b,c,d"}, "'a' is no number"),
        ({"bbox": "nan,0,1,1"}, "no finite number"),
        ({"bbox": "0,0,1,1", "bbox-crs": "EPSG:4326"}, "no CRS 'EPSG:4326' here; there are: http"),
        ({"crs": "http://www.opengis.net/def/crs/EPSG/0/32643"}, "there are: http"),
        ({"datetime": "yesterday"}, "'yesterday' is no date"),
        ({"datetime": "2026-10-01/2026-09-01"}, "swapped"),
        ({"datetime": "../.."}, "neither a time nor an interval"),
        ({"datetime": "2026-10-01T10:00:00"}, "no date or time of RFC 3339"),
        ({"score": "low"}, "'low' is no number"),
        ({"adjusted": "1"}, "must be true or false"),
        ({"f": "gml"}, "must be one of: json, html"),
        ({"filter": "score >", "filter-lang": "cql2-json"}, "must be one of: cql2-text"),
        ({"filter": "score >"}, "filter, character 8, at 'the end'"),
        ({"filter": "score > 1)"}, "filter, character 10, at ')'"),
        ({"filter": "auditors > 1"}, "character 1, at 'auditors': there is no property 'auditors'"),
        ({"filter": "\"properties->>'x'\" = 1"}, "no property"),
        ({"filter": "score = 'low'"}, "number and text cannot be compared"),
        ({"filter": "needs > 3"}, "number and text"),
        ({"filter": "geometry = 3"}, "S_INTERSECTS"),
        ({"filter": "S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))"}, "closed linestring"),
        ({"filter": "S_WITHIN(geometry, POINT(0 0))"}, "character 9"),
        ({"filter": "score = 1e999"}, "too large"),
        ({"filter": "needs LIKE 'a\\'"}, "ends with"),
        ({"filter": "(" * 400}, "nested more than 40"),
        ({"filter": "score = 1 OR " * 800 + "TRUE"}, "at most 8000"),
        ({"filter": "needs = '\0'"}, "NUL"),
        ({"needs": "\0"}, "NUL"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(ask: Ask, parameters: dict[str, Any], told: str) -> None:
    answer = ask("/collections/cells/items", **parameters)
    assert answer.status_code == 400
    assert answer.json["type"] == "/problems/bad-parameter"
    assert told in answer.json["detail"]


def test_a_limit_beyond_the_largest_is_the_largest(world: World, found: Found) -> None:
    for limit in ("10001", "1000000000", "9" * 40):
        assert found("cells", limit=limit) == set(world.tables["cells"].ids)


@pytest.mark.parametrize(
    "path", ["", "/conformance", "/collections", "/collections/cells", "/collections/cells/schema"]
)
def test_documents_know_no_parameter_but_their_form(ask: Ask, path: str) -> None:
    assert ask(path, limit=1).status_code == 400
    assert ask(path, f="xml").status_code == 400


def test_a_filter_that_takes_too_long_is_refused_and_nothing_breaks(
    ask: Ask, found: Found, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(matching, "PATIENCE_S", -1.0)
        answer = ask("/collections/cells/items", filter="score > 1")
    assert answer.status_code == 400
    assert "takes longer" in answer.json["detail"]
    assert found("cells", filter="TRUE") == set(world.tables["cells"].ids)


def test_random_filters_agree_with_a_reading_of_the_published_table(world: World, found: Found) -> None:
    """Whole sentences, from parts whose truth is known."""
    rng = np.random.default_rng(3)
    parts: list[tuple[str, Callable[[Any], bool]]] = [
        ("score < 2.6", lambda row: row["score"] < 2.6),
        ("needs LIKE '%light%'", lambda row: "light" in row["needs"]),
        ("class IN ('none','watch')", lambda row: row["class"] in ("none", "watch")),
        ("audits_min BETWEEN 6 AND 30", lambda row: 6 <= row["audits_min"] <= 30),
        ("trend = 'too_short'", lambda row: row["trend"] == "too_short"),
    ]
    for _ in range(25):
        chosen = [parts[place] for place in rng.integers(0, len(parts), 4)]
        flips = rng.random(4) < 0.4
        stated = [f"NOT ({one})" if flip else one for (one, _), flip in zip(chosen, flips, strict=True)]
        told = f"({stated[0]} OR {stated[1]}) AND ({stated[2]} OR NOT ({stated[3]}))"

        def holds(row: Any, chosen: Any = chosen, flips: Any = flips) -> bool:
            a, b, c, d = (one(row) != flip for (_, one), flip in zip(chosen, flips, strict=True))
            return (a or b) and (c or not d)

        assert found("cells", filter=told) == where(world, holds), told
