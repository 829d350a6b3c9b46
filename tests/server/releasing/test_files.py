"""The files of a release, read by programs that share no code with what wrote them."""

import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import geopandas
import pandas as pd
import pytest
import shapely
from shapely.geometry import MultiPolygon

from geo import cells
from server.cities import CityDirectory
from server.cluster.embedded import Cluster
from server.database import connect
from server.queries.releases import Release
from tests.conftest import TEMPLATE, make_city
from tests.server.publishing.conftest import Town
from tests.server.releasing.conftest import Archive, people_of_a_summer

COLUMNS = ["cell", "resolution", "quarter", "daypart", "gender", "age_band", "mode"]
RATINGS = ["lighting", "openness", "visibility", "people", "security", "walk_path", "transport"]
RATINGS += ["gender_usage", "feeling"]
NAMES = ["RELEASE.md", "SHA256SUMS", "audits.csv", "audits.gpkg", "audits.parquet", "codebook.md"]
NAMES += ["datapackage.json"]


@pytest.fixture(scope="module")
def summer(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """One town and one release for all tests here: a release does not change."""
    cluster.create_database("test_release_files", template=TEMPLATE)
    database = connect(cluster.database_url("test_release_files"), pool_size=4)
    make_city(database, "testville", area=MultiPolygon([shapely.box(77.20, 28.55, 77.30, 28.65)]))
    town = Town(database, CityDirectory(database).get("testville"))
    people_of_a_summer(town)
    yield Archive(town, tmp_path_factory.mktemp("home"))
    database.dispose()
    cluster.drop_database("test_release_files")


@pytest.fixture(scope="module")
def released(summer: Archive) -> Release:
    return summer.make(purpose="the tests")


@pytest.fixture
def folder(released: Release, summer: Archive, tmp_path: Path) -> Path:
    """A copy of the release, for a test to play with."""
    return Path(shutil.copytree(summer.folder(), tmp_path / "release"))


def test_the_files_are_those_of_the_contract_and_their_sums_are_right(
    folder: Path, released: Release
) -> None:
    assert sorted(path.name for path in folder.iterdir()) == NAMES
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert sorted(sums) == sorted(set(NAMES) - {"SHA256SUMS"})
    told = {file.name: (file.bytes, file.sha256) for file in released.files}
    for path in folder.iterdir():
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert told[path.name] == (path.stat().st_size, digest)
        assert sums.get(path.name, digest) == digest


def test_rows_hold_the_columns_of_the_contract_and_words_alone(folder: Path, released: Release) -> None:
    with (folder / "audits.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == COLUMNS + RATINGS
    assert len(rows) == released.rows_out > 300
    assert {row["quarter"] for row in rows} == {"2025Q3"}
    assert {row["daypart"] for row in rows} <= {"day", "night", "withheld"}
    assert {row["gender"] for row in rows} <= {"woman", "not_said", "withheld"}
    assert {row["mode"] for row in rows} <= {"walk", "withheld"}
    for row in rows:
        assert int(row["resolution"]) == cells.resolution_of(cells.from_text(row["cell"]))
        assert all(row[name] in ("0", "1", "2", "3") for name in RATINGS)
        assert not any(value.startswith(("=", "+", "-", "@")) for value in row.values())
    classes = Counter(tuple(row[name] for name in COLUMNS) for row in rows)
    assert min(classes.values()) >= 10


def test_all_three_tables_hold_the_same_rows_in_the_same_order(folder: Path) -> None:
    table = pd.read_csv(folder / "audits.csv", dtype={"cell": str})
    for found in (
        geopandas.read_parquet(folder / "audits.parquet"),
        geopandas.read_file(folder / "audits.gpkg"),
    ):
        assert found.crs.to_epsg() == 4326 or found.crs.to_string() == "OGC:CRS84"
        own = pd.DataFrame(found.drop(columns="geometry"))
        pd.testing.assert_frame_equal(own, table, check_dtype=False)
        for cell, shape in zip(found["cell"], found.geometry, strict=True):
            assert shape.equals_exact(cells.polygon(cells.from_text(cell)), tolerance=1e-6)


def test_nothing_of_a_person_or_a_moment_is_in_any_file(summer: Archive, folder: Path) -> None:
    ids = [str(value) for row in summer.query("SELECT audit_id, device_id FROM audit") for value in row]
    needles = [one.encode() for one in ids] + [bytes.fromhex(one.replace("-", "")) for one in ids]
    for path in folder.iterdir():
        content = path.read_bytes()
        assert not [needle for needle in needles if needle in content]
        assert b"2025-08-01" not in content


CHECK = """
import pathlib, frictionless
def valid():
    return frictionless.validate("datapackage.json").valid
file = pathlib.Path("audits.csv")
rows = file.read_text()
found = [valid()]
for wrong in ("fly",):
    file.write_text(rows.replace(",walk,", f",{wrong},", 1))
    found.append(valid())
print(found)
"""


def test_frictionless_finds_the_descriptor_and_every_row_valid_and_no_altered_row(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHECK], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.stdout == "[True, False]\n", done.stderr


def test_the_codebook_tells_every_column_and_level_in_english_and_the_citys_languages(folder: Path) -> None:
    text = (folder / "codebook.md").read_text()
    for name in COLUMNS + RATINGS:
        assert f"## `{name}`" in text
    assert "Dark. No lamp gives light here." in text
    assert "# Ratings in `hi`" in text
    assert "अँधेरा" in text


def test_the_card_tells_how_it_was_made_who_is_missing_and_how_to_cite_it(
    folder: Path, released: Release
) -> None:
    card = (folder / "RELEASE.md").read_text()
    assert "{" not in card
    assert f"{released.rows_out:,} rows, one audit each" in card
    assert "at least\n10 counted auditors" in card
    assert "| gender | `woman` |" in card
    assert "Made for: the tests" in card
    assert "creativecommons.org/licenses/by/4.0" in card
    assert "- every class has 10 counted auditors or more" in card


def snippet(folder: Path, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", (folder / "codebook.md").read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def told_by(command: list[str], folder: Path) -> tuple[float, int]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    share, count = re.findall(r"([0-9.]+) ?% of rows placed at resolution 8, in ([0-9]+)", done.stdout)[0]
    return float(share), int(count)


def by_hand(folder: Path) -> tuple[float, int]:
    table = pd.read_csv(folder / "audits.csv", dtype={"cell": str})
    fine = [
        cells.from_text(cell) for cell in table["cell"] if cells.resolution_of(cells.from_text(cell)) >= 8
    ]
    return round(100 * len(fine) / len(table), 1), len({cells.parent(cell, resolution=8) for cell in fine})


def test_the_codebooks_pandas_rolls_remainders_up_rightly(folder: Path) -> None:
    script = snippet(folder, "python") + "\nmeans.to_csv('means.csv'); counts.to_csv('counts.csv')\n"
    assert told_by([sys.executable, "-c", script], folder) == by_hand(folder)
    table = pd.read_csv(folder / "audits.csv", dtype={"cell": str})
    assert set(table["resolution"]) > {8, 9}  # and some coarser, which cannot be placed
    own = table["cell"].map(cells.from_text)
    fine = table[table["resolution"] >= 8]
    parents = own[fine.index].map(lambda cell: cells.to_text(cells.parent(cell, resolution=8)))
    expected = fine.groupby(parents)[RATINGS].mean()
    means = pd.read_csv(folder / "means.csv", dtype={"cell": str}).set_index("cell")
    pd.testing.assert_frame_equal(means, expected, check_names=False)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_the_codebooks_r_rolls_remainders_up_rightly(folder: Path) -> None:
    (folder / "script.R").write_text(snippet(folder, "r"))
    assert told_by(["Rscript", "script.R"], folder) == by_hand(folder)


def test_the_descriptor_names_the_hash_of_each_table(folder: Path) -> None:
    package = json.loads((folder / "datapackage.json").read_text())
    for resource in package["resources"]:
        digest = hashlib.sha256((folder / resource["path"]).read_bytes()).hexdigest()
        assert resource["hash"] == f"sha256:{digest}"
