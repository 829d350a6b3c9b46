"""Layers as files: who may have which, what is sent, what need not be sent again."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas
import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from server.actors import Role
from server.cities import City, CityDirectory
from server.cluster.embedded import Cluster
from server.database import Database, connect
from server.exporting.files import FORMATS
from server.publishing.analyse_city import analyse_city
from tests.conftest import FEW, OTHERTOWN, TESTVILLE, database_like, make_city
from tests.server.api.people import CITY, Person
from tests.server.publishing.conftest import Town, scattered

PLANNERS = (
    *("cells-now", "cells-reference", "dark-spots", "hotspots-now", "incident-clusters"),
    *("zones-now", "cells-history", "gaps"),
)


@pytest.fixture(scope="module")
def published(cluster: Cluster) -> Iterator[str]:
    """The name of a database with an analysed city, and another that never was, for each test to copy."""
    with database_like(cluster) as name:
        database = connect(cluster.database_url(name), pool_size=8)
        make_city(database, "testville", area=TESTVILLE, asked=FEW)
        make_city(database, "othertown", area=OTHERTOWN)
        town = Town(database, CityDirectory(database).get("testville"))
        scattered(town, auditors=20, places=91, seed=2)
        analyse_city(database, town.city)
        database.dispose()
        yield name


@pytest.fixture
def database(cluster: Cluster, published: str) -> Iterator[Database]:
    with database_like(cluster, published) as name:
        database = connect(cluster.database_url(name), pool_size=8)
        yield database
        database.dispose()


@pytest.fixture
def town(database: Database, city: City) -> Town:
    return Town(database, city)


@pytest.fixture
def planner(give_key: Callable[..., Person]) -> Person:
    return give_key(Role.PLANNER)


def fetch(person: Person, file: str, **headers: str) -> TestResponse:
    """Return the answer as it is: files have no shape in the API's description."""
    if person.token is not None:
        headers["Authorization"] = f"Bearer {person.token}"
    return person.client.get(f"{CITY}/layers/{file}", headers=headers)


def test_a_city_without_a_run_says_so_and_lists_nothing(stranger: Person) -> None:
    layers = "/api/v1/cities/othertown/layers"
    answer = stranger.get(f"{layers}/cells.geojson")
    assert answer.status_code == 404
    assert "not been analysed yet" in answer.json["detail"]
    assert stranger.get(layers).json == {"layers": []}


@pytest.mark.parametrize("ending", FORMATS)
def test_everybody_can_have_the_public_layers_in_every_format(
    stranger: Person, tmp_path: Path, ending: str
) -> None:
    answer = fetch(stranger, f"cells.{ending}")
    file = tmp_path / f"cells.{ending}"
    file.write_bytes(answer.data)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == FORMATS[ending].media_type
    assert answer.headers["Content-Disposition"] == f'attachment; filename="testville-cells.{ending}"'
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    if ending == "parquet":
        frame = geopandas.read_parquet(file)
    elif ending == "csv":
        assert answer.text.splitlines()[0].endswith(",geometry")
        return
    else:
        frame = geopandas.read_file(file, layer="cells")
    assert len(frame) == 91
    assert "score_low" in frame.columns


def test_the_list_tells_what_exists_for_whom_and_where(stranger: Person) -> None:
    layers = {layer["name"]: layer for layer in stranger.get("layers").json["layers"]}
    assert {name for name, layer in layers.items() if layer["audience"] == "planner"} == set(PLANNERS)
    assert layers["cells"]["fields"][0] == {"name": "cell", "type": "text", "title": "H3 cell"}
    for link in layers["cells"]["links"]:
        assert stranger.client.get(link["href"]).headers["Content-Type"] == link["type"]


@pytest.mark.parametrize("layer", PLANNERS)
def test_planners_layers_need_a_key_of_this_city(
    stranger: Person, planner: Person, give_key: Callable[..., Person], layer: str
) -> None:
    path = f"layers/{layer}.geojson"
    assert stranger.get(path).status_code == 401
    assert give_key(Role.PLANNER, "othertown").get(path).status_code == 401
    assert give_key(Role.MODERATOR).get(path).status_code == 403
    answer = fetch(planner, f"{layer}.geojson")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_phones_token_opens_no_planners_layer(amina: Person) -> None:
    assert amina.get("layers/cells-now.csv").status_code == 403
    assert fetch(amina, "cells.csv").status_code == 200


