"""Runs over HTTP: one for everybody, all kept ones for planners, a new one on demand."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from server.actors import Role
from server.cities import City
from server.database import Database
from server.publishing.analyse_city import analyse_city
from tests.server.api.conftest import Work
from tests.server.api.people import CITY, Person
from tests.server.publishing.conftest import NOW, Town

OF_PLANNERS = {"audits", "planner", "street_km"}


@pytest.fixture
def planner(give_key: Callable[..., Person]) -> Person:
    return give_key(Role.PLANNER)


@pytest.fixture
def town(database: Database, city: City) -> Town:
    town = Town(database, city)
    town.audit(town.people(6), 0)
    return town


def test_everybody_sees_the_latest_public_run_alone_and_planners_all(
    town: Town, planner: Person, stranger: Person, amina: Person
) -> None:
    assert stranger.get("runs").json == {"runs": []}
    older, latest = (analyse_city(town.database, town.city, seed=seed) for seed in (1, 2))
    past = analyse_city(town.database, town.city, as_of=NOW - timedelta(days=2))
    for somebody in (stranger, amina):
        [seen] = somebody.get("runs").json["runs"]
        assert (seen["run"], seen["seed"], seen["k"], seen["public"]) == (latest, 2, 5, True)
        assert {layer["audience"] for layer in seen["layers"]} == {"public"}
        assert sum(seen["instruments"][0]["public"]["weights"].values()) == pytest.approx(1, abs=1e-4)
        assert not OF_PLANNERS & seen["instruments"][0].keys()
        assert somebody.get(f"runs/{latest}").json == seen
        for hidden in (older, past, latest + 1000, "x"):
            assert somebody.get(f"runs/{hidden}").status_code == 404
    told = planner.get("runs").json["runs"]
    assert [run["run"] for run in told] == [past, latest, older]
    assert [run["public"] for run in told] == [False, True, True]
    assert [run["instruments"][0]["audits"] for run in told] == [0, 6, 6]
    assert told[0]["instruments"][0]["public"] is None
    assert planner.get(f"runs/{older}").json == told[2]


def test_a_planner_starts_a_run_and_sees_what_became_of_it(
    town: Town, planner: Person, give_key: Callable[..., Person], database: Database, work: Work
) -> None:
    asked = planner.post("runs")
    assert (asked.status_code, asked.json["status"], asked.json["run"]) == (202, "waiting", None)
    job = asked.headers["Location"]
    assert job == f"{CITY}/runs/jobs/{asked.json['job']}"
    assert planner.post("runs").headers["Location"] == job, "one that waits serves both"
    work()
    done = planner.get(job).json
    assert (done["status"], done["finished_at"] is None) == ("done", False)
    assert [run["run"] for run in planner.get("runs").json["runs"]] == [done["run"]]
    foreign = give_key(Role.PLANNER, "othertown")
    assert foreign.get(job.replace("testville", "othertown")).status_code == 404
    with database.transaction() as connection:
        logged = connection.scalars(text("SELECT action FROM event WHERE action = 'run.order'")).all()
    assert len(logged) == 2


def test_a_further_try_of_a_job_that_published_makes_no_second_run(
    town: Town, planner: Person, database: Database, work: Work
) -> None:
    job = planner.post("runs").headers["Location"]
    work()
    with database.transaction() as connection:
        connection.execute(text("SET LOCAL search_path TO jobs"))
        connection.execute(text("UPDATE procrastinate_jobs SET status = 'todo'"))
    work()
    assert planner.get(job).json["status"] == "done"
    assert len(planner.get("runs").json["runs"]) == 1
