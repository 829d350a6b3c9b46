"""What everybody may read: cities, instruments, the score of a cell."""

import h3
import pytest
import shapely
from shapely.geometry import MultiPolygon
from sqlalchemy import text

from server.api.cities import bbox
from server.cities import City
from server.database import Database
from tests.server.api.people import Person

CELL = h3.latlng_to_cell(28.6139, 77.2090, 9)


def test_the_list_of_cities(stranger: Person) -> None:
    told = stranger.get("/api/v1/cities").json["cities"]
    assert [city["slug"] for city in told] == ["testville", "othertown"]
    assert told[0]["bbox"] == [77.20, 28.55, 77.30, 28.65]
    assert told[0]["default_instrument"] == told[0]["instruments"][0]
    assert (told[0]["resolution"], told[0]["k"], told[0]["time_zone"]) == (9, 5, "Asia/Kolkata")


def test_one_city(stranger: Person) -> None:
    told = stranger.get("").json
    assert told["boundary"]["type"] == "MultiPolygon"
    assert (told["controller"], told["contact"]) == (None, None)
    assert stranger.get("/api/v1/cities/atlantis").status_code == 404


def test_a_box_across_the_antimeridian_keeps_its_order() -> None:
    halves = MultiPolygon([shapely.box(177, -19, 180, -16), shapely.box(-180, -19, -178, -16)])
    assert bbox(halves) == [177, -19, -178, -16]
    assert bbox(MultiPolygon([shapely.box(-180, -90, 180, 90)])) == [-180, -90, 180, 90]


def test_an_instrument_in_a_language(stranger: Person) -> None:
    told = stranger.get("instruments/safetipin-9?lang=es").json
    assert (told["lang"], told["id"], told["fallback"]) == ("es", "safetipin-9", [])
    assert len(told["questions"]) == 9
    missing = stranger.get("instruments/safetipin-9?lang=fi").json
    assert (missing["lang"], missing["requested"]) == ("en", "fi")
    assert missing["fallback"] != []
    assert stranger.get("instruments/safetipin-9").json["lang"] == "en"


def test_an_instrument_that_is_not_there(stranger: Person) -> None:
    assert stranger.get("instruments/horoscope").status_code == 404
    assert stranger.get("instruments/safetipin-9?lang=%3Cscript%3E").status_code == 422


def publish(database: Database, city: City, *, public: bool = True, audience: str = "public") -> None:
    """Publish a run in which one cell has a score (the rows of a real run are the layers' tests)."""
    properties = '{"resolution": 9, "score": 2.5, "class": "hot"}'
    values = {
        "city_id": city.city_id,
        "public": public,
        "audience": audience,
        "cell": CELL,
        "row": properties,
    }
    with database.transaction() as connection:
        run_id = connection.scalar(
            text("""INSERT INTO run (city_id, as_of, seed, started_at, finished_at, public, parameters)
                    VALUES (:city_id, now(), 0, now(), now(), :public, '{}') RETURNING run_id"""),
            values,
        )
        connection.execute(
            text("""INSERT INTO layer VALUES
                    (:city_id, :run_id, 'safetipin-9', 'cells', :audience, 'Cells', '[]', 1)"""),
            {**values, "run_id": run_id},
        )
        connection.execute(
            text("""INSERT INTO layer_row VALUES
                    (:city_id, :run_id, 'safetipin-9', 'cells', :cell, 1, NULL, CAST(:row AS jsonb))"""),
            {**values, "run_id": run_id},
        )


def test_a_published_score(stranger: Person, database: Database, city: City) -> None:
    publish(database, city)
    told = stranger.get(f"cells/{CELL}/score").json
    assert told == {
        "cell": CELL,
        "daypart": "all",
        "instrument": "safetipin-9",
        "status": "published",
        "resolution": 9,
        "score": 2.5,
        "class": "hot",
    }
    assert stranger.get(f"cells/{CELL.upper()}/score").json == told


def test_all_that_is_not_shown_looks_alike(stranger: Person, database: Database, city: City) -> None:
    def answer(query: str = "") -> tuple[bytes, dict[str, str]]:
        response = stranger.get(f"cells/{CELL}/score{query}")
        kept = {name: value for name, value in response.headers if name not in ("X-Request-ID", "Date")}
        return response.data, kept

    no_run = answer()
    assert stranger.get(f"cells/{CELL}/score").json["status"] == "insufficient"
    publish(database, city, public=False)
    assert answer() == no_run, "a run as of a past day is not public"
    publish(database, city, audience="planner")
    assert answer() == no_run, "nor is a planner's layer"
    publish(database, city)
    assert answer() != no_run
    with database.transaction() as connection:
        connection.execute(text("DELETE FROM layer_row"))
    assert answer() == no_run
    assert stranger.get(f"cells/{CELL}/score?daypart=night").json["status"] == "insufficient"


@pytest.mark.parametrize(
    "path",
    [
        "cells/28.6139,77.2090/score",
        "cells/zzz/score",
        "cells/ffffffffffffffff/score",
        f"cells/{h3.cell_to_parent(CELL, 8)}/score",
        f"cells/{CELL}/score?daypart=dusk",
        f"cells/{CELL}/score?instrument=horoscope",
    ],
)
def test_a_question_that_is_none_is_refused(stranger: Person, path: str) -> None:
    response = stranger.get(path)
    assert response.status_code == 422
    assert response.json["errors"]
