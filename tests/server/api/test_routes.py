"""Scores along ways."""

from collections.abc import Callable
from typing import Any

import h3
import pytest
from sqlalchemy import text

from server.cities import City
from server.database import Database
from tests.server.api.people import Person

# One line of latitude through the city; its cells in the order of walking.
LAT, WEST, EAST = 28.6139, 77.205, 77.225


def way(west: float = WEST, east: float = EAST, *, lat: float = LAT) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [[west, lat], [east, lat]]}


def cells_along(west: float, east: float, *, lat: float = LAT) -> list[str]:
    steps = 2_000
    found = [h3.latlng_to_cell(lat, west + (east - west) * step / steps, 9) for step in range(steps)]
    return list(dict.fromkeys(found))


@pytest.fixture
def publish(database: Database, city: City) -> Callable[..., None]:
    """Publish a run whose layer `cells` gives these cells these scores."""

    def make(scores: dict[str, float]) -> None:
        own = {"city_id": city.city_id}
        with database.transaction() as connection:
            own["run_id"] = connection.scalar(
                text("""INSERT INTO run (city_id, as_of, seed, started_at, finished_at, public, parameters)
                        VALUES (:city_id, now(), 0, now(), now(), true, '{}') RETURNING run_id"""),
                own,
            )
            connection.execute(
                text("""INSERT INTO layer VALUES
                        (:city_id, :run_id, 'safetipin-9', 'cells', 'public', 'Cells', '[]', 1)"""),
                own,
            )
            for cell, score in scores.items():
                connection.execute(
                    text("""INSERT INTO layer_row VALUES
                            (:city_id, :run_id, 'safetipin-9', 'cells', :cell, 1, NULL,
                             jsonb_build_object('score', CAST(:score AS float), 'score_low', :score - 0.5,
                                                'score_high', :score + 0.5, 'needs', 'lighting'))"""),
                    {**own, "cell": cell, "score": score},
                )

    return make


def test_a_way_that_nobody_audited(stranger: Person) -> None:
    response = stranger.post("routes/score", {"routes": [way()]})
    assert response.status_code == 200
    told = response.json["routes"][0]
    assert (told["status"], told["share_audited"], told["score"]) == ("insufficient", 0, None)
    assert told["worst"] is None
    assert told["length_m"] == pytest.approx(1952, abs=3)


def test_the_score_of_a_way_is_the_mean_by_metres(stranger: Person, publish: Callable[..., None]) -> None:
    cells = cells_along(WEST, EAST)
    publish({cells[1]: 4.0, cells[2]: 1.0})
    told = stranger.post("routes/score", {"routes": [way()]}).json["routes"][0]
    middle = [told["worst"]["from_m"], told["worst"]["to_m"]]
    assert told["worst"]["cell"] == cells[2]
    assert told["worst"]["needs"] == "lighting"
    low_m = middle[1] - middle[0]
    audited_m = told["share_audited"] * told["length_m"]
    expected = (1.0 * low_m + 4.0 * (audited_m - low_m)) / audited_m
    assert told["score"] == pytest.approx(expected, abs=0.02)
    assert told["score_low"] == pytest.approx(told["score"] - 0.5, abs=0.011)
    assert told["status"] == "published"


def test_ways_that_share_most_cells_are_not_told_apart(stranger: Person) -> None:
    near, nearly, far = way(), way(east=EAST - 0.001), way(lat=28.58)
    told = stranger.post("routes/score", {"routes": [near, nearly, far]}).json["routes"]
    assert [one["indistinguishable"] for one in told] == [[1], [0], []]


def test_the_word_safe_is_never_said(stranger: Person, publish: Callable[..., None]) -> None:
    publish(dict.fromkeys(cells_along(WEST, EAST), 5.0))
    told = stranger.post("routes/score", {"routes": [way()]}).get_data(as_text=True)
    assert "safe" not in told.replace("safetipin-9", "")


@pytest.mark.parametrize(
    ("routes", "pointer"),
    [
        ([], "/routes"),
        ([way()] * 11, "/routes"),
        ([{"type": "Point", "coordinates": [77.2, 28.6]}], "/routes/0/type"),
        ([way(), {"type": "LineString", "coordinates": [[77.2, 28.6]]}], "/routes/1/coordinates"),
        ([{"type": "LineString", "coordinates": [[77.2, 28.6], [77.2, 28.6]]}], "/routes/0"),
        ([way(west=-100, east=100)], "/routes/0"),
        ([{"type": "LineString", "coordinates": [[77.2, 128.6], [77.2, 28.6]]}], "/routes/0"),
        ([{"type": "LineString", "coordinates": [["a", 28.6], [77.2, 28.6]]}], "/routes/0/coordinates/0/0"),
        ([{**way(), "name": "home"}], "/routes/0/name"),
    ],
)
def test_what_is_no_way_is_refused_by_its_place(stranger: Person, routes: Any, pointer: str) -> None:
    response = stranger.post("routes/score", {"routes": routes})
    assert response.status_code == 422
    assert pointer in [fault["pointer"] for fault in response.json["errors"]]