def test_a_planners_reading_is_logged_and_a_strangers_is_not(
    stranger: Person, planner: Person, town: Town
) -> None:
    fetch(stranger, "cells.csv")
    fetch(planner, "cells-now.csv")
    with town.database.transaction() as connection:
        logged = connection.execute(text("SELECT actor, action, detail FROM event")).all()
    assert [(row.action, row.detail["layer"]) for row in logged if row.action == "layer.read"] == [
        ("layer.read", "cells-now")
    ]


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("walls.geojson", "cells-night"),
        ("cells.shp", "gpkg"),
        ("cells.geojson?instrument=hazard", "safetipin-9"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(stranger: Person, file: str, named: str) -> None:
    answer = stranger.get(f"layers/{file}")
    assert answer.status_code == 404
    assert named in answer.json["detail"]


def test_an_unchanged_file_is_not_sent_again_and_its_rows_are_not_read(stranger: Person, town: Town) -> None:
    tag = fetch(stranger, "cells.geojson").headers["ETag"]
    assert tag.startswith('"')
    with town.database.transaction() as connection:
        connection.execute(text("UPDATE layer_row SET properties = '{}'"))  # would fail if read
    again = fetch(stranger, "cells.geojson", **{"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag


def test_a_new_run_has_another_tag(stranger: Person, town: Town) -> None:
    tag = fetch(stranger, "hotspots.gpkg").headers["ETag"]
    analyse_city(town.database, town.city)
    again = fetch(stranger, "hotspots.gpkg", **{"If-None-Match": tag})
    assert again.status_code == 200
    assert again.headers["ETag"] != tag


def test_text_is_compressed_for_those_who_accept_it_under_a_tag_of_its_own(stranger: Person) -> None:
    plain = fetch(stranger, "cells.geojson")
    zipped = fetch(stranger, "cells.geojson", **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in zipped.headers["Vary"]
    assert gzip.decompress(zipped.data) == plain.data
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    assert "Content-Encoding" not in fetch(stranger, "cells.gpkg", **{"Accept-Encoding": "gzip"}).headers


def test_a_head_tells_the_headers_alone(stranger: Person) -> None:
    whole = fetch(stranger, "cells.fgb")
    head = stranger.client.head(f"{CITY}/layers/cells.fgb")
    assert (head.status_code, head.data) == (200, b"")
    for name in ("ETag", "Content-Length", "Content-Type"):
        assert head.headers[name] == whole.headers[name]


def test_no_public_layer_carries_what_planners_alone_may_see(stranger: Person) -> None:
    for layer in ("cells", "cells-day", "cells-night", "hotspots", "hotspots-night"):
        for feature in json.loads(fetch(stranger, f"{layer}.geojson").data)["features"]:
            told = feature["properties"]
            assert not {"deficit", "probability", "causes", "gi_z", "auditors", "n_eff"} & told.keys()
            assert told["auditors_min"] in (5, 10, 20, 50, 100)
            assert told["score"] == round(told["score"], 1)


@pytest.mark.parametrize("ending", ["gpkg", "geojson"])
def test_a_file_is_sent_in_parts_to_those_who_open_it_by_its_address(stranger: Person, ending: str) -> None:
    whole = fetch(stranger, f"cells.{ending}")
    parts = [
        fetch(stranger, f"cells.{ending}", Range=f"bytes={begin}-{end}", **{"Accept-Encoding": "gzip"})
        for begin, end in ((0, 99), (100, len(whole.data)))
    ]
    assert [part.status_code for part in parts] == [206, 206]
    assert parts[0].headers["Content-Range"] == f"bytes 0-99/{len(whole.data)}"
    assert parts[0].data + parts[1].data == whole.data
    beyond = fetch(stranger, f"cells.{ending}", Range=f"bytes={len(whole.data)}-")
    assert beyond.status_code == 416
    assert beyond.content_type == "application/problem+json"
