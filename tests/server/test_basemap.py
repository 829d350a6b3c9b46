"""One PMTiles file is served from here, in parts; anything else is refused by name."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from server.api.context import EXTENSION
from server.app import create_app
from server.basemap import add_basemap, basemap_file, read_basemap
from server.cities import CityDirectory
from server.cli import group
from server.errors import Invalid
from server.settings import Settings
from tests.basemaps import write_basemap
from tests.world import World


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_basemap(tmp_path_factory.mktemp("basemap") / "map.pmtiles")


@pytest.fixture
def client(world: World, file: Path) -> FlaskClient:
    home = world.app.extensions[EXTENSION].settings.home
    add_basemap(file, home=home)
    yield world.client()
    basemap_file(home).unlink()


def test_a_basemap_says_what_it_holds_and_comes_in_parts(client: FlaskClient, file: Path) -> None:
    told = client.get("/basemap").json
    assert told is not None
    assert (told["kind"], told["layers"], told["maxzoom"]) == ("vector", ["roads"], 12)
    assert told["bounds"] == pytest.approx([77.2, 28.56, 77.3, 28.64], abs=0.01)
    whole = file.read_bytes()
    part = client.get("/basemap/tiles.pmtiles", headers={"Range": "bytes=100-355"})
    assert (part.status_code, part.data) == (206, whole[100:356])
    assert part.headers["Content-Range"] == f"bytes 100-355/{len(whole)}"
    assert part.headers["ETag"]
    part.close()


def test_without_a_basemap_there_is_none(world: World) -> None:
    assert world.client().get("/basemap").json is None
    assert world.client().get("/basemap/tiles.pmtiles").status_code == 404


def test_the_streets_that_a_city_loaded_stand_in_for_a_basemap(world: World) -> None:
    told = world.client().get("/basemap?city=testville").json
    assert told is not None
    assert (told["kind"], told["attribution"]) == ("streets", "")
    assert told["tiles"] == "/tiles/testville/streets/{z}/{x}/{y}.mvt"
    assert world.client().get("/basemap?city=othertown").json is None
    assert world.client().get("/basemap?city=nowhere").status_code == 404


def test_what_cannot_be_served_is_refused_and_the_one_before_stays(file: Path, tmp_path: Path) -> None:
    add_basemap(file, home=tmp_path)
    good = file.read_bytes()
    faults = {
        "is no PMTiles file": b"x" * 200,
        "of version 2": good[:7] + b"\x02" + good[8:],
        "no vector, PNG": good[:99] + b"\x09" + good[100:],
        "packed as browsers cannot": good[:97] + b"\x03" + good[98:],
        "is damaged": good[:127],
        "no PMTiles": b"",
    }
    for words, content in faults.items():
        wrong = tmp_path / "wrong"
        wrong.write_bytes(content)
        with pytest.raises(Invalid) as refused:
            add_basemap(wrong, home=tmp_path)
        assert words in refused.value.faults[0].detail
    assert basemap_file(tmp_path).read_bytes() == good


def test_the_command_adds_shows_and_removes(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFEAUDIT_HOME", str(tmp_path))
    added = CliRunner().invoke(group, ["basemap", "add", str(file)])
    assert added.exit_code == 0, added.output
    assert "vector, to zoom 12" in added.output
    assert CliRunner().invoke(group, ["basemap", "show"]).output == added.output
    CliRunner().invoke(group, ["basemap", "remove"])
    assert CliRunner().invoke(group, ["basemap", "show"]).output == "no basemap\n"
    assert read_basemap(file).kind == "vector"


def test_a_style_in_the_settings_comes_first_and_the_policy_names_its_origin_alone(
    world: World, tmp_path: Path
) -> None:
    style = "https://tiles.example.org/quiet/style.json"
    database = world.town.database
    app = create_app(Settings(home=tmp_path, basemap_style=style), database, CityDirectory(database))
    assert app.test_client().get("/basemap").json == {"kind": "style", "address": style}
    page = app.test_client().get("/programme")
    policy = page.headers["Content-Security-Policy"]
    assert "connect-src 'self' https://tiles.example.org;" in policy
    assert policy.count("https://") == 2, "connect-src and img-src"
    page.close()
