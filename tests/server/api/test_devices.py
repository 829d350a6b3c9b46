from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from server.database import Database
from server.settings import Settings
from tests.server.api.people import CITY, Person, audit


def test_a_phone_enrols_and_sees_what_is_stored(enrol: Callable[..., Person], consent: str) -> None:
    amina = enrol(
        profile={"gender": "woman", "age_band": "under_18"},
        locale="hi",
        consent={"version": consent, "lang": "hi"},
    )
    told = amina.get("devices/me").json
    assert told["device"] == amina.device
    assert told["profile"] == {"gender": "woman", "age_band": "under_18", "disability": None}
    assert told["consent"] == {"version": "2026-1", "lang": "hi"}
    assert told["campaign"] is None
    assert told["locale"] == "hi"


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"version": "2025-9", "lang": "hi"}, "/consent/version"),
        ({"version": "2026-1", "lang": "sw"}, "/consent/lang"),
    ],
)
def test_nobody_agrees_to_a_text_that_is_not_approved(
    stranger: Person, amina: Person, consent: str, said: dict[str, str], pointer: str
) -> None:
    for response in (
        stranger.post("devices", {"consent": said}),
        amina.patch("devices/me", {"consent": said}),
    ):
        assert response.status_code == 422
        assert [fault["pointer"] for fault in response.json["errors"]] == [pointer]
        assert consent in response.json["errors"][0]["detail"]
    assert amina.get("devices/me").json["consent"] is None


def test_who_turns_out_to_be_under_18_leaves_no_comment(amina: Person, bela: Person) -> None:
    hers, others = audit(comment="by the mill"), audit(comment="by the pond")
    amina.post("audits", hers)
    bela.post("audits", others)
    amina.patch("devices/me", {"profile": {"age_band": "under_18"}})
    told = amina.get(f"audits/{hers['id']}").json
    assert (told["comment"], told["flags"]) == (None, ["dropped"])
    assert bela.get(f"audits/{others['id']}").json["comment"] == "by the pond"
    assert amina.post("audits", hers).json["status"] == "duplicate", "resending revives nothing"
    assert amina.get(f"audits/{hers['id']}").json["comment"] is None


def test_an_empty_body_enrols_too(stranger: Person) -> None:
    assert set(stranger.post("devices", {}).json) == {"device", "token"}


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"profile": {"gender": "fish", "age_band": 7}}, ["/profile/age_band", "/profile/gender"]),
        ({"profile": {"name": "x"}, "favourite": 1}, ["/favourite", "/profile/name"]),
        ({"locale": "not a tag!"}, ["/locale"]),
        ({"consent": {"version": ""}}, ["/consent/lang", "/consent/version"]),
        ({"campaign": 7}, ["/campaign"]),
        ({"campaign": "sac_unknown"}, ["/campaign"]),
        ([], [""]),
        ("text", [""]),
        (7, [""]),
    ],
)
def test_every_fault_of_an_enrolment_is_named(
    stranger: Person, database: Database, body: object, pointers: list[str]
) -> None:
    response = stranger.ask("POST", "devices", json=body)
    assert response.status_code == 422
    assert sorted(fault["pointer"] for fault in response.json["errors"]) == pointers
    with database.transaction() as connection:
        assert connection.scalar(text("SELECT count(*) FROM device")) == 0


def test_what_is_left_out_of_a_change_stays(amina: Person) -> None:
    told = amina.patch("devices/me", {"profile": {"disability": "yes", "gender": None}}).json
    assert told["profile"] == {"gender": None, "age_band": "25_39", "disability": "yes"}
    assert told["locale"] == "hi"
    assert amina.patch("devices/me", {"profile": None, "locale": "sw"}).json["profile"] == {
        "gender": None,
        "age_band": None,
        "disability": None,
    }
    assert amina.get("devices/me").json["locale"] == "sw"
    assert amina.patch("devices/me", {"profile": {"gender": 1}}).status_code == 422


def test_erasing_empties_audits_and_ends_the_token(amina: Person, bela: Person, database: Database) -> None:
    sent = audit(comment="broken lamp")
    assert amina.post("audits", sent).status_code == 201
    bela.post("audits", audit())
    assert amina.delete("devices/me").status_code == 204
    assert amina.get("devices/me").status_code == 401
    assert amina.post("audits", audit()).status_code == 401
    with database.transaction() as connection:
        kept = connection.execute(text("SELECT count(*), count(location), count(comment) FROM audit")).one()
        assert connection.scalar(text("SELECT count(*) FROM profile")) == 0
    assert kept == (3, 1, 0)  # her emptied version, its tombstone, and Bela's


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_stranger_sees_and_changes_nothing(stranger: Person, method: str) -> None:
    response = stranger.ask(method, "devices/me", json={})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "sad_token",
        "Bearer sad_unknown",
        "Bearer sak_unknown",
        "Bearer x" * 99,
    ],
)
def test_a_token_that_is_none_is_refused(stranger: Person, header: str) -> None:
    assert stranger.get("devices/me", headers={"Authorization": header}).status_code == 401


