"""Vector tiles, TileJSON, styles and compact cells of a published city."""

import gzip
import json
import math
import subprocess
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import text
from werkzeug.test import TestResponse

from geo import cells
from server.actors import Role
from server.filtering import matching
from server.queries.features import make_tile
from server.queries.layers import list_latest
from server.styles.maplibre import NOT_ENOUGH
from server.tiles import blueprint as tiles
from tests.world import PUBLIC_URL, World

MIDDLE = (77.25, 28.6)


def get(world: World, path: str, headers: dict[str, str] | None = None, **parameters: str) -> TestResponse:
    return world.client().get(f"/tiles/testville/{path}", query_string=parameters or None, headers=headers)


def tile_of(lng: float, lat: float, z: int) -> tuple[int, int, int]:
    x = (lng + 180) / 360
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return z, int(x * 2**z), int(y * 2**z)


def read(tile: bytes, place: tuple[int, int, int], folder: Path) -> list[dict[str, Any]]:
    """Return the features of a tile in lng/lat, as GDAL reads them."""
    path = folder / "tile.mvt"
    path.write_bytes(tile)
    z, x, y = place
    told = subprocess.run(
        ["ogr2ogr", "-f", "GeoJSON", "-t_srs", "EPSG:4326", "/vsistdout/", str(path), *("-oo", f"X={x}"),
         *("-oo", f"Y={y}"), *("-oo", f"Z={z}"), *("-oo", "CLIP=NO")],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return list(json.loads(told)["features"])


@pytest.mark.parametrize("name", ["cells", "zones", "hotspots"])
def test_a_tile_shows_what_the_layer_holds_there(world: World, tmp_path: Path, name: str) -> None:
    place = tile_of(*MIDDLE, 11)
    answer = get(world, f"{name}/{'/'.join(map(str, place))}.mvt")
    assert answer.headers["Content-Type"] == tiles.MVT
    table = world.tables[name]
    shown = {
        feature["properties"]["cell" if name == "cells" else "id"]: feature
        for feature in read(answer.data, place, tmp_path)
    }
    assert set(shown) == set(table.ids)  # the city lies within this tile
    for number, id_ in enumerate(table.ids):
        told = shown[id_]["properties"]
        for field in table.fields:
            value = table.columns[field.name][number]
            assert told.get(field.name) == (
                value if value is None else pytest.approx(value) if field.type == "number" else value
            )
        given = shapely.make_valid(shapely.geometry.shape(shown[id_]["geometry"]))
        assert given.intersection(table.shapes[number]).area > 0.9 * table.shapes[number].area * (
            name == "cells"
        )


@pytest.mark.parametrize("z", [10, 14])
def test_features_come_by_their_ids_however_shapes_are_stored(world: World, tmp_path: Path, z: int) -> None:
    place = tile_of(*MIDDLE, z)
    with world.town.database.engine.connect() as connection:
        [layer] = (
            one for one in list_latest(connection, city_id=world.town.city.city_id) if one.name == "cells"
        )
        for (cell,) in connection.execute(text("SELECT cell FROM cell_geometry ORDER BY md5(cell::text)")):
            connection.execute(
                text("UPDATE cell_geometry SET resolution = resolution WHERE cell = :cell"), {"cell": cell}
            )
        for way in ("nestloop", "mergejoin", "indexscan", "bitmapscan"):  # as the planner may choose
            connection.execute(text(f"SET LOCAL enable_{way} = off"))
        tile = make_tile(connection, layer, place=place)
        connection.rollback()
    shown = [feature["properties"]["cell"] for feature in read(tile, place, tmp_path)]
    assert len(shown) > 5
    assert shown == sorted(shown)


@pytest.mark.parametrize("name", ["cells", "zones"])
def test_a_filtered_tile_holds_the_same_features_as_the_whole_and_no_values_of_others(
    world: World, tmp_path: Path, name: str
) -> None:
    place = tile_of(*MIDDLE, 11)
    path = f"{name}/{'/'.join(map(str, place))}.mvt"
    ids = world.tables[name].ids
    field = "cell" if name == "cells" else "id"
    whole = get(world, path).data
    told = {one["properties"][field]: one for one in read(whole, place, tmp_path)}
    for id_ in ids[::7]:
        tile = get(world, path, filter=f"{field} = '{id_}'").data
        assert read(tile, place, tmp_path) == [told[id_]]
        assert [other for other in ids if other.encode() in tile] == [id_]
    assert get(world, path, filter="FALSE").data == b""
    assert len(whole) < 1.01 * len(get(world, path, filter="TRUE").data)


def test_tiles_of_every_layer_can_be_filtered(world: World) -> None:
    place, planner = "/".join(map(str, tile_of(*MIDDLE, 11))), world.asks_as(Role.PLANNER)
    for name, table in world.tables.items():
        whole, same, none = (
            get(world, f"{name}/{place}.mvt", planner, **filters)
            for filters in (
                {},
                {"filter": "TRUE"},
                {"filter": f"{'cell' if 'cell' in table.columns else 'id'} = ''"},
            )
        )
        assert len(whole.data) > 100, name
        assert (same.data, none.status_code, none.data) == (whole.data, 200, b"")


def test_a_filter_makes_a_tile_of_its_own(world: World, tmp_path: Path) -> None:
    place = tile_of(*MIDDLE, 11)
    path = f"cells/{'/'.join(map(str, place))}.mvt"
    table = world.tables["cells"]
    low = {id_ for id_, score in zip(table.ids, table.columns["score"], strict=True) if score < 2.5}
    for parameters in (
        {"filter": "score < 2.5"},
        {"filter": "score < 2.5", "bbox": "77,28,78,29", "resolution": "9"},
    ):
        shown = read(get(world, path, **parameters).data, place, tmp_path)
        assert {feature["properties"]["cell"] for feature in shown} == low
    assert get(world, path, filter="score <").status_code == 400
    assert get(world, path, limit="1").status_code == 400


def test_a_tile_is_made_once_and_kept_compressed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    honest = tiles.make_tile

    def counted(*args: Any, **options: Any) -> bytes:
        made.append(options)
        return honest(*args, **options)

    monkeypatch.setattr(tiles, "make_tile", counted)
    # One that no other test of this city asks for, nor a page.
    path = f"cells-night/{'/'.join(map(str, tile_of(*MIDDLE, 13)))}.mvt"
    zipped = [get(world, path, {"Accept-Encoding": "gzip"}) for _ in range(2)]
    plain = get(world, path)
    assert len(made) == 1
    assert zipped[0].headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped[1].data) == plain.data
    assert get(world, path, {"If-None-Match": plain.headers["ETag"]}).status_code == 304
    for _ in range(2):
        assert get(world, path, filter="TRUE").data == plain.data
    assert len(made) == 2


