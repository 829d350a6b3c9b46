"""Landing page to schemas: what clients find out before they ask for features (Features 1, 2, 3 and 5)."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import urlsplit

import jsonschema
import pytest
from sqlalchemy import text

from server.actors import Role
from server.api.context import EXTENSION
from server.ogc.conformance import CLASSES
from tests.server.ogc.conftest import Ask
from tests.world import PUBLIC_URL, World

PUBLIC = {"cells", "cells-day", "cells-night", "hotspots", "hotspots-night", "zones", "city", "interventions"}
DOCUMENTS = ("", "/conformance", "/api", "/collections", "/collections/cells", "/collections/cells/schema")


def links(document: dict[str, object], rel: str) -> list[dict[str, str]]:
    return [link for link in document["links"] if link["rel"] == rel]  # type: ignore[attr-defined]


def test_every_link_is_absolute_and_leads_to_what_it_says(world: World, ask: Ask) -> None:
    client, waiting, seen = world.client(), [f"{PUBLIC_URL}/ogc/testville"], set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        assert address.startswith(f"{PUBLIC_URL}/ogc/testville")
        parts = urlsplit(address)
        answer = client.get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 200, address
        if answer.is_json and isinstance(answer.json, dict):
            told = [
                link
                for one in [answer.json, *answer.json.get("collections", [])]
                for link in one.get("links", [])
            ]
            waiting += [link["href"] for link in told]
            for link in told:
                path = urlsplit(link["href"])
                sent = client.get(f"{path.path}?{path.query}").headers["Content-Type"]
                assert sent.split(";")[0] == link["type"].split(";")[0], link
    assert len(seen) > 60


def test_the_landing_page_has_what_qgis_needs(ask: Ask) -> None:
    document = ask().json
    for rel in ("self", "service-desc", "conformance", "data"):
        assert len(links(document, rel)) == 1
    assert links(document, "service-desc")[0]["type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert ask("/conformance").json["conformsTo"] == list(CLASSES)


def test_without_a_setting_links_follow_the_request(world: World) -> None:
    here = world.app.extensions[EXTENSION]
    world.app.extensions[EXTENSION] = replace(here, settings=replace(here.settings, public_url=None))
    try:
        told = world.client().get("/ogc/testville", headers={"Host": "gis.example:8080"}).json
    finally:
        world.app.extensions[EXTENSION] = here
    assert {link["href"].split("/ogc")[0] for link in told["links"]} == {"http://gis.example:8080"}


def test_collections_say_where_when_and_in_which_systems(world: World, ask: Ask) -> None:
    listed = {one["id"]: one for one in ask("/collections").json["collections"]}
    assert set(listed) == PUBLIC
    for name, one in listed.items():
        [[west, south, east, north]] = one["extent"]["spatial"]["bbox"]
        bounds = [shape.bounds for shape in world.tables[name].shapes]
        assert all(west <= b[0] and south <= b[1] and b[2] <= east and b[3] <= north for b in bounds)
        assert one["itemType"] == "feature"
        assert one["storageCrs"] in one["crs"]
        assert len(one["crs"]) == 3
        assert links(one, "items")[0]["type"] == "application/geo+json"
    alone = ask("/collections/cells").json
    assert {key: alone[key] for key in ("id", "extent", "crs")} == {
        key: listed["cells"][key] for key in ("id", "extent", "crs")
    }


def test_planners_collections_are_there_for_planners_alone(world: World, ask: Ask) -> None:
    planner, moderator = (world.asks_as(role) for role in (Role.PLANNER, Role.MODERATOR))
    seen = {one["id"] for one in ask("/collections", headers=planner).json["collections"]}
    assert seen == set(world.tables)
    assert {one["id"] for one in ask("/collections", headers=moderator).json["collections"]} == PUBLIC
    for path in ("", "/schema", "/queryables", "/items", "/items/x"):
        address = f"/collections/cells-now{path}"
        assert ask(address).status_code == 401
        assert ask(address, headers=moderator).status_code == 403
    answer = ask("/collections/cells-now/items", headers=planner)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    for path in ("/collections", "/collections/cells/items"):
        assert ask("/collections", headers={"Authorization": "Bearer nonsense"}).status_code == 401, path
    other = world.client().get("/ogc/othertown/collections", headers=planner)
    assert other.status_code == 401


def test_a_planners_reading_is_logged_once_for_all_its_pages(world: World, ask: Ask) -> None:
    for place in range(3):
        ask("/collections/gaps/items", headers=world.asks_as(Role.PLANNER), limit=5 + place)
        ask("/collections/cells/items", headers=world.asks_as(Role.PLANNER), limit=5 + place)
    with world.town.database.transaction() as connection:
        read = connection.scalars(
            text("SELECT detail->>'layer' FROM event WHERE action = 'layer.read'")
        ).all()
    assert read.count("gaps") == 1
    assert "cells" not in read


@pytest.mark.parametrize("city", ["atlantis", "othertown"])
def test_foreign_and_unknown_collections_are_alike_not_there(world: World, city: str) -> None:
    for name in ("cells", "x", "cells-now"):
        assert world.client().get(f"/ogc/{city}/collections/{name}/items").status_code == 404
    assert world.client().get("/ogc/testville/collections/cells.hazard").status_code == 404


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_features_are_as_the_schema_says(world: World, ask: Ask, name: str) -> None:
    schema = ask(f"/collections/{name}/schema")
    asked = ask(f"/collections/{name}/queryables").json
    assert schema.headers["Content-Type"] == "application/schema+json"
    assert schema.json["properties"] == asked["properties"]
    shape, *fields = schema.json["properties"]
    assert (shape, fields) == ("geometry", [field.name for field in world.tables[name].fields])
    assert schema.json["properties"]["geometry"]["x-ogc-role"] == "primary-geometry"
    nullable = {
        **schema.json,
        "properties": {
            key: {**told, "type": [told["type"], "null"]}
            for key, told in schema.json["properties"].items()
            if key != "geometry"
        },
    }
    for feature in ask(f"/collections/{name}/items").json["features"]:
        jsonschema.validate(feature["properties"], nullable)


def test_the_api_description_names_page_sizes_and_every_field_as_a_parameter(world: World, ask: Ask) -> None:
    document = ask("/api").json
    assert document["openapi"].startswith("3.0.")
    limit = document["components"]["parameters"]["limit"]["schema"]
    assert (limit["default"], limit["maximum"]) == (1000, 10_000)
    for name in PUBLIC:
        told = document["paths"][f"/collections/{name}/items"]["get"]["parameters"]
        assert {one["name"] for one in told if "name" in one} == {
            field.name for field in world.tables[name].fields
        }
        references = {one["$ref"].rpartition("/")[2] for one in told if "$ref" in one}
        assert references == set(document["components"]["parameters"])
    assert "/collections/cells-now/items" not in document["paths"]


class Page(HTMLParser):
    """The elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", [*DOCUMENTS, "/collections/zones/items", "/collections/cells/items"])
