"""An evening walk of 40 phones behind one address, from the join link to the public map."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from geo.cells import cell_of, to_text
from server.cities import City
from server.database import Database
from server.exporting.files import FORMATS
from server.queries.jobs import enqueue_analysis
from server.settings import Settings
from tests.server.api.conftest import Work
from tests.server.api.people import CITY, Person, audit

PUBLIC = ("cells", "cells-day", "cells-night", "hotspots", "hotspots-night")
# A GeoPackage tells the time of its run, so two runs never give the same bytes.
COMPARED = sorted(FORMATS.keys() - {"gpkg"})
NOW = datetime.now(UTC)
STOPS = ((28.600, 77.250), (28.603, 77.254), (28.606, 77.258))
QUIET_STREET = (28.62, 77.27)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Less than 40 enrolments an hour from one address, as long as no campaign's link is used."""
    return replace(settings, enrolments_per_hour=20)


def jobs(database: Database) -> list[str]:
    """Return how each run that was asked for stands, but for those that succeeded."""
    query = """SELECT status::text FROM jobs.procrastinate_jobs
               WHERE task_name = 'safeaudit:analyse' AND status <> 'succeeded'"""
    with database.transaction() as connection:
        return list(connection.scalars(text(query)))


def walk(phones: Iterable[Person], stops: Iterable[tuple[float, float]], *, level: int) -> None:
    """Let each phone audit each stop, a few metres apart and a few minutes after each other."""
    for number, phone in enumerate(phones):
        for minute, (lat, lng) in enumerate(stops):
            place = {"lat": lat + number * 1e-6, "lng": lng, "accuracy_m": 9.0}
            observed_at = (NOW - timedelta(minutes=50 - 10 * minute, seconds=number)).isoformat()
            answers = {"lighting": level, "openness": level, "people": level, "feeling": level}
            sent = audit(location=place, observed_at=observed_at, answers=answers)
            answer = phone.post("audits", sent)
            assert (answer.status_code, answer.json["used"]) == (201, True)


def cells_shown(stranger: Person) -> set[str]:
    return {feature["id"] for feature in stranger.client.get(f"{CITY}/layers/cells.geojson").json["features"]}


def public_files(stranger: Person) -> dict[str, bytes]:
    """Return every public layer in every format whose bytes can be compared."""
    files = (f"{layer}.{ending}" for layer in PUBLIC for ending in COMPARED)
    answers = {file: stranger.client.get(f"{CITY}/layers/{file}") for file in files}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {file: answer.data for file, answer in answers.items()}


def run_at_night(database: Database, city: City, work: Work) -> None:
    with database.transaction() as connection:
        enqueue_analysis(connection, city_id=city.city_id)
    work()
    assert jobs(database) == []


@pytest.mark.slow
def test_one_evening_shows_on_the_map_and_forty_fresh_devices_do_not(
    omar: Person,
    enrol: Callable[..., Person],
    stranger: Person,
    database: Database,
    city: City,
    work: Work,
) -> None:
    times = {"from": (NOW - timedelta(hours=1)).isoformat(), "to": (NOW + timedelta(hours=2)).isoformat()}
    opened = omar.post("campaigns", {"name": "Evening walk", "headcount": 40, **times}).json
    walk([enrol(campaign=opened["token"]) for _ in range(40)], STOPS, level=1)

    run_at_night(database, city, work)
    assert cells_shown(stranger) == set(), "before the head count is confirmed"

    confirmed = omar.post(f"campaigns/{opened['campaign']}/confirm", {"headcount": 40})
    assert confirmed.status_code == 200
    assert jobs(database) == ["todo"]
    work()
    assert jobs(database) == []
    walked = {to_text(cell_of(lat, lng, resolution=city.resolution)) for lat, lng in STOPS}
    assert cells_shown(stranger) == walked
    assert len(walked) == 3

    before = public_files(stranger)
    fresh = [_enrol_from(stranger, f"192.0.2.{number}") for number in range(40)]
    walk(fresh, (*STOPS, QUIET_STREET), level=3)
    for _ in range(2):
        run_at_night(database, city, work)
        assert public_files(stranger) == before
    with database.transaction() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit")) == 40 * 3 + 40 * 4
        assert connection.scalar(text("SELECT count(*) FROM run WHERE public")) == 4


def _enrol_from(stranger: Person, address: str) -> Person:
    """Enrol a phone without a campaign, from an address of its own."""
    made = stranger.post("devices", {}, environ_base={"REMOTE_ADDR": address})
    assert made.status_code == 201
    return replace(stranger, token=made.json["token"], device=made.json["device"])