def test_a_tile_of_streets_holds_lines_and_nobodys_name(world: World, tmp_path: Path) -> None:
    place = tile_of(77.24, 28.6, 14)
    answer = get(world, f"streets/{'/'.join(map(str, place))}.mvt")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == (tiles.MVT, "public, max-age=3600")
    streets = read(answer.data, place, tmp_path)
    assert all(one["properties"].keys() <= {"mvt_id"} for one in streets)
    shapes = [shapely.geometry.shape(one["geometry"]) for one in streets]
    for lng in (77.24, 77.25):
        assert min(shape.distance(shapely.Point(lng, 28.6)) for shape in shapes) < 1e-4
    zipped = get(world, f"streets/{'/'.join(map(str, place))}.mvt", {"Accept-Encoding": "gzip"})
    assert gzip.decompress(zipped.data) == answer.data
    above = get(world, f"streets/{'/'.join(map(str, tile_of(77.24, 28.6, 12)))}.mvt")
    assert (above.status_code, "z=13 to z=15" in above.json["detail"]) == (404, True)
    elsewhere = world.client().get("/tiles/othertown/streets/14/0/0.mvt")
    assert (elsewhere.status_code, elsewhere.data) == (200, b"")


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("15/0/0", "from z=0 to z=14"),
        ("3/8/0", "from 0 to 7"),
        ("3/0/8", "from 0 to 7"),
        ("-1/0/0", "whole numbers"),
        ("a/b/c", "whole numbers"),
        ("1e1/0/0", "whole numbers"),
        ("99999999999999999999/0/0", "whole numbers"),
    ],
)
def test_a_tile_outside_the_matrix_is_not_there_and_the_limit_is_named(
    world: World, place: str, told: str
) -> None:
    answer = get(world, f"cells/{place}.mvt")
    assert answer.status_code == 404
    assert told in answer.json["detail"]


