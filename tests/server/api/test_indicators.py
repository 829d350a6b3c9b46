"""Indicators: the city as a whole, each figure with what it counts, as JSON and as CSV."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server.cities import CityDirectory
from server.cluster.embedded import Cluster
from server.database import Database, connect
from server.publishing.analyse_city import analyse_city
from server.services.read_indicators import DEFINITIONS, documentation
from tests.conftest import FEW, OTHERTOWN, TESTVILLE, database_like, make_city
from tests.server.api.people import CITY, Person
from tests.server.publishing.conftest import NOW, Town

FIELDS = ["id", "definition", "numerator", "denominator", "unit", "value", "low", "high", "group", "code"]


@pytest.fixture(scope="module")
def published(cluster: Cluster) -> Iterator[Database]:
    """A city analysed after seven women and seven men audited ten places, by day and by night."""
    with database_like(cluster) as name:
        database = connect(cluster.database_url(name), pool_size=8)
        make_city(database, "testville", area=TESTVILLE, asked=FEW)
        make_city(database, "othertown", area=OTHERTOWN, asked=FEW)
        cities = CityDirectory(database)
        analyse_city(database, _audited(Town(database, cities.get("testville"))).city)
        yield database
        database.dispose()


@pytest.fixture
def database(published: Database) -> Database:
    """Tests here only read, but for a run of the other city."""
    return published


def _audited(town: Town) -> Town:
    women, men = town.people(7, gender="woman"), town.people(7, gender="man")
    for place in range(10):
        for daypart in (0, 1):
            at = NOW - timedelta(hours=1)
            town.audits([(one, place, 1) for one in women], daypart=daypart, at=at)
            town.audits([(one, place, 3) for one in men], daypart=daypart, at=at)
    return town


def by_group(told: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(one["group"], one["id"]): one for one in told}


def test_a_city_before_its_first_run_and_without_audits(
    stranger: Person, database: Database, cities: CityDirectory
) -> None:
    indicators = "/api/v1/cities/othertown/indicators"
    assert stranger.get(indicators).status_code == 404
    analyse_city(database, cities.get("othertown"))
    told = by_group(stranger.get(indicators).json["indicators"])
    assert {group for group, _ in told} == {""}
    assert told["", "audited-share"]["value"] == 0
    assert {one["value"] for key, one in told.items() if key[1] != "audited-share"} == {None}


def test_every_indicator_of_every_group(stranger: Person) -> None:
    answer = stranger.get("indicators").json
    assert answer["instrument"] == "safetipin-9"
    found = by_group(answer["indicators"])
    groups = {"", "gender:woman", "gender:man", "daypart:day", "daypart:night"}
    assert {group for group, _ in found} == groups
    ids = {one.id for one in DEFINITIONS} | {"feeling-mean", "walk-path-mean"}
    assert all({(group, id_) for id_ in ids} <= found.keys() for group in groups)
    assert len(found) == 5 * (len(DEFINITIONS) + len(FEW)) == len(answer["indicators"])
    score = found["", "safety-score"]
    assert score["low"] < score["value"] < score["high"]
    assert found["gender:woman", "safety-score"]["value"] < found["gender:man", "safety-score"]["value"]
    assert found["gender:woman", "feel-safe-share"]["value"] < found["gender:man", "feel-safe-share"]["value"]
    codes = {key for key, one in found.items() if one["code"]}
    assert codes == {("daypart:night", "feel-safe-share")}


def test_indicators_are_the_figures_of_the_layer(stranger: Person) -> None:
    features = json.loads(stranger.client.get(f"{CITY}/layers/city.geojson").data)["features"]
    rows = {feature["properties"]["group"]: feature["properties"] for feature in features}
    for (group, id_), one in by_group(stranger.get("indicators").json["indicators"]).items():
        for definition in DEFINITIONS:
            if definition.id == id_:
                assert one["value"] == rows[group][definition.field]
    cells = json.loads(stranger.client.get(f"{CITY}/layers/cells.geojson").data)["features"]
    mean = sum(cell["properties"]["score"] for cell in cells) / len(cells)
    assert rows[""]["score"] == pytest.approx(mean, abs=0.11)


def test_both_files_say_the_same(stranger: Person) -> None:
    told = stranger.get("indicators").json
    assert json.loads(stranger.client.get(f"{CITY}/indicators.json").data) == told
    answer = stranger.client.get(f"{CITY}/indicators.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(lines[0]) == FIELDS == list(told["indicators"][0])
    for line, one in zip(lines, told["indicators"], strict=True):
        assert line == {name: "" if value is None else str(value) for name, value in one.items()}


def test_the_page_of_indicators_holds_the_definitions_of_the_code() -> None:
    page = Path(__file__).parents[3] / "docs" / "indicators.md"
    assert documentation() in page.read_text(encoding="utf-8")
    codes = {definition.code for definition in DEFINITIONS if definition.code}
    assert codes == {"SDG 16.1.4"}


def test_what_is_not_there(stranger: Person) -> None:
    other = stranger.client.get(f"{CITY}/indicators.xml")
    assert (other.status_code, "json and csv" in other.json["detail"]) == (404, True)
    assert stranger.get("indicators?instrument=horoscope").status_code == 404
    assert stranger.get("/api/v1/cities/atlantis/indicators").status_code == 404
