from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import text

from server.actors import Role
from server.database import Database
from server.settings import Settings
from tests.server.api.people import CITY, Person, audit

NOW = datetime.now(UTC)


def walk(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Evening walk",
        "from": (NOW - timedelta(hours=1)).isoformat(),
        "to": (NOW + timedelta(hours=2)).isoformat(),
        "headcount": 40,
        **changes,
    }


def test_a_campaign_is_opened_joined_confirmed_and_closed(
    omar: Person, enrol: Callable[..., Person], database: Database
) -> None:
    opened = omar.post("campaigns", walk()).json
    link = urlsplit(opened["link"])
    assert (link.scheme, link.netloc, link.path) == ("https", "audits.example.org", "/audit")
    assert parse_qs(link.query) == {"city": ["testville"], "c": [opened["token"]]}
    joined, silent = enrol(campaign=opened["token"]), enrol(campaign=opened["token"])
    joined.post("audits", audit(observed_at=NOW.isoformat()))
    assert silent.get("devices/me").json["campaign"]["name"] == "Evening walk"
    place = f"campaigns/{opened['campaign']}"
    told = omar.get(place).json
    assert told["phones"] == {"enrolled": 2, "sent": 1, "waiting": 0, "done": 0}
    assert (told["state"], told["confirmed_headcount"]) == ("running", None)
    assert omar.post(f"{place}/confirm", {"headcount": 2}).json["confirmed_headcount"] == 2
    assert omar.post(f"{place}/confirm", {"headcount": 3}).json["confirmed_headcount"] == 3
    with database.transaction() as connection:
        waiting = connection.scalar(text("SELECT count(*) FROM jobs.procrastinate_jobs"))
        events = connection.execute(text("SELECT action, actor FROM event ORDER BY event_id")).all()
    assert waiting == 1, "one analysis serves both confirmations"
    assert [action for action, _ in events if action != "key.create"] == [
        "campaign.open",
        "campaign.confirm",
        "campaign.confirm",
    ]
    assert all(actor.startswith("key:") for action, actor in events if action != "key.create")
    assert omar.post(f"{place}/close").json["state"] == "closed"
    assert omar.post(f"{place}/close").status_code == 200
    assert joined.post("audits", audit()).status_code == 201, "phones keep what they have"
    assert [one["campaign"] for one in omar.get("campaigns").json["campaigns"]] == [opened["campaign"]]


def test_a_closed_or_long_past_campaign_cannot_be_joined(omar: Person, stranger: Person) -> None:
    closed = omar.post("campaigns", walk()).json
    omar.post(f"campaigns/{closed['campaign']}/close")
    long_past = {"from": "2026-01-01T18:00:00+05:30", "to": "2026-01-01T21:00:00+05:30"}
    past = omar.post("campaigns", walk(**long_past)).json
    for campaign in (closed, past):
        response = stranger.post("devices", {"campaign": campaign["token"]})
        assert (response.status_code, response.json["errors"][0]["pointer"]) == (422, "/campaign")


def test_another_city_s_campaign_cannot_be_joined(omar: Person, stranger: Person) -> None:
    token = omar.post("campaigns", walk()).json["token"]
    assert stranger.post("/api/v1/cities/othertown/devices", {"campaign": token}).status_code == 422


def test_practice_before_the_walk_is_kept_and_not_used(omar: Person, enrol: Callable[..., Person]) -> None:
    phone = enrol(campaign=omar.post("campaigns", walk()).json["token"])
    before = audit(observed_at=(NOW - timedelta(hours=2)).isoformat())
    told = phone.post("audits", before).json
    assert (told["used"], told["flags"]) == (False, ["practice"])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (walk(name=""), "/name"),
        (walk(name="x" * 201), "/name"),
        ({"from": "2026-11-20T18:00:00+05:30", "to": "2026-11-20T21:00:00+05:30"}, "/name"),
        (walk(to="2026-11-20T21:00:00"), "/to"),
        (walk(to="2020-11-20T21:00:00Z"), "/to"),
        (walk(to="9999-12-31T23:59:59-14:00"), "/to"),
        (walk(headcount=0), "/headcount"),
        (walk(headcount=True), "/headcount"),
        (walk(area={"type": "Point", "coordinates": [77.2, 28.6]}), "/area"),
        (
            walk(area={"type": "Polygon", "coordinates": [[[1000, 0], [1000, 1], [1001, 1], [1000, 0]]]}),
            "/area",
        ),
        (walk(colour="red"), "/colour"),
    ],
)
def test_a_campaign_that_is_none_is_refused(
    omar: Person, database: Database, body: object, pointer: str
) -> None:
    response = omar.post("campaigns", body)
    assert response.status_code == 422
    assert pointer in {fault["pointer"] for fault in response.json["errors"]}
    with database.transaction() as connection:
        assert connection.scalar(text("SELECT count(*) FROM campaign")) == 0


def test_the_area_of_a_campaign_comes_back(omar: Person) -> None:
    ring = [[77.21, 28.6], [77.22, 28.6], [77.22, 28.61], [77.21, 28.61], [77.21, 28.6]]
    area = {"type": "Polygon", "coordinates": [ring]}
    told = omar.post("campaigns", walk(area=area)).json["area"]
    assert told["type"] == "MultiPolygon"
    assert sorted(map(tuple, told["coordinates"][0][0])) == sorted(map(tuple, ring))