def test_far_from_the_city_tiles_are_empty(world: World) -> None:
    assert get(world, "cells/14/0/0.mvt").data == b""


def test_planners_tiles_need_a_token(world: World) -> None:
    for file in ("0/0/0.mvt", "style.json", "style.qml", "values.json"):
        assert get(world, f"cells-now/{file}").status_code == 401
        assert get(world, f"cells-now/{file}", world.asks_as(Role.MODERATOR)).status_code == 403
        answer = get(world, f"cells-now/{file}", world.asks_as(Role.PLANNER))
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert get(world, "cells-now.json").status_code == 401
    assert get(world, "nothing/0/0/0.mvt").status_code == 404


def test_tilejson_and_style_lead_to_the_tiles(world: World) -> None:
    described = get(world, "cells.json").json
    assert described["tiles"] == [f"{PUBLIC_URL}/tiles/testville/cells/{{z}}/{{x}}/{{y}}.mvt"]
    assert (described["minzoom"], described["maxzoom"], described["scheme"]) == (0, 14, "xyz")
    assert set(described["vector_layers"][0]["fields"]) == {
        field.name for field in world.tables["cells"].fields
    }
    west, south, east, north = described["bounds"]
    assert west < MIDDLE[0] < east and south < MIDDLE[1] < north  # noqa: PT018
    style = get(world, "cells/style.json").json
    assert style["version"] == 8
    assert style["sources"]["cells"]["url"] == f"{PUBLIC_URL}/tiles/testville/cells.json"
    assert {layer.get("source-layer") for layer in style["layers"]} == {None, "cells"}


def test_the_styles_agree_and_say_what_is_not_known(world: World) -> None:
    for name in world.tables:
        planner = world.asks_as(Role.PLANNER)
        style, qml = (get(world, f"{name}/style.{ending}", planner) for ending in ("json", "qml"))
        labels = [entry["label"] for entry in style.json["metadata"]["legend"]]
        assert labels
        assert all(f'label="{label}"' in qml.text for label in labels)
        land = style.json["sources"]["boundary"]["data"]["properties"]
        assert land == {"label": NOT_ENOUGH}
        if name.startswith(("cells", "zones")) and name not in ("cells-reference", "cells-history"):
            assert NOT_ENOUGH in labels
            assert len({entry["pattern"] for entry in style.json["metadata"]["legend"]}) == 3


def test_ids_and_values_alone_say_the_same_as_the_layer(world: World) -> None:
    for name in ("cells", "cells-day", "cells-night"):
        told = get(world, f"{name}/values.json").json
        table = world.tables[name]
        ids, number = [], 0
        first = int(table.ids[0], 16)
        shift = 3 * (15 - told["resolution"])
        mask = (1 << (7 + 3 * told["resolution"])) - 1
        for step in told["cells"]:
            number += step
            ids.append(cells.to_text((first & ~(mask << shift)) | (number << shift)))
        assert tuple(ids) == table.ids
        assert [told["classes"][int(one)] for one in told["class"]] == table.columns["class"]
        for place, score in enumerate(told["score"]):
            assert score / 10 == table.columns["score"][place]
            assert round(score - told["low"][place]) / 10 == table.columns["score_low"][place]
            assert round(score + told["high"][place]) / 10 == table.columns["score_high"][place]
    assert get(world, "zones/values.json").status_code == 404


def test_a_tile_that_takes_too_long_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "PATIENCE_S", -1.0)
    place = "/".join(map(str, tile_of(*MIDDLE, 11)))
    assert get(world, f"cells/{place}.mvt", filter="TRUE").status_code == 400
