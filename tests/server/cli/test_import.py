"""`city`, `instrument`, `import`, `simulate` and `reference`, as the operator types them."""

import csv
import gzip
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.cli import main

BOX = "77.20,28.55,77.30,28.65"


@dataclass(frozen=True)
class Said:
    code: int
    lines: list[str]
    err: str


Typed = Callable[..., Said]


@pytest.fixture
def typed(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """Run a command on the test's database; return its exit code and what it wrote."""
    monkeypatch.setenv("SAFEAUDIT_DATABASE_URL", database_url)
    monkeypatch.setenv("SAFEAUDIT_SECRET_KEY", "x" * 40)
    monkeypatch.setenv("SAFEAUDIT_HOME", str(tmp_path))

    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["safeaudit", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Said(int(ended.value.code or 0), said.out.splitlines(), said.err)

    return call


@pytest.fixture
def town(typed: Typed) -> str:
    made = typed("city", "create", "town", "--name", "Town", "--timezone", "Asia/Kolkata", "--boundary", BOX)
    assert made.code == 0, made.err
    return "town"


def test_a_city_is_made_shown_and_changed(typed: Typed, town: str) -> None:
    assert typed("city", "list").lines == ["town\tTown\tAsia/Kolkata\tk=5"]
    assert typed("city", "set", town, "k=7", "photos=on", "languages=hi,en", "standard=2.5").code == 0
    assert typed("city", "set", town, "half_life_days=365").lines == ["half_life_days=365"]
    shown = "\n".join(typed("city", "show", town).lines)
    for line in ("k: 7", "photos: true", "- hi\n- en", "standard: 2.5", "half_life_days: 365", "- safetipin"):
        assert line in shown
    refused = typed("city", "set", town, "k=6")
    assert (refused.code, "k may only rise" in refused.err) == (1, True)
    refused = typed("city", "set", town, "photo=on", "k=four")
    assert refused.code == 1
    assert "did you mean photos?" in refused.err
    assert "'four'" in refused.err
    for wrong in ("resolution=8", "half_life_days=29", "half_life_days=3651", "half_life_days=long"):
        assert typed("city", "set", town, wrong).code == 1


def test_a_city_by_file_and_what_it_refuses(typed: Typed, tmp_path: Path) -> None:
    shape = {"type": "Polygon", "coordinates": [[[77, 28], [78, 28], [78, 29], [77, 29], [77, 28]]]}
    (tmp_path / "area.geojson").write_text(
        json.dumps({"type": "Feature", "geometry": shape, "properties": {}})
    )
    form = "name: Delhi\ntimezone: Asia/Kolkata\nboundary: area.geojson\nk: 8\ncontact: x@example.org\n"
    (tmp_path / "city.yml").write_text(form + "agencies:\n  lighting: Lamps office\n")
    made = typed("city", "create", "delhi", "--file", tmp_path / "city.yml", "--resolution", 8)
    assert made.code == 0, made.err
    shown = "\n".join(typed("city", "show", "delhi").lines)
    for line in ("k: 8", "resolution: 8", "lighting: Lamps office", "bounds: 77,28,78,29"):
        assert line in shown
    again = typed("city", "create", "delhi", "--file", tmp_path / "city.yml")
    assert (again.code, "exists already" in again.err) == (1, True)
    wrong = typed(
        "city", "create", "Ü", "--name", "X", "--timezone", "Asia/Kolkatta", "--boundary", BOX, "--k", 4
    )
    assert wrong.code == 1
    assert "Asia/Kolkata" in wrong.err
    assert "from 5 to" in wrong.err


def test_import_ends_with_the_counts_and_writes_rejects(typed: Typed, town: str, tmp_path: Path) -> None:
    path = tmp_path / "audits.csv"
    path.write_text("lat;lng;lighting;Note;Note\n28.6;77.25;1;a;b\n0;0;1;c;d\n28.6;77.25;9;e;f\n")
    first = typed("import", town, path, "--rejects", tmp_path / "rejects.csv")
    assert first.code == 0, first.err
    assert first.lines[-1] == "accepted=1 updated=0 duplicate=0 rejected=2"
    assert any("'Note_2'" in line for line in first.lines)
    with (tmp_path / "rejects.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["row"] for row in rows] == ["3", "4"]
    assert rows[1]["reason"].startswith("lighting: '9' must be")
    assert (rows[1]["lat"], rows[1]["Note"], rows[1]["Note_2"]) == ("28.6", "e", "f")
    again = typed("import", town, path)
    assert again.lines[-1] == "accepted=0 updated=0 duplicate=1 rejected=2"
    assert any(line.startswith("row 3: location: ") for line in again.lines)


def test_a_dry_run_says_so(typed: Typed, town: str, tmp_path: Path) -> None:
    path = tmp_path / "audits.csv.gz"
    path.write_bytes(gzip.compress(b"lat\tlng\tlighting\n28.6\t77.25\t1\n"))
    dry = typed("import", town, path, "--dry-run").lines[-2:]
    assert dry == ["dry run: nothing was kept", "accepted=1 updated=0 duplicate=0 rejected=0"]
    assert typed("import", town, path).lines[-1] == "accepted=1 updated=0 duplicate=0 rejected=0"


def test_an_unusable_file_or_mapping_ends_with_2(typed: Typed, town: str, tmp_path: Path) -> None:
    path = tmp_path / "audits.csv"
    path.write_bytes(b"lat,lng,lighting\n28.6,77.25,\xff\n")
    refused = typed("import", town, path)
    assert (refused.code, "row 2" in refused.err, "UTF-8" in refused.err) == (2, True, True)
    path.write_text("lat,lng,light\n28.6,77.25,1\n")
    refused = typed("import", town, path)
    assert (refused.code, "its questions are lighting" in refused.err) == (2, True)
    (tmp_path / "mapping.yml").write_text("columns: {lat: lat, lng: lng, lighting: ligth}\n")
    refused = typed("import", town, path, "--mapping", tmp_path / "mapping.yml")
    assert (refused.code, "did you mean 'light'?" in refused.err) == (2, True)
    path.write_text("lat,lng,lighting\n28.6,77.25,1\n")
    refused = typed("import", "nowhere", path)
    assert (refused.code, "no city 'nowhere'" in refused.err) == (1, True)


def test_what_is_simulated_imports_as_it_is(typed: Typed, town: str, tmp_path: Path) -> None:
    out, truth = tmp_path / "audits.csv", tmp_path / "truth.geojson"
    options = ("--audits", 300, "--auditors", 20, "--seed", 3, "--first-day", "2026-01-01")
    written = []
    for _ in range(2):
        made = typed("simulate", town, *options, "--out", out, "--truth", truth)
        assert made.code == 0, made.err
        written.append((out.read_bytes(), truth.read_bytes()))
    assert written[0] == written[1]
    done = typed("import", town, out)
    assert done.lines[-1] == "accepted=300 updated=0 duplicate=0 rejected=0"
    features = json.loads(truth.read_text())["features"]
    planted = {one["properties"]["zone"] for one in features} - {None}
    assert planted
    assert all(0 <= one["properties"]["score"] <= 5 for one in features)
    low = [one["properties"]["score"] for one in features if one["properties"]["zone"] is not None]
    rest = [one["properties"]["score"] for one in features if one["properties"]["zone"] is None]
    assert sum(low) / len(low) < sum(rest) / len(rest)
    table = typed("simulate", town, *options, "--out", out, "--truth", tmp_path / "truth.csv")
    assert table.code == 0, table.err
    with (tmp_path / "truth.csv").open() as file:
        assert [row["cell"] for row in csv.DictReader(file)] == [one["id"] for one in features]


def test_reference_data_are_loaded_and_mended(typed: Typed, town: str, tmp_path: Path) -> None:
    path = tmp_path / "thefts.2026.csv"
    path.write_text("lat,lng,when\n28.6,77.25,2026-10-05 21:00\n0,0,2026-10-05 21:00\n")
    options = ("--kind", "incidents", "--time-field", "when", "--licence", "CC0")
    done = typed("reference", "load", town, path, *options)
    assert done.code == 0, done.err
    assert done.lines == [
        "times are read from 'when'",
        "1 outside the city, left out",
        "1 features in incidents 'thefts'",
    ]
    [row] = typed("reference", "list", town).lines
    assert [*row.split("\t")[:3], row.split("\t")[4]] == ["incidents", "thefts", "1", "CC0"]
    refused = typed("reference", "load", town, path, "--kind", "streets")
    assert (refused.code, "holds nothing for streets" in refused.err) == (1, True)
    refused = typed("reference", "load", town, path, "--kind", "population")
    assert (refused.code, "give --number-field; columns are lat, lng, when" in refused.err) == (1, True)
    assert len(typed("reference", "list", town).lines) == 1, "what was refused left nothing behind"
    path.write_text("lat,lng,when\n0,0,2026-10-05 21:00\n")
    assert typed("reference", "load", town, path, *options).code == 1
    assert typed("reference", "list", town).lines == [row], "the old set stays"
    refused = typed("reference", "remove", town, "robberies", "--kind", "incidents")
    assert (refused.code, "there are: thefts" in refused.err) == (1, True)
    assert typed("reference", "remove", town, "thefts", "--kind", "incidents").code == 0
    assert typed("reference", "list", town).lines == []


def test_zones_are_loaded_listed_and_removed(typed: Typed, town: str, tmp_path: Path) -> None:
    path = tmp_path / "wards.geojson"
    corners = [[77.2, 28.55], [77.3, 28.55], [77.3, 28.65], [77.2, 28.65], [77.2, 28.55]]
    shape = {"type": "Polygon", "coordinates": [corners]}
    path.write_text(json.dumps({"type": "Feature", "geometry": shape, "properties": {"ward": "North"}}))
    done = typed("zones", "load", town, path, "--name-field", "ward", "--licence", "CC0")
    assert done.code == 0, done.err
    assert done.lines == ["1 zones in 'wards'; the next run shows them"]
    assert typed("zones", "list", town).lines == ["wards\t1 zones\tCC0\t-"]
    refused = typed("zones", "load", town, path, "--name-field", "name")
    assert (refused.code, "no field 'name'; they are ward" in refused.err) == (1, True)
    assert typed("zones", "remove", town, "wards").code == 0
    refused = typed("zones", "remove", town, "wards")
    assert (refused.code, "there are: none" in refused.err) == (1, True)


def test_an_instrument_is_added_once_and_then_only_by_version(
    typed: Typed, town: str, tmp_path: Path
) -> None:
    source = Path(__file__).parents[3] / "server" / "instruments" / "transit-stop.yml"
    own = tmp_path / "own.yml"
    text_of_file = source.read_text().replace("id: transit-stop", "id: own-stop")
    own.write_text(text_of_file)
    assert typed("instrument", "add", town, own).lines == ["own-stop version 1: changed version"]
    assert typed("instrument", "add", town, own).lines == ["own-stop version 1: changed nothing"]
    own.write_text(text_of_file.replace("maximum: 240", "maximum: 300"))
    refused = typed("instrument", "add", town, own)
    assert (refused.code, "use 2" in refused.err) == (1, True)
    listed = typed("instrument", "list", town).lines
    assert listed[0].startswith("safetipin-9\t1\t9 questions")
    assert listed[-1].startswith("own-stop\t1\t8 questions")