@pytest.mark.parametrize("act", ["", "/confirm", "/close"])
def test_a_campaign_that_is_not_there(omar: Person, give_key: Callable[..., Person], act: str) -> None:
    foreign = give_key(Role.ORGANISER, "othertown")
    there = foreign.post("/api/v1/cities/othertown/campaigns", walk()).json["campaign"]
    method = "POST" if act else "GET"
    for campaign in (uuid4(), "7", there):
        assert omar.ask(method, f"campaigns/{campaign}{act}", json={"headcount": 1}).status_code == 404


def test_nobody_is_confirmed_before_the_walk(omar: Person) -> None:
    later = walk(**{"from": (NOW + timedelta(hours=1)).isoformat()})
    place = f"campaigns/{omar.post('campaigns', later).json['campaign']}"
    assert omar.post(f"{place}/confirm", {"headcount": 1}).status_code == 409
    assert omar.post(f"{place}/confirm", {"headcount": 0}).status_code == 422
    assert omar.post(f"{place}/confirm", {}).status_code == 422


def test_forty_phones_behind_one_address_never_meet_the_limit(
    omar: Person, app_with: Callable[[Settings], Person], settings: Settings
) -> None:
    strict = app_with(replace(settings, enrolments_per_hour=5))
    token = omar.post("campaigns", walk()).json["token"]
    alone = [strict.post(f"{CITY}/devices", {}).status_code for _ in range(6)]
    together = [strict.post(f"{CITY}/devices", {"campaign": token}).status_code for _ in range(41)]
    assert alone == [201] * 5 + [429]
    assert together == [201] * 41
    guesses = [strict.post(f"{CITY}/devices", {"campaign": f"sac_{n}"}).status_code for n in range(2)]
    assert guesses == [429, 429], "guessing tokens spends the address's own bucket"


def test_the_debrief_waits_for_the_end_for_k_people_and_then_for_k_more(
    omar: Person, enrol: Callable[..., Person], database: Database, stranger: Person, amina: Person
) -> None:
    opened = omar.post("campaigns", walk()).json
    place = f"campaigns/{opened['campaign']}/debrief"
    assert omar.get(place).status_code == 409
    phones = [enrol(campaign=opened["token"]) for _ in range(10)]

    def send(*walkers: Person, **changes: Any) -> None:
        for one in walkers:
            one.post("audits", audit(observed_at=NOW.isoformat(), **changes))

    send(*phones[:4], answers={"lighting": 0})
    with database.transaction() as connection:
        connection.execute(text("UPDATE campaign SET ends_at = now() - interval '70 seconds'"))
        connection.execute(text("UPDATE campaign SET starts_at = now() - interval '2 hours'"))
        connection.execute(text("UPDATE audit SET observed_at = now() - interval '5 minutes'"))
    assert omar.get(place).json["status"] == "insufficient", "four people are too few"
    with database.transaction() as connection:
        connection.execute(text("UPDATE campaign SET ends_at = now() - interval '50 seconds'"))
    assert omar.get(place).status_code == 409, "a minute after the end, and no sooner"
    with database.transaction() as connection:
        connection.execute(text("UPDATE campaign SET ends_at = now() - interval '70 seconds'"))
    practice = (NOW - timedelta(hours=5)).isoformat()
    phones[4].post("audits", audit(observed_at=practice, answers={"lighting": 3}))
    assert omar.get(place).json["status"] == "insufficient", "practice before the walk is never used"
    late = {"observed_at": (NOW - timedelta(minutes=5)).isoformat(), "answers": {"lighting": 1, "people": 3}}
    phones[4].post("audits", audit(**late))
    told = omar.get(place).json
    assert (told["status"], told["people"], told["audits"]) == ("shown", 5, 5)
    assert told["ratings"] == [{"name": "lighting", "people": 5, "levels": [4, 1, 0, 0], "mean": 0.2}]
    for one in phones[5:9]:
        one.post("audits", audit(**late))
    assert omar.get(place).json == told, "four more could be subtracted"
    phones[9].post("audits", audit(**late))
    assert omar.get(place).json["people"] == 10
    for other in (stranger, amina):
        assert other.get(place).status_code in (401, 403)


def test_phones_say_whether_they_have_sent_everything(omar: Person, enrol: Callable[..., Person]) -> None:
    opened = omar.post("campaigns", walk()).json
    phones = [enrol(campaign=opened["token"]) for _ in range(3)]
    phones[0].patch("devices/me", {"waiting": 3})
    phones[1].patch("devices/me", {"waiting": 0})
    told = omar.get(f"campaigns/{opened['campaign']}").json["phones"]
    assert told == {"enrolled": 3, "sent": 0, "waiting": 1, "done": 1}
    phones[0].patch("devices/me", {"waiting": 0})
    assert omar.get(f"campaigns/{opened['campaign']}").json["phones"]["done"] == 2
    assert phones[0].patch("devices/me", {"waiting": -1}).status_code == 422
