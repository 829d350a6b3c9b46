"""Real files through the shipped mappings: every row accounted for, again adds nothing.

Counts are of the files as they lie beside the checkout; without them these tests skip.
"""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from geo.areas import read_boundary
from server.cities import CityDirectory
from server.database import Database
from server.importing.mapping_file import read_mapping
from server.importing.run import ImportPlan, Reject, Tally, import_table
from server.importing.tables import open_table
from tests.conftest import make_city
from tests.server.importing.conftest import SECRET

MAPPINGS = Path(__file__).parents[3] / "docs" / "mappings"
HERMOSILLO = "-111.1,28.9,-110.8,29.2"
BANGKOK = "100.32,13.53,100.94,13.95"
MUMBAI = "72.77,18.88,73.2,19.3"
SEATTLE = "-122.46,47.48,-122.22,47.74"

FILES = [
    ("hermosillo", HERMOSILLO, "hermosillo_audits/mapeo_hermosillo_datos.csv", 368, 101),
    ("bangkok", BANGKOK, "bangkok_ratings/bangkok_2018.csv", 999, 999),
    ("bangkok", BANGKOK, "bangkok_ratings/bangkok_2019.csv", 2090, 1998),
    ("mumbai", MUMBAI, "mumbai_annotations/annotations.csv", 1173, 1173),
    ("place-pulse", BANGKOK, "perceived_safety/placepulse_elo_6_cities.csv.gz", 12953, 1566),
    ("seattle", SEATTLE, "seattle_sidewalk/seattle_sidewalk_labels.csv.gz", 79722, 52926),
]


def _import(
    database: Database, cities: CityDirectory, file: Path, mapping: str
) -> tuple[Tally, list[Reject]]:
    city = cities.get("here")
    table = open_table(file)
    instruments = {name: city.current(name).instrument for name in city.documents}
    chosen = read_mapping(MAPPINGS / f"{mapping}.yml", names=table.names, instruments=instruments)
    rejects: list[Reject] = []
    tally = import_table(
        database,
        table,
        ImportPlan(city=city, mapping=chosen, secret=SECRET),
        on_reject=rejects.append,
        on_progress=lambda *_: None,
    )
    return tally, rejects


@pytest.mark.parametrize("case", FILES)
def test_a_real_file(
    database: Database, cities: CityDirectory, shared_data: Path, case: tuple[str, str, str, int, int]
) -> None:
    mapping, box, file, rows, accepted = case
    make_city(database, "here", area=read_boundary(box).area)
    first, rejects = _import(database, cities, shared_data / file, mapping)
    assert (first.accepted, first.updated, first.duplicate) == (accepted, 0, 0)
    assert first.rows == rows
    assert len(rejects) == first.rejected == rows - accepted
    assert all(reject.reason and reject.row > 1 for reject in rejects)
    again, _ = _import(database, cities, shared_data / file, mapping)
    assert (again.accepted, again.updated, again.duplicate) == (0, 0, accepted)
    with database.transaction() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit")) == accepted


def test_hermosillo_rejects_are_explained(
    database: Database, cities: CityDirectory, shared_data: Path
) -> None:
    make_city(database, "here", area=read_boundary(HERMOSILLO).area)
    file = shared_data / "hermosillo_audits/mapeo_hermosillo_datos.csv"
    _, rejects = _import(database, cities, file, "hermosillo")
    kinds = Counter(reject.reason.split(":")[0] for reject in rejects)
    assert kinds == {"answers": 227, "location": 26, "filtered": 14}


def test_bangkok_walk_paths_by_what_raters_saw(
    database: Database, cities: CityDirectory, shared_data: Path
) -> None:
    make_city(database, "here", area=read_boundary(BANGKOK).area)
    _import(database, cities, shared_data / "bangkok_ratings/bangkok_2018.csv", "bangkok")
    query = "SELECT ratings[6], count(*), count(DISTINCT device_id) FROM audit GROUP BY 1 ORDER BY 1"
    with database.transaction() as connection:
        levels = {level: count for level, count, _ in connection.execute(text(query))}
        people = connection.scalar(text("SELECT count(DISTINCT device_id) FROM audit"))
        answered = connection.scalar(text("SELECT min(answered_at) AT TIME ZONE 'UTC' FROM audit"))
    assert levels[0] == 485  # not paved, whatever else
    assert sum(levels.values()) == 999
    assert people == 30
    assert (answered.year, answered.month) == (2018, 6)
