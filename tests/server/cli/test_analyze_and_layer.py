"""`safeaudit analyze` and `safeaudit layer`, as the operator types them."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas
import pytest
from sqlalchemy import text

from server.cities import City
from server.cli import main
from server.database import Database
from server.exporting.files import FORMATS
from tests.server.publishing.conftest import Town, scattered


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Safeaudit = Callable[..., Said]


@pytest.fixture
def safeaudit(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Safeaudit:
    """Run a command on the test's database; return its exit code and what it wrote."""
    monkeypatch.setenv("SAFEAUDIT_DATABASE_URL", database_url)
    monkeypatch.setenv("SAFEAUDIT_SECRET_KEY", "x" * 40)
    monkeypatch.setenv("SAFEAUDIT_HOME", str(tmp_path))

    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["safeaudit", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out, said.err)

    return call


@pytest.fixture
def town(database: Database, city: City) -> Town:
    town = Town(database, city)
    scattered(town, auditors=20, places=91, seed=3)
    town.audit(town.people(2), 150)  # two people: for the operator alone
    return town


def test_analyze_publishes_a_run_and_tells_what_it_found(safeaudit: Safeaudit, town: Town) -> None:
    said = safeaudit("analyze", "testville", "--seed", 4)
    assert said.code == 0, said.err
    assert "safetipin-9\tcells\tpublic\t91" in said.out.splitlines()
    assert said.out.splitlines()[-1].endswith("of testville is published")
    listed = safeaudit("layer", "list", "testville")
    assert "safetipin-9\tcells-now\tplanner\t91" in listed.out


def test_analyze_as_of_a_past_day_is_of_that_day_in_the_city(safeaudit: Safeaudit, town: Town) -> None:
    assert safeaudit("analyze", "testville", "--as-of", "2026-06-01").code == 0
    with town.database.transaction() as connection:
        run = connection.execute(text("SELECT as_of, public FROM run")).one()
    assert (run.as_of.isoformat(), run.public) == ("2026-05-31T18:30:00+00:00", False)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("analyze", "nowhere"), "nowhere"),
        (("analyze", "testville", "--as-of", "2126-01-01"), "later than now"),
        (("layer", "export", "testville", "walls", "w.csv"), "cells-night"),
        (("layer", "export", "testville", "cells", "c.shp"), "gpkg"),
        (("layer", "export", "testville", "cells", "c.csv", "--instrument", "hazard"), "safetipin-9"),
        (("layer", "export", "testville", "walls", "w.csv", "--unsuppressed"), "hotspots-now"),
        (
            ("layer", "export", "testville", "cells", "c.csv", "--unsuppressed", "--instrument", "x"),
            "safetipin-9",
        ),
        (("layer", "export", "testville", "cells", "no/such/folder/c.csv"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_remedy(
    safeaudit: Safeaudit, town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    words: tuple[str, ...], named: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    safeaudit("analyze", "testville")
    said = safeaudit(*words)
    assert said.code == 1
    assert named in said.err
    assert "Traceback" not in said.err
    assert not list(tmp_path.glob("*.csv*"))


def test_a_city_without_a_run_says_what_to_type(safeaudit: Safeaudit, city: City, tmp_path: Path) -> None:
    assert "safeaudit analyze testville" in safeaudit("layer", "list", "testville").err
    said = safeaudit("layer", "export", "testville", "cells", tmp_path / "cells.csv")
    assert (said.code, "not been analysed yet" in said.err) == (1, True)


@pytest.mark.parametrize("ending", FORMATS)
def test_unsuppressed_holds_all_cells_in_every_format_and_is_logged(
    safeaudit: Safeaudit, town: Town, tmp_path: Path, ending: str
) -> None:
    file = tmp_path / f"cells.{ending}"
    assert safeaudit("layer", "export", "testville", "cells", file, "--unsuppressed").code == 0
    if ending == "csv":
        count = len(file.read_text().splitlines()) - 1
    else:
        parquet = ending == "parquet"
        count = len(geopandas.read_parquet(file) if parquet else geopandas.read_file(file, layer="cells"))
    assert count == 92
    with town.database.transaction() as connection:
        event = connection.execute(text("SELECT actor, action, detail FROM event")).one()
    assert (event.actor, event.action, event.detail["layer"]) == ("operator", "layer.unsuppressed", "cells")


def test_export_writes_what_the_last_run_published(safeaudit: Safeaudit, town: Town, tmp_path: Path) -> None:
    safeaudit("analyze", "testville")
    file = tmp_path / "hotspots.gpkg"
    said = safeaudit("layer", "export", "testville", "hotspots", file)
    assert said.code == 0, said.err
    frame = geopandas.read_file(file, layer="hotspots")
    assert f"{len(frame)} features" in said.out
    assert set(frame["status"]) == {"open"}


def test_analyze_tells_the_coverage_of_streets(safeaudit: Safeaudit, town: Town, tmp_path: Path) -> None:
    assert "km of street" not in safeaudit("analyze", "testville").out
    line = {"type": "LineString", "coordinates": [[77.21, 28.6], [77.29, 28.6]]}
    street = {"type": "Feature", "geometry": line, "properties": {"name": "Mall Road"}}
    path = tmp_path / "streets.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [street]}))
    said = safeaudit("reference", "load", "testville", path, "--kind", "streets")
    assert said.code == 0, said.err
    told = safeaudit("analyze", "testville").out
    assert "of 7.8 km of street, " in told
    assert told.count("km of street") == 2
