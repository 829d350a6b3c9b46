"""Nothing that anybody can ask at the public addresses changes through fewer than k people.

What k people change, and what can be had by subtracting whole layers of many nights, is followed audit by
audit in tests/server/publishing (test_subtraction, test_zone_subtraction). Here every public address is
asked, exhaustively for a small city, before and after a night in which k - 1 people came to each of several
places.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
import shapely
from flask.testing import FlaskClient
from shapely.geometry import MultiPolygon

from server.app import create_app
from server.cities import CityDirectory
from server.exporting.files import FORMATS
from server.publishing import admitting
from server.publishing.analyse_city import analyse_city
from server.queries.zones import ZoneSet, ZoneShape, replace_zones
from server.settings import Settings
from tests.server.publishing.conftest import NOW, Town

LAYERS = ("cells", "cells-day", "cells-night", "hotspots", "hotspots-night", "zones", "city", "interventions")
SHOWN, WAITING = range(5), (0, 3, 5, 6)
OGC, TILES, FILES = "/ogc/testville/collections", "/tiles/testville", "/api/v1/cities/testville/layers"
Answers = dict[str, Any]

pytestmark = pytest.mark.slow


def requests(client: FlaskClient) -> Iterator[str]:
    """Yield every public request: layers, formats, values, boxes, times, filters, all tiles of the city."""
    for name in LAYERS:
        items = f"{OGC}/{name}/items"
        page = client.get(items).json
        yield from (items, f"{items}?crs=http://www.opengis.net/def/crs/EPSG/0/3857", f"{OGC}/{name}/schema")
        yield from (f"{items}/{feature['id']}" for feature in page["features"])
        yield from (f"{FILES}/{name}.{ending}" for ending in FORMATS)
        for field in client.get(f"{OGC}/{name}/queryables").json["properties"]:
            if field != "geometry":
                yield f'{items}?filter={quote(f""""{field}" IS NULL""")}'
                values = {json.dumps(feature["properties"][field]) for feature in page["features"]} - {"null"}
                yield from (f"{items}?{field}={quote(value.strip(chr(34)))}" for value in sorted(values)[:4])
        yield from (
            f"{items}?filter={quote(f'score < {step / 2}')}"
            for step in range(1, 10, 2)
            if name != "interventions"
        )
        for west, south in np.stack(
            np.meshgrid(np.linspace(77.24, 77.26, 4), np.linspace(28.59, 28.61, 4)), -1
        ).reshape(-1, 2):
            yield f"{items}?bbox={west:.4f},{south:.4f},{west + 0.005:.4f},{south + 0.005:.4f}"
        yield from (f"{items}?datetime={month}-15" for month in ("2020-01", f"{NOW:%Y-%m}"))
        for place in _tiles():
            yield f"{TILES}/{name}/{place}.mvt"
            yield (
                f"{TILES}/{name}/{place}.mvt?resolution=9"
                if name.startswith("cells")
                else f"{TILES}/{name}/{place}.mvt?filter=TRUE"
            )
    yield from (f"{TILES}/{name}/values.json" for name in LAYERS[:3])


def _tiles() -> Iterator[str]:
    for z in (0, 10, 12, 14):
        column, row = (
            (77.25 + 180) / 360 * 2**z,
            (1 - np.arcsinh(np.tan(np.radians(28.6))) / np.pi) / 2 * 2**z,
        )
        around = (-1, 0, 1) if z > 12 else (0,)
        yield from (f"{z}/{int(column) + dx}/{int(row) + dy}" for dx in around for dy in around)


def answers(town: Town, path: Any) -> Answers:
    """Return what everybody is told, without what tells the run alone: its time, its name."""
    cities = CityDirectory(town.database)
    client = create_app(Settings(home=path), town.database, cities).test_client()
    return {address: told(address, client.get(address)) for address in requests(client)}


def told(address: str, answer: Any) -> Any:
    assert answer.status_code == 200, (address, answer.text)
    if address.endswith(".gpkg"):
        with closing(sqlite3.connect(":memory:")) as store:
            store.deserialize(answer.data)
            name = address.rpartition("/")[2].removesuffix(".gpkg")
            return store.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall()
    if answer.is_json or answer.mimetype == "application/geo+json":
        return {key: value for key, value in answer.json.items() if key not in ("timeStamp", "as_of")}
    return answer.data


def found_zones(town: Town) -> None:
    west, south, east, north = town.city.area.bounds
    halves = ((west, (west + east) / 2), ((west + east) / 2, east))
    shapes = [
        ZoneShape(name=str(place), area=MultiPolygon([shapely.box(left, south, right, north)]))
        for place, (left, right) in enumerate(halves)
    ]
    with town.database.transaction() as connection:
        replace_zones(connection, city_id=town.city.city_id, described=ZoneSet(name="wards"), shapes=shapes)


def test_no_public_answer_changes_through_fewer_than_k_people(
    town: Town, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found_zones(town)
    for place in SHOWN:
        for daypart in (0, 1):
            town.audit(
                town.people(6, gender="woman"), place, place % 4, daypart=daypart, at=NOW - timedelta(days=3)
            )
    analyse_city(town.database, town.city)
    before = answers(town, tmp_path)
    assert len(before) > 500
    for place in WAITING:  # more and more often, as if every night one of them came again
        few = town.people(town.city.k - 1, gender="man")
        for nights in (1, 2):
            town.audit(few, place, 3 - place % 4, at=NOW - timedelta(days=nights))
        assert len(few) == town.city.k - 1
    analyse_city(town.database, town.city)
    after = answers(town, tmp_path)
    assert [address for address in before if before[address] != after.get(address)] == []
    assert before.keys() == after.keys()
    monkeypatch.setattr(admitting, "admit", lambda **told: told["counted"])
    analyse_city(town.database, town.city)
    careless = answers(town, tmp_path)
    changed = [address for address in before if before[address] != careless.get(address)]
    with capsys.disabled():
        print(f"{len(before)} public requests; without the rule {len(changed)} tell of fewer than k")
    assert len(changed) > 50
