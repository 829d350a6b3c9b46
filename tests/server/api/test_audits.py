from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import h3
import pytest
from sqlalchemy import text

from server.database import Database
from server.settings import Settings
from tests.server.api.people import Person, audit


def test_an_audit_is_kept_and_told(amina: Person) -> None:
    sent = audit()
    response = amina.post("audits", sent)
    told = response.json
    assert response.status_code == 201
    assert told["id"] == sent["id"]
    assert told["status"] == "created"
    assert told["cell"] == h3.latlng_to_cell(28.6139, 77.2090, 9)
    assert told["daypart"] == "night"
    assert told["used"] is True
    assert told["flags"] == []
    assert abs(datetime.fromisoformat(told["received_at"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_same_again_is_200_and_other_content_409(amina: Person, bela: Person, database: Database) -> None:
    sent = audit()
    first = amina.post("audits", sent)
    again = amina.post("audits", {**sent, "observed_at": "2026-11-20T14:12:00Z", "comment": None})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == {**first.json, "status": "duplicate"}
    assert amina.post("audits", {**sent, "answers": {"lighting": 3}}).status_code == 409
    assert bela.post("audits", sent).status_code == 409
    with database.transaction() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit")) == 1


def test_what_cannot_be_used_is_kept_and_flagged(amina: Person) -> None:
    outside = amina.post("audits", audit(location={"lat": 28.70, "lng": 77.25}))
    assert (outside.status_code, outside.json["used"], outside.json["flags"]) == (201, False, ["outside"])
    nowhere = amina.post("audits", audit(location={"lat": 0, "lng": 0}))
    assert (nowhere.status_code, nowhere.json["flags"]) == (201, ["null_island"])
    late = amina.post("audits", audit(observed_at="2019-01-01T00:00:00Z"))
    assert (late.status_code, late.json["used"], late.json["flags"]) == (201, False, ["clock"])


def test_comments_of_the_young_are_not_stored(enrol: Callable[..., Person]) -> None:
    young = enrol(profile={"age_band": "under_18"})
    sent = audit(comment="my school")
    told = young.post("audits", sent).json
    assert (told["used"], told["flags"]) == (True, ["dropped"])
    assert young.get(f"audits/{sent['id']}").json["comment"] is None


def test_one_bad_item_never_holds_back_another(amina: Person, bela: Person) -> None:
    sent = [audit(), audit(answers={"lighting": 9, "colour": 1}), audit(), audit(), 7]
    bela.post("audits", sent[2])
    receipt = amina.post("audits", sent[3]).json["receipt"]
    told = amina.post("audits/batch", {"audits": sent}).json
    assert [result["status"] for result in told["results"]] == [
        "created",
        "invalid",
        "conflict",
        "duplicate",
        "invalid",
    ]
    assert [bool(result.get("receipt")) for result in told["results"]] == [True, False, False, True, False]
    assert told["results"][3]["receipt"] == receipt
    assert [result["id"] for result in told["results"]] == [*(one["id"] for one in sent[:4]), None]
    assert {fault["pointer"] for fault in told["results"][1]["errors"]} == {
        "/answers/lighting",
        "/answers/colour",
    }
    assert told["created"] + told["duplicate"] + told["conflict"] + told["invalid"] == len(sent)
    assert (told["created"], told["duplicate"], told["conflict"], told["invalid"]) == (1, 1, 1, 2)


@pytest.mark.parametrize(
    "body", [{}, {"audits": []}, {"audits": [1] * 501}, {"audits": {}}, [], {"audits": [{}], "x": 1}]
)
def test_a_batch_that_is_none_is_refused(amina: Person, body: object) -> None:
    assert amina.post("audits/batch", body).status_code == 422


def test_an_own_audit_is_seen_corrected_and_withdrawn(amina: Person) -> None:
    sent = audit(comment="dark corner")
    amina.post("audits", sent)
    seen = amina.get(f"audits/{sent['id']}").json
    assert (seen["status"], seen["version"]) == ("kept", 1)
    assert seen["answers"] == sent["answers"]
    assert seen["location"] == sent["location"]
    assert datetime.fromisoformat(seen["observed_at"]) == datetime.fromisoformat(sent["observed_at"])
    better = {**sent, "answers": {"lighting": 3}}
    assert amina.put(f"audits/{sent['id']}", better).json["status"] == "corrected"
    assert amina.put(f"audits/{sent['id']}", better).json["status"] == "duplicate"
    assert amina.get(f"audits/{sent['id']}").json["answers"] == {"lighting": 3}
    assert amina.delete(f"audits/{sent['id']}").status_code == 204
    assert amina.delete(f"audits/{sent['id']}").status_code == 204
    gone = amina.get(f"audits/{sent['id']}").json
    assert (gone["status"], gone["location"], gone["answers"], gone["comment"]) == (
        "withdrawn",
        None,
        None,
        None,
    )
    assert amina.post("audits", sent).status_code == 200, "resending revives nothing"
    assert amina.get(f"audits/{sent['id']}").json["status"] == "withdrawn"
    assert amina.put(f"audits/{sent['id']}", {**sent, "answers": {"lighting": 0}}).status_code == 409


def test_a_correction_is_checked_like_an_audit(amina: Person) -> None:
    sent = audit()
    amina.post("audits", sent)
    other_id = amina.put(f"audits/{sent['id']}", audit())
    assert (other_id.status_code, other_id.json["errors"][0]["pointer"]) == (422, "/id")
    assert amina.put(f"audits/{sent['id']}", {**sent, "answers": {}}).status_code == 422
    without_id = {key: value for key, value in sent.items() if key != "id"} | {"answers": {"people": 3}}
    assert amina.put(f"audits/{sent['id']}", without_id).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_s_audit_is_as_if_it_were_not_there(amina: Person, bela: Person, method: str) -> None:
    sent = audit()
    amina.post("audits", sent)
    hers = bela.ask(method, f"audits/{sent['id']}", json={**sent, "answers": {"lighting": 0}})
    missing = str(uuid4())
    nobodys = bela.ask(method, f"audits/{missing}", json={**sent, "id": missing})
    no_uuid = bela.ask(method, "audits/7", json=sent)
    assert (hers.status_code, nobodys.status_code, no_uuid.status_code) == (404, 404, 404)
    assert {**hers.json, "instance": ""} == {**nobodys.json, "instance": ""}
    assert amina.get(f"audits/{sent['id']}").json["answers"] == sent["answers"]


@pytest.mark.parametrize("change", ["revoked_at = now()", "erased_at = now()"])
def test_who_is_remembered_is_refused_once_shut_out_elsewhere(
    amina: Person, database: Database, change: str
) -> None:
    sent = audit()
    assert amina.post("audits", sent).status_code == 201
    with database.transaction() as connection:  # as another web process would
        connection.execute(text(f"UPDATE device SET {change}"))
    assert amina.post("audits", sent).status_code == 401, "not even told that it was kept before"
    assert amina.post("audits/batch", {"audits": [audit()]}).status_code == 401
    assert amina.post("audits/batch", {"audits": [7]}).status_code == 401


def test_who_is_remembered_as_grown_up_is_found_young(amina: Person, database: Database) -> None:
    amina.post("audits", audit())
    with database.transaction() as connection:  # as another web process would
        connection.execute(text("UPDATE profile SET age_band = 'under_18'"))
    sent = audit(comment="my school")
    assert amina.post("audits", sent).json["flags"] == ["dropped"]
    assert amina.get(f"audits/{sent['id']}").json["comment"] is None


def test_own_audits_are_listed_page_by_page(amina: Person, bela: Person) -> None:
    sent = [audit() for _ in range(5)]
    for one in sent:
        amina.post("audits", one)
    bela.post("audits", audit())
    found, address = [], "devices/me/audits?limit=2"
    while address is not None:
        page = amina.get(address).json
        assert len(page["audits"]) <= 2
        found += [one["id"] for one in page["audits"]]
        target = page["next"] and urlsplit(page["next"])
        address = target and f"{target.path}?{target.query}"
    assert found == [one["id"] for one in sent]


def test_own_audits_since_a_moment(amina: Person) -> None:
    amina.post("audits", audit())
    last = amina.post("audits", audit()).json
    found = amina.get("devices/me/audits", query_string={"since": last["received_at"]}).json
    assert [one["id"] for one in found["audits"]] == [last["id"]]
    assert found["next"] is None
    assert amina.get("devices/me/audits?since=2026-01-01T00:00:00+05:30").json["audits"] != []


@pytest.mark.parametrize(
    "query", ["since=yesterday", "since=2026-11-20", "since=~", "limit=0", "limit=501", "limit=x", "limit=²"]
)
def test_a_parameter_that_cannot_be_used_is_named(amina: Person, query: str) -> None:
    response = amina.get(f"devices/me/audits?{query}")
    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"] == f"?{query.split('=', maxsplit=1)[0]}"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "audits"),
        ("POST", "audits/batch"),
        ("GET", "devices/me/audits"),
        ("GET", f"audits/{UUID(int=7)}"),
        ("PUT", f"audits/{UUID(int=7)}"),
        ("DELETE", f"audits/{UUID(int=7)}"),
    ],
)
def test_a_stranger_is_asked_for_a_token(stranger: Person, method: str, path: str) -> None:
    assert stranger.ask(method, path, json=audit()).status_code == 401


def test_a_receipt_shows_corrects_and_withdraws(amina: Person, stranger: Person) -> None:
    sent = audit()
    receipt = amina.post("audits", sent).json["receipt"]
    spoken = receipt.lower().replace("-", " ").replace(" ", "-", 1)
    act = "/api/v1/receipts"
    shown = stranger.post(act, {"receipt": spoken, "action": "show"})
    assert shown.json == amina.get(f"audits/{sent['id']}").json
    better = {**sent, "answers": {"people": 3}}
    told = stranger.post(act, {"receipt": receipt, "action": "correct", "audit": better})
    assert (told.status_code, told.json["status"]) == (200, "corrected")
    assert amina.get(f"audits/{sent['id']}").json["answers"] == {"people": 3}
    assert stranger.post(act, {"receipt": receipt, "action": "correct"}).status_code == 422
    wrong = stranger.post(act, {"receipt": receipt, "action": "correct", "audit": audit()})
    assert wrong.status_code == 422
    assert stranger.post(act, {"receipt": receipt, "action": "withdraw"}).status_code == 204
    assert amina.get(f"audits/{sent['id']}").json["status"] == "withdrawn"


def test_a_receipt_that_proves_nothing_is_not_there(amina: Person, stranger: Person) -> None:
    receipt = amina.post("audits", audit()).json["receipt"]
    for code in (receipt[:-1] + ("0" if receipt[-1] != "0" else "1"), "nonsense", "9" * 80, receipt[2:]):
        response = stranger.post("/api/v1/receipts", {"receipt": code, "action": "show"})
        assert response.status_code == 404, code
    assert stranger.post("/api/v1/receipts", {"receipt": receipt, "action": "eat"}).status_code == 422


def test_receipts_cannot_be_tried_without_end(stranger: Person) -> None:
    tried = [
        stranger.post("/api/v1/receipts", {"receipt": "x", "action": "show"}).status_code for _ in range(32)
    ]
    assert tried[:30] == [404] * 30
    assert tried[-1] == 429


def test_a_device_sends_no_more_than_the_limit(
    app_with: Callable[..., Person], settings: Settings, amina: Person, bela: Person
) -> None:
    strict = app_with(replace(settings, submissions_per_minute=2))
    as_amina, as_bela = replace(strict, token=amina.token), replace(strict, token=bela.token)
    assert [as_amina.post("audits", audit()).status_code for _ in range(3)] == [201, 201, 429]
    assert as_bela.post("audits", audit()).status_code == 201
