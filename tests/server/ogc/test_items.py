"""Features: whole, by pages, in every system, and not twice."""

import gzip
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import shapely
from sqlalchemy import text

from server.actors import Role
from tests.server.ogc.conftest import Ask
from tests.world import World

CRS84, EPSG4326, EPSG3857 = (
    f"http://www.opengis.net/def/crs/{name}" for name in ("OGC/1.3/CRS84", "EPSG/0/4326", "EPSG/0/3857")
)


def pages(ask: Ask, collection: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return every page, following `next` links."""
    path, told, found = f"/collections/{collection}/items", dict(parameters), []
    headers = told.pop("headers", None)
    while True:
        answer = ask(path, headers=headers, **told)
        assert answer.status_code == 200, answer.text
        found.append(answer.json)
        following = [link["href"] for link in answer.json["links"] if link["rel"] == "next"]
        if not following:
            return found
        told = dict(parse_qsl(urlsplit(following[0]).query))


def test_every_layer_comes_whole_and_exactly_as_it_was_published(world: World, ask: Ask) -> None:
    for name, table in world.tables.items():
        [page] = pages(ask, name, headers=world.asks_as(Role.PLANNER))
        assert page["numberMatched"] == page["numberReturned"] == len(table)
        for place, feature in enumerate(page["features"]):
            assert feature["id"] == table.ids[place]
            told = {field.name: table.columns[field.name][place] for field in table.fields}
            assert feature["properties"] == told
            assert list(feature["properties"]) == list(told)
            assert shapely.equals_exact(shapely.geometry.shape(feature["geometry"]), table.shapes[place])


@pytest.mark.parametrize("limit", [1, 7, 60, 61, 62])
def test_pages_hold_each_feature_once_in_one_order(world: World, ask: Ask, limit: int) -> None:
    found = pages(ask, "cells", limit=limit)
    ids = [feature["id"] for page in found for feature in page["features"]]
    assert ids == list(world.tables["cells"].ids)
    assert {page["numberMatched"] for page in found} == {len(ids)}
    assert [page["numberReturned"] for page in found[:-1]] == [limit] * (len(found) - 1)


def test_next_links_keep_every_parameter(world: World, ask: Ask) -> None:
    asked = {
        "limit": "3",
        "f": "json",
        "bbox": "77,28,78,29",
        "crs": EPSG3857,
        "filter": "score >= 0 AND class <> 'x'",
        "filter-lang": "cql2-text",
        "resolution": "9",
        "datetime": "2020-01-01/..",
    }
    [first, *others] = pages(ask, "cells", **asked)
    [following] = [link["href"] for link in first["links"] if link["rel"] == "next"]
    kept = dict(parse_qsl(urlsplit(following).query))
    assert kept.pop("after") == first["features"][-1]["id"]
    assert kept == asked
    assert sum(page["numberReturned"] for page in [first, *others]) == len(world.tables["cells"])


def test_floats_are_written_as_floats_even_where_all_are_whole(ask: Ask) -> None:
    text = ask("/collections/cells/items").text
    told = json.loads(text, parse_float=lambda digits: ("float", digits))
    for feature in told["features"]:
        for name in ("score", "score_low", "score_high"):
            assert feature["properties"][name][0] == "float"
        assert isinstance(feature["properties"]["resolution"], int)


def test_a_feature_by_its_id(world: World, ask: Ask) -> None:
    for name in ("cells", "zones", "hotspots", "interventions"):
        id_ = world.tables[name].ids[0]
        answer = ask(f"/collections/{name}/items/{id_}")
        assert answer.headers["Content-Type"] == "application/geo+json"
        assert (answer.json["type"], answer.json["id"]) == ("Feature", id_)
        assert {link["rel"] for link in answer.json["links"]} == {"self", "alternate", "collection"}
        assert ask(f"/collections/{name}/items/{id_}", f="html").mimetype == "text/html"
    missing = ask("/collections/cells/items/893da1000000000")
    assert (missing.status_code, missing.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/collections/cells/items", "/collections/cells/items/{id}"])
def test_the_systems_differ_as_they_must(world: World, ask: Ask, path: str) -> None:
    path = path.format(id=world.tables["cells"].ids[0])

    def corner(crs: str) -> list[float]:
        answer = ask(path, crs=crs)
        assert answer.headers["Content-Crs"] == f"<{crs}>"
        feature = answer.json["features"][0] if "features" in answer.json else answer.json
        return feature["geometry"]["coordinates"][0][0]

    lng, lat = corner(CRS84)
    assert 77 < lng < 78
    assert corner(EPSG4326) == [lat, lng]
    with world.town.database.transaction() as connection:
        projected = connection.execute(
            text("SELECT ST_X(p), ST_Y(p) FROM ST_Transform(ST_Point(:lng, :lat, 4326), 3857) AS p"),
            {"lng": lng, "lat": lat},
        ).one()
    assert corner(EPSG3857) == pytest.approx(list(projected), abs=0.006)
    assert ask(path).headers["Content-Crs"] == f"<{CRS84}>"


def test_an_unchanged_page_is_not_sent_again_nor_made(world: World, ask: Ask) -> None:
    path = "/collections/cells/items"
    for parameters in ({}, {"filter": "score > 1"}, {"f": "html"}):
        first = ask(path, **parameters)
        again = ask(path, headers={"If-None-Match": first.headers["ETag"]}, **parameters)
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    assert ask(path).headers["ETag"] != ask(path, f="html").headers["ETag"]
    assert ask(path, headers={"If-None-Match": ask(path).headers["ETag"]}, limit=0).status_code == 400


def test_what_is_compressed_is_compressed_once_under_its_own_tag(world: World, ask: Ask) -> None:
    for parameters in ({}, {"filter": "score > 1"}):
        plain = ask("/collections/cells/items", **parameters)
        zipped = ask("/collections/cells/items", headers={"Accept-Encoding": "gzip"}, **parameters)
        assert gzip.decompress(zipped.data) == plain.data
        assert zipped.headers["ETag"] != plain.headers["ETag"]
        assert "Accept-Encoding" in zipped.headers["Vary"]
    assert plain.headers["Cache-Control"] == "public, max-age=60"


def test_a_head_tells_the_headers_alone(world: World) -> None:
    client, path = world.client(), "/ogc/testville/collections/cells/items?limit=2"
    head, whole = client.head(path), client.get(path)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]
    assert client.options(path).status_code == 200
