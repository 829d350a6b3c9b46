"""The moderator's queue over HTTP: what waits, paging and filters, acts and their log."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from server.actors import Role
from server.cities import City
from server.database import Database
from server.queries.moderation import add_audits, open_case
from tests.server.api.collectors import Phone
from tests.server.api.people import Person, audit

ACTS = ("accept", "hide", "restore")


@pytest.fixture
def mina(give_key: Callable[..., Person]) -> Person:
    """Mina moderates."""
    return give_key(Role.MODERATOR)


@pytest.fixture
def case_about(database: Database, city: City) -> Callable[..., int]:
    """Open a case about audits."""

    def open_one(*ids: str, reason: str = "coarse") -> int:
        with database.transaction() as connection:
            values = {"reason": reason, "opened_at": datetime.now(UTC), "detail": {"accuracy_m": 900}}
            case_id = open_case(connection, city_id=city.city_id, values=values)
            audits = [(UUID(one), 1) for one in ids]
            add_audits(connection, city_id=city.city_id, case_id=case_id, audits=audits)
        return case_id

    return open_one


def sent(person: Person, **changes: Any) -> str:
    document = audit(**changes)
    assert person.post("audits", document).status_code == 201
    return str(document["id"])


def events(database: Database) -> list[tuple[str, Any]]:
    query = text("SELECT action, detail FROM event WHERE action LIKE 'moderation%' ORDER BY event_id")
    with database.transaction() as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_the_queue_is_paged_and_filtered(mina: Person, amina: Person, case_about: Callable[..., int]) -> None:
    ids = [case_about(sent(amina), reason=reason) for reason in ("coarse", "leap", "coarse", "copied")]
    found, address = [], "moderation?limit=3"
    while address is not None:
        page = mina.get(address).json
        assert len(page["cases"]) <= 3
        found += [one["case"] for one in page["cases"]]
        target = page["next"] and urlsplit(page["next"])
        address = target and f"{target.path}?{target.query}"
    assert found == ids
    coarse = mina.get("moderation?reason=coarse").json["cases"]
    assert [(one["case"], one["state"], one["audits"]) for one in coarse] == [
        (ids[0], "waiting", 1),
        (ids[2], "waiting", 1),
    ]
    assert mina.get("moderation?state=hidden").json == {"cases": [], "next": None}


@pytest.mark.parametrize("query", ["state=gone", "reason=because", "limit=0", "after=-1", "limit=501"])
def test_a_filter_that_cannot_be_used_is_named(mina: Person, query: str) -> None:
    refused = mina.get(f"moderation?{query}")
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == f"?{query.partition('=')[0]}"


def test_a_case_shows_its_audits_but_neither_where_exactly_nor_by_whom(
    mina: Person, amina: Person, bela: Person, case_about: Callable[..., int], database: Database
) -> None:
    first = sent(amina, comment="dark")
    case_id = case_about(first, sent(bela), sent(amina))
    answer = mina.get(f"moderation/{case_id}")
    listed = answer.json["listed"]
    assert listed[0]["id"] == first
    assert listed[0]["comment"] == "dark"
    assert listed[0]["answers"] == {"lighting": 1, "openness": 2, "people": 0, "feeling": 1}
    assert len({one["auditor"] for one in listed}) == 2
    for secret in ("28.6139", "77.209", amina.device, bela.device):
        assert secret not in answer.text
    assert events(database) == [("moderation.show", {"case": case_id})]


def test_acts_change_the_state_and_are_logged_once(
    mina: Person, amina: Person, case_about: Callable[..., int], database: Database
) -> None:
    case_id = case_about(sent(amina))

    def act(action: str) -> tuple[int, str]:
        answer = mina.post("moderation", {"case": case_id, "action": action, "reason": f"{action}!"})
        return answer.status_code, answer.json.get("state", "")

    assert act("restore") == (409, "")
    assert act("accept") == act("accept") == (200, "accepted")
    assert act("hide") == (200, "hidden")
    assert act("accept") == (409, "")
    assert act("restore") == (200, "accepted")
    logged = [(action, detail) for action, detail in events(database)]
    told = [(f"moderation.{name}", {"case": case_id, "reason": f"{name}!"}) for name in ACTS]
    assert logged == told
    with database.transaction() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit WHERE state = 'kept'")) == 1


def test_any_audit_can_be_hidden_and_restored(mina: Person, amina: Person) -> None:
    id_ = sent(amina)
    hidden = mina.post("moderation", {"audit": id_, "action": "hide", "reason": "a private matter"}).json
    assert (hidden["reason"], hidden["state"], hidden["audits"]) == ("named", "hidden", 1)
    again = mina.post("moderation", {"audit": id_, "action": "hide", "reason": "once more"}).json
    assert again["case"] == hidden["case"]
    assert amina.get(f"audits/{id_}").json["status"] == "kept", "it stays her own"
    restored = mina.post("moderation", {"case": hidden["case"], "action": "restore", "reason": "mistaken"})
    assert restored.json["state"] == "accepted"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"action": "hide", "reason": "x"}, 422),
        ({"action": "hide", "reason": "x", "case": 1, "audit": str(uuid4())}, 422),
        ({"action": "accept", "reason": "x", "audit": str(uuid4())}, 422),
        ({"action": "hide", "reason": "", "case": 1}, 422),
        ({"action": "hide", "reason": "  ", "case": 1}, 422),
        ({"action": "delete", "reason": "x", "case": 1}, 422),
        ({"action": "hide", "reason": "x", "case": 10**9}, 404),
        ({"action": "hide", "reason": "x", "audit": str(uuid4())}, 404),
        ({"action": "hide", "reason": "x", "audit": "no id"}, 404),
    ],
)
def test_acts_that_make_no_sense_are_refused(mina: Person, body: dict[str, Any], status: int) -> None:
    assert mina.post("moderation", body).status_code == status


def test_another_citys_moderator_sees_and_decides_nothing(
    give_key: Callable[..., Person], amina: Person, case_about: Callable[..., int]
) -> None:
    case_id = case_about(sent(amina))
    other = give_key(Role.MODERATOR, "othertown")
    place = "/api/v1/cities/othertown/moderation"
    assert other.get(place).json["cases"] == []
    assert other.get(f"{place}/{case_id}").status_code == 404
    assert other.post(place, {"case": case_id, "action": "hide", "reason": "x"}).status_code == 404


def test_what_its_auditor_takes_back_leaves_the_queue(
    mina: Person, amina: Person, case_about: Callable[..., int]
) -> None:
    id_ = sent(amina)
    case_id = case_about(id_)
    amina.delete(f"audits/{id_}")
    assert mina.get("moderation").json["cases"] == []
    assert mina.get(f"moderation/{case_id}").status_code == 404


def test_a_late_phones_record_makes_its_audit_once_it_is_accepted(
    mina: Person, omar: Person, stranger: Person, database: Database
) -> None:
    now = datetime.now(UTC)
    walk = {"name": "walk", "from": (now - timedelta(hours=3)).isoformat(), "to": now.isoformat()}
    phone = Phone(stranger, omar.post("campaigns", walk).json["token"])
    with database.transaction() as connection:
        connection.execute(text("UPDATE campaign SET closed_at = now()"))
    assert phone.send(phone.filled()).status_code == 202
    [case] = mina.get("moderation?reason=campaign_over").json["cases"]
    act = {"case": case["case"], "action": "accept", "reason": "she was there, says the organiser"}
    assert mina.post("moderation", act).json["state"] == "accepted"
    assert mina.get("moderation").json["cases"] == []
    with database.transaction() as connection:
        assert connection.execute(text("SELECT ratings[1], used FROM audit")).all() == [(1, True)]
        assert connection.execute(text("SELECT audit_version, quarantine FROM submission")).all() == [
            (1, None)
        ]


def test_a_record_that_still_makes_no_audit_can_be_hidden_alone(mina: Person, phone: Phone) -> None:
    assert phone.send(phone.filled(answers__lighting="7")).status_code == 202
    [case] = mina.get("moderation").json["cases"]
    assert case["submission"]["errors"][0]["pointer"] == "/answers/lighting"
    act = {"case": case["case"], "reason": "nonsense"}
    refused = mina.post("moderation", act | {"action": "accept"})
    assert (refused.status_code, "/answers/lighting" in refused.json["detail"]) == (409, True)
    assert mina.post("moderation", act | {"action": "hide"}).json["state"] == "hidden"
    assert mina.get("moderation").json["cases"] == []
    assert mina.post("moderation", act | {"action": "restore"}).json["state"] == "waiting"
