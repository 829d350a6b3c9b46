"""Every public address of a city, and what it answers: what anybody may save, night after night."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from flask.testing import FlaskClient

from geo import cells
from server.app import create_app
from server.cities import CityDirectory
from server.exporting.files import FORMATS
from server.settings import Settings
from tests.server.publishing.conftest import NOW, Town

CELLS = ("cells", "cells-day", "cells-night")
LAYERS = (*CELLS, "hotspots", "hotspots-night", "zones", "city", "interventions")
OF_THE_RUN = frozenset(
    {"timeStamp", "as_of", "run", "finished_at", "published_at", "description", "temporal", "instance"}
)
"""What tells the run alone, its number and time; and the number of the request."""
_MIDDLE, _AROUND = (28.60, 77.25), 19
Answers = dict[str, Any]


def visitor(town: Town, home: Path) -> FlaskClient:
    """Return somebody without a token who asks a server just started: it remembers no earlier run."""
    return create_app(Settings(home=home), town.database, CityDirectory(town.database)).test_client()


def answers(town: Town, home: Path, *, share: int = 1, turn: int = 0) -> Answers:
    """Return what everybody is told of a city at every public address, without what tells the run alone.

    Of the addresses one in `share` is asked, others in each turn; the features of cells always.
    """
    client = visitor(town, home)
    chosen = [
        address
        for place, address in enumerate(addresses(client, town))
        if (place + turn) % share == 0 or address in _always(town)
    ]
    ways = f"/api/v1/cities/{town.city.slug}/routes/score"
    found = {address: told(address, client.get(address)) for address in chosen}
    return found | {ways: told(ways, client.post(ways, json=_ways(town)))}


def features(answers: Answers, town: Town, layer: str) -> list[dict[str, Any]]:
    """Return the features of a layer of cells among the answers."""
    found: list[dict[str, Any]] = answers[_items(town, layer)]["features"]
    return found


def _items(town: Town, layer: str) -> str:
    return f"/ogc/{town.city.slug}/collections/{layer}/items"


def _always(town: Town) -> set[str]:
    return {_items(town, layer) for layer in CELLS}


def told(address: str, answer: Any) -> Any:
    """Return the content of an answer, in a form that is equal where it says the same."""
    assert answer.status_code in (200, 404), (address, answer.text)
    if address.endswith(".gpkg") and answer.status_code == 200:
        return _rows_of(address, answer.data)
    if answer.is_json or answer.mimetype in ("application/geo+json", "application/problem+json"):
        return _without(answer.json)
    return answer.data


def addresses(client: FlaskClient, town: Town) -> Iterator[str]:
    """Yield every public address: layers, formats, values, boxes, times, filters, tiles, scores, reports."""
    slug = town.city.slug
    for name in LAYERS:
        yield from _of_layer(client, slug, name)
    for cell in cells.to_texts(np.array([town.cell(place) for place in range(_AROUND)])):
        score = f"/api/v1/cities/{slug}/cells/{cell}/score"
        yield from (score, f"{score}?daypart=day", f"{score}?daypart=night")
        yield from (f"/ogc/{slug}/collections/{name}/items/{cell}" for name in CELLS)
    yield from (f"/api/v1/cities/{slug}{path}" for path in ("", "/layers", "/indicators", "/indicators.csv"))
    yield from (f"/api/v1/cities/{slug}{path}" for path in ("/interventions", "/releases", "/runs"))
    yield from (f"/ogc/{slug}", f"/ogc/{slug}/collections", f"/ogc/{slug}/api", f"/cities/{slug}/report")


def _of_layer(client: FlaskClient, slug: str, name: str) -> Iterator[str]:
    items, tiles = f"/ogc/{slug}/collections/{name}/items", f"/tiles/{slug}/{name}"
    features = client.get(items).json["features"]
    yield from (items, f"{items}?f=html", f"{items}?limit=2")
    yield f"{items}?crs=http://www.opengis.net/def/crs/EPSG/0/3857"
    yield from (f"{items}/{feature['id']}" for feature in features)
    yield from (f"/api/v1/cities/{slug}/layers/{name}.{ending}" for ending in FORMATS)
    yield from _by_values(client, f"/ogc/{slug}/collections/{name}", features)
    yield from (
        f"{items}?bbox={west:.4f},{south:.4f},{east:.4f},{north:.4f}" for west, south, east, north in _boxes()
    )
    yield from (f"{items}?datetime={month}" for month in ("2020-01-15", f"{NOW:%Y-%m}-15"))
    yield from (f"{tiles}.json", f"{tiles}/style.json")
    for place in _tiles():
        yield from (f"{tiles}/{place}.mvt", f"{tiles}/{place}.mvt?filter=TRUE")
    if name in CELLS:
        yield f"{tiles}/values.json"


def _by_values(client: FlaskClient, collection: str, features: list[dict[str, Any]]) -> Iterator[str]:
    """Yield requests for features by each field: without it, by its values, below some."""
    for field, told_of in client.get(f"{collection}/queryables").json["properties"].items():
        if field == "geometry":
            continue
        yield f'{collection}/items?filter={quote(f""""{field}" IS NULL""")}'
        values = sorted({json.dumps(one["properties"][field]) for one in features} - {"null"})
        yield from (f"{collection}/items?{field}={quote(value.strip(chr(34)))}" for value in values[:4])
        if told_of["type"] in ("number", "integer"):
            yield from (f"{collection}/items?filter={quote(f'{field} < {step}')}" for step in (1, 2.5, 10))


def _boxes() -> Iterator[tuple[float, float, float, float]]:
    lat, lng = _MIDDLE
    for west in np.linspace(lng - 0.01, lng + 0.005, 4).tolist():
        for south in np.linspace(lat - 0.01, lat + 0.005, 4).tolist():
            yield west, south, west + 0.005, south + 0.005


def _tiles() -> Iterator[str]:
    lat, lng = _MIDDLE
    for z in (0, 10, 12, 14):
        column = int((lng + 180) / 360 * 2**z)
        row = int((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * 2**z)
        around = (-1, 0, 1) if z > 12 else (0,)
        yield from (f"{z}/{column + dx}/{row + dy}" for dx in around for dy in around)


def _ways(town: Town) -> dict[str, Any]:
    """Return ways from the middle to each cell around it, and through them all."""
    lat, lng = cells.centre(np.array([town.cell(place) for place in range(7)]))
    points = [[float(x), float(y)] for x, y in zip(lng, lat, strict=True)]
    lines = [[points[0], point] for point in points[1:]] + [points]
    return {"routes": [{"type": "LineString", "coordinates": line} for line in lines]}


def _rows_of(address: str, package: bytes) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(":memory:")) as store:
        store.deserialize(package)
        name = address.rpartition("/")[2].removesuffix(".gpkg")
        return store.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall()


def _without(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: _without(value) for name, value in answer.items() if name not in OF_THE_RUN}
    return [_without(one) for one in answer] if isinstance(answer, list | tuple) else answer
