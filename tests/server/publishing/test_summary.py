"""What a run remembers of the city as a whole: falls of ratings and who was heard, for each audience."""

from typing import Any

from server.publishing.analyse_city import analyse_city
from server.queries.runs import read_parameters
from tests.server.publishing.conftest import INSTRUMENT, Town


def summary(town: Town) -> dict[str, Any]:
    run_id = analyse_city(town.database, town.city)
    with town.database.transaction() as connection:
        made = read_parameters(connection, city_id=town.city.city_id, run_id=run_id)
    found: dict[str, Any] = made["instruments"][INSTRUMENT]["summary"]
    return found


def heard(told: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {one["group"]: (one["auditors_min"], one["audits_min"]) for one in told["heard"]}


def test_planners_hear_of_every_group_and_the_public_of_what_was_admitted(town: Town) -> None:
    women, men = town.people(6, gender="woman"), town.people(3, gender="man")
    town.audit(women, 0)
    town.audit(women, 1)
    town.audit(men, 0)
    told = summary(town)
    planner = heard(told["planner"])
    assert planner[""] == (5, 10)
    assert planner["gender:woman"] == (5, 10)
    assert planner["gender:man"] == (0, 0) == planner["gender:other"] == planner["age_band:60_plus"]
    assert planner["age_band:not_said"] == (5, 10)
    assert heard(told["public"])[""] == (5, 10)


def test_ratings_fall_on_levels(town: Town) -> None:
    people = town.people(10)
    town.audits([(one, 0, 0 if place < 5 else 3) for place, one in enumerate(people)])
    told = summary(town)
    for audience in ("planner", "public"):
        lighting = next(fall for fall in told[audience]["falls"] if fall["rating"] == "lighting")
        assert lighting == {
            "rating": "lighting",
            "daypart": "night",
            "answers_min": 10,
            "counts": [5, 0, 0, 5],
            "shares": [0.5, 0.0, 0.0, 0.5],
        }


def test_a_city_without_audits_has_a_summary_all_the_same(town: Town) -> None:
    told = summary(town)
    assert told["public"] == {"falls": [], "heard": [{"group": "", "auditors_min": 0, "audits_min": 0}]}
    assert told["planner"]["falls"] == []
    assert set(heard(told["planner"]).values()) == {(0, 0)}