def test_a_token_of_another_city_is_refused(enrol: Callable[..., Person]) -> None:
    foreign = enrol("othertown")
    assert foreign.get(f"{CITY}/devices/me").status_code == 401
    assert foreign.get("/api/v1/cities/othertown/devices/me").status_code == 200


def test_a_key_of_staff_is_no_device(omar: Person) -> None:
    assert omar.get("devices/me").status_code == 403
    assert omar.post("audits", audit()).status_code == 403


def test_a_revoked_device_is_refused(amina: Person, database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(text("UPDATE device SET revoked_at = now()"))
    assert amina.get("devices/me").status_code == 401


def test_an_address_enrols_no_more_than_the_limit(
    app_with: Callable[..., Person], settings: Settings
) -> None:
    stranger = app_with(replace(settings, enrolments_per_hour=2))
    assert [stranger.post("devices", {}).status_code for _ in range(3)] == [201, 201, 429]
    refused = stranger.post("devices", {})
    assert 1 <= int(refused.headers["Retry-After"]) <= 1800
    other = stranger.ask("POST", "devices", json={}, environ_overrides={"REMOTE_ADDR": "198.51.100.7"})
    assert other.status_code == 201


def test_all_addresses_together_enrol_no_more_than_the_citys_limit_and_then_cost_the_store_nothing(
    app_with: Callable[..., Person], settings: Settings, database: Database
) -> None:
    stranger = app_with(replace(settings, enrolments_per_hour=1))

    def from_address(number: int) -> int:
        there = {"REMOTE_ADDR": f"203.0.113.{number}"}
        return int(stranger.ask("POST", "devices", json={}, environ_overrides=there).status_code)

    def buckets() -> int:
        with database.transaction() as connection:
            return int(connection.scalar(text("SELECT count(*) FROM rate_bucket")) or 0)

    assert [from_address(number) for number in (1, 2, 3)] == [201, 201, 429]
    before = buckets()
    assert [from_address(number) for number in (4, 5, 6)] == [429] * 3
    assert buckets() == before


def test_no_address_is_stored(stranger: Person, database: Database) -> None:
    for address in ("203.0.113.9", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::1"):
        stranger.ask("POST", "devices", json={}, environ_overrides={"REMOTE_ADDR": address})
    with database.transaction() as connection:
        buckets = connection.scalars(text("SELECT bucket FROM rate_bucket")).all()
    lengths = sorted(len(bucket) for bucket in buckets)
    assert lengths == [16, 16, 16]  # an address, a household of IPv6, and all of the city together


def test_a_contributor_moves_to_another_phone(stranger: Person, amina: Person) -> None:
    sent = audit()
    amina.post("audits", sent)
    offered = amina.post("devices/me/move").json
    code = offered["code"]
    assert offered["link"] == f"https://audits.example.org/audit?city=testville#move={code}"
    assert offered["qr"].startswith("data:image/svg+xml")
    moved = stranger.post("devices/move", {"code": code}).json
    assert moved["device"] == amina.device
    assert amina.get("devices/me").status_code == 401, "the old phone's token is over"
    again = replace(amina, token=moved["token"])
    assert [one["id"] for one in again.get("devices/me/audits").json["audits"]] == [sent["id"]]
    assert again.get("devices/me").json["profile"]["gender"] == "woman"
    assert stranger.post("devices/move", {"code": code}).status_code == 404, "a code works once"


@pytest.mark.parametrize(
    "ending",
    [
        "UPDATE device SET move_until = now() - interval '1 second'",
        "UPDATE device SET revoked_at = now()",
        "UPDATE device SET city_id = city_id",
    ],
)
def test_a_move_that_is_over_moves_nothing(
    stranger: Person, amina: Person, database: Database, ending: str
) -> None:
    first, last = (amina.post("devices/me/move").json["code"] for _ in range(2))
    assert stranger.post("devices/move", {"code": first}).status_code == 404, "only the last code works"
    elsewhere = stranger.post("/api/v1/cities/othertown/devices/move", {"code": last})
    assert elsewhere.status_code == 404
    with database.transaction() as connection:
        connection.execute(text(ending))
    over = "city_id" not in ending
    assert stranger.post("devices/move", {"code": last}).status_code == (404 if over else 200)