def test_people_get_a_page_that_needs_nothing_from_elsewhere(world: World, ask: Ask, path: str) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = ask(path, headers=browser)
    assert answer.mimetype == "text/html"
    assert ask(path, f="html").mimetype == "text/html"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    page = Page(answer.text).found
    assert not [tag for tag, told in page if tag in ("script", "style", "iframe") or "style" in told]
    for tag, told in page:
        for key in ("href", "src"):
            assert (told.get(key) or PUBLIC_URL).startswith(PUBLIC_URL), (tag, told)
    assert ("path" in {tag for tag, _ in page}) == path.endswith("/items")
    assert ask(path, headers={"Accept": "*/*"}).mimetype != "text/html"
    assert ask(path, headers={"Accept": "application/geo+json, application/json"}).mimetype != "text/html"


def test_names_from_files_are_shown_and_never_run(ask: Ask) -> None:
    page = ask("/collections/zones/items", f="html").text
    assert "It&#39;s west, &#34;wide&#34;" in page
    assert "पूर्व; East" in page


def test_the_style_of_the_pages_is_served_here(world: World) -> None:
    assert world.client().get("/ogc/style.css").mimetype == "text/css"


def test_a_city_without_a_run_has_a_landing_page_and_no_collections(world: World) -> None:
    client = world.client()
    assert client.get("/ogc/othertown").status_code == 200
    assert client.get("/ogc/othertown/collections").json["collections"] == []
    assert json.loads(client.get("/ogc/othertown/collections/cells").data)["type"] == "/problems/no-run"
