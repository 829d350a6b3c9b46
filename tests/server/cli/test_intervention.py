"""`safeaudit intervention` as the operator types it, on a real store."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cities import City
from server.cli import group
from server.errors import Invalid, NotThere

BOX = "77.24,28.59,77.26,28.61"
SAID = ("--name", "Lights", "--kind", "street lights", "--from", "2026-01-05")


@pytest.fixture
def run(database_url: str, city: City, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("SAFEAUDIT_DATABASE_URL", database_url)
    monkeypatch.setenv("SAFEAUDIT_SECRET_KEY", "k" * 40)

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(group, ["intervention", *arguments])

    return call


def test_what_is_added_is_listed_and_evaluated(run: Callable[..., Result], tmp_path: Path) -> None:
    assert "no intervention" in run("evaluate", "testville").output
    first = run("add", "testville", BOX, *SAID, "--cost", "1000", "--currency", "INR", "--target", "lighting")
    assert first.exit_code == 0, first.output
    ring = [[77.21, 28.6], [77.22, 28.6], [77.22, 28.61], [77.21, 28.61], [77.21, 28.6]]
    feature = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"name": "Path", "kind": "paving", "from": "2026-02-01", "status": "ongoing", "id": 7},
    }
    file = tmp_path / "path.geojson"
    file.write_text(json.dumps(feature), encoding="utf-8")
    assert run("add", "testville", str(file), "--name", "Better path").exit_code == 0
    listed = run("list", "testville").output.splitlines()
    assert [line.split("\t")[1:6] for line in listed] == [
        ["Lights", "street lights", "2026-01-05", "2026-01-05", "planned"],
        ["Better path", "paving", "2026-02-01", "2026-02-01", "ongoing"],
    ]
    told = run("evaluate", "testville", first.output.strip()).output
    assert "insufficient: too few audits of the place: 0 of 0 people before" in told


def test_an_intervention_that_is_none_is_refused(run: Callable[..., Result]) -> None:
    backwards = run("add", "testville", BOX, *SAID, "--to", "2025-01-01")
    assert isinstance(backwards.exception, Invalid)
    assert [fault.pointer for fault in backwards.exception.faults] == ["/to"]
    assert isinstance(run("add", "testville", "1,1,2,2", *SAID).exception, Invalid)
    assert run("add", "testville", "nowhere.geojson", *SAID).exit_code == 2
    assert run("add", "testville", BOX, *SAID, "--cost", "much", "--currency", "INR").exit_code == 2
    nameless = run("add", "testville", BOX, "--from", "2026-01-05")
    assert nameless.exit_code == 2
    assert "--name, --kind" in nameless.output
    assert isinstance(run("add", "atlantis", BOX, *SAID).exception, NotThere)
    missing = run("evaluate", "testville", "00000000-0000-4000-8000-000000000000")
    assert isinstance(missing.exception, NotThere)
    assert run("list", "testville").output == ""
