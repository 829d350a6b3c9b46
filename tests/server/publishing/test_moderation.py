"""What waits for a moderator has no weight; what is hidden leaves the layers; nothing is lost."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from analysis.disclosure import admission as admission_rule
from server.cities import City
from server.database import Database
from server.publishing.admitting import Admission
from server.publishing.admitting import decide as decide_admission
from server.publishing.analyse_city import analyse_city
from server.publishing.screening import screen
from server.queries.admission import read_stale
from server.queries.events import OPERATOR
from server.queries.moderation import CaseRow, list_case_audits, list_cases
from server.queries.observations import read_used_audits
from server.services.erase_device import erase_device
from server.services.moderate import Act, hide_audit, moderate

from .conftest import INSTRUMENT, NOW, Town

PLACE = 120
ENROLLED = NOW - timedelta(days=20)


@pytest.fixture(autouse=True)
def _each_cell_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let cells enter without waiting for others: who may enter is told here, not when."""
    monkeypatch.setattr(admission_rule, "MOST_CELLS", 1)


def run(town: Town) -> int:
    return analyse_city(town.database, town.city)


def admission(town: Town) -> Admission:
    """Return what a run would admit now, without the analysis: it screens, reads and decides."""
    city, now = town.city, datetime.now(UTC)
    with town.database.transaction() as connection:
        screen(connection, city, as_of=now)
        used = read_used_audits(
            connection,
            city_id=city.city_id,
            time_zone=city.time_zone,
            resolution=city.resolution,
            versions=city.instruments[INSTRUMENT],
            as_of=now,
        )
        stale = read_stale(connection, city_id=city.city_id, instrument_id=INSTRUMENT)
    return decide_admission(used, stale, k=city.k)


def shown(town: Town) -> set[int]:
    """Return the places that a run would show now."""
    place = {town.cell(number): number for number in (0, 1, PLACE)}
    return {place[cell] for cell in admission(town).shown}


def entering(town: Town) -> int:
    """Return how many audits a run would admit now."""
    return len(admission(town).new)


def cases(town: Town, state: str | None = None) -> list[CaseRow]:
    with town.database.transaction() as connection:
        return list_cases(connection, city_id=town.city.city_id, state=state, reason=None, after=0, limit=100)


def decide(town: Town, action: str, case_id: int) -> None:
    with town.database.transaction() as connection:
        moderate(connection, town.city, case_id=case_id, act=act(action))


def hide(town: Town, audit_id: UUID) -> int:
    with town.database.transaction() as connection:
        return hide_audit(connection, town.city, audit_id=audit_id, act=act("hide"))


def act(action: str) -> Act:
    return Act(action=action, reason="because", actor=OPERATOR, now=NOW, secret=b"x" * 32)


def regulars(town: Town, count: int, place: int, level: int, **values: Any) -> list[UUID]:
    """Let new devices count by three audits of a place on three days; return the devices."""
    devices = town.people(count, origin="phone", enrolled=values.pop("enrolled", ENROLLED))
    for day in (4, 3, 2):
        # so many answer just alike, but not one device: that would be another matter
        town.audit(devices, place, level, at=NOW - timedelta(days=day), **values)
    return devices


def opened_before(town: Town, days: float) -> None:
    with town.database.transaction() as connection:
        values = {"days": timedelta(days=days)}
        connection.execute(text("UPDATE moderation_case SET opened_at = opened_at - :days"), values)


def test_a_brigade_of_200_aged_devices_freezes_and_a_moderator_decides(town: Town) -> None:
    for place in (0, 1, PLACE):
        town.audit(town.people(6), place, 2 + place % 2)
    before = run(town)
    regulars(town, 200, 0, 0)
    after = run(town)
    assert public(town, after) == public(town, before)
    assert scores(town, after) == scores(town, before)
    [case] = cases(town)
    assert (case.reason, case.state, case.audits, case.auditors) == ("burst", "waiting", 600, 200)
    assert (case.cell, case.detail) == (town.cell(0), {"new_devices": 200})
    assert not entering(town)
    assert [one.case_id for one in cases(town)] == [case.case_id], "the same burst is told once"
    decide(town, "accept", case.case_id)
    assert entering(town) == 600
    assert cases(town, "waiting") == []


def public(town: Town, run_id: int) -> list[tuple[object, ...]]:
    return town.rows(run_id, audience="public")


def scores(town: Town, run_id: int) -> dict[str, str]:
    """Return the score of each cell that planners see."""
    rows = town.rows(run_id, audience="planner")
    told = {str(row[3]): str(row[-1]) for row in rows if row[1] == "cells-now"}
    parts = {cell: [part for part in row.split(", ") if '"score"' in part] for cell, row in told.items()}
    return {cell: part for cell, [part] in parts.items()}


def test_a_frozen_cell_admits_nobody_for_14_days_and_then_all_but_the_burst(town: Town) -> None:
    regulars(town, 30, PLACE, 0)
    town.audit(town.people(6), PLACE, 3)
    assert shown(town) == set()
    opened_before(town, 13.5)
    assert shown(town) == set()
    opened_before(town, 1)
    assert shown(town) == {PLACE}
    assert [case.state for case in cases(town)] == ["waiting"]


def test_a_cell_that_was_frozen_lately_is_not_frozen_again(town: Town) -> None:
    regulars(town, 30, PLACE, 0)
    shown(town)
    decide(town, "hide", cases(town)[0].case_id)
    opened_before(town, 30)
    regulars(town, 30, PLACE, 0)
    town.audit(town.people(6), PLACE, 3)
    assert shown(town) == {PLACE}
    assert [case.state for case in cases(town)] == ["hidden", "waiting"]


def test_a_correction_does_not_free_an_audit_of_a_burst(town: Town) -> None:
    regulars(town, 30, PLACE, 0)
    shown(town)
    opened_before(town, 15)
    correct(town)
    assert shown(town) == set()


def correct(town: Town, **changes: str) -> None:
    """Let everybody correct every audit; `changes` are expressions by column."""
    columns = "device_id state content_hash received_at instrument_id instrument_version location accuracy_m"
    columns += " cell observed_at answered_at daypart ratings answers comment mode used flags"
    told = ", ".join(changes.get(column, column) for column in columns.split())
    with town.database.transaction() as connection:
        connection.execute(
            text(
                f"INSERT INTO audit (city_id, audit_id, version, {', '.join(columns.split())}) "
                f"SELECT city_id, audit_id, version + 1, {told} FROM audit"
            )
        )


def test_an_evening_of_40_phones_is_no_burst_once_its_head_count_is_confirmed(town: Town) -> None:
    evening = town.campaign(headcount=None, hours=100)
    phones = town.people(40, origin="phone", enrolled=ENROLLED, campaign_id=evening)
    for day in (4, 3, 2):
        town.audit(phones, PLACE, at=NOW - timedelta(days=day))
    assert shown(town) == set()
    assert [case.reason for case in cases(town)] == ["burst"]
    with town.database.transaction() as connection:
        connection.execute(text("UPDATE campaign SET confirmed_headcount = 40"))
    assert shown(town) == {PLACE}


@pytest.mark.parametrize(
    ("values", "reason", "detail"),
    [
        ({"accuracy_m": 900.0}, "coarse", {"accuracy_m": 900}),
        ({"location": "SRID=4326;POINT(78.25 28.6)"}, "leap", {}),
    ],
)
def test_implausible_audits_wait_and_count_once_accepted(
    town: Town, values: dict[str, Any], reason: str, detail: dict[str, int]
) -> None:
    devices = regulars(
        town, 5, 1, 2, enrolled=NOW - timedelta(days=100), location="SRID=4326;POINT(77.25 28.6)"
    )
    town.audit(devices[:4], PLACE)
    town.audit(devices[4:], PLACE, at=NOW - timedelta(days=2) + timedelta(minutes=1), **values)
    assert shown(town) == {1}
    [case] = cases(town)
    assert (case.reason, case.audits) == (reason, 1)
    assert detail.items() <= case.detail.items()
    decide(town, "accept", case.case_id)
    assert shown(town) == {1, PLACE}


def test_answers_copied_six_times_a_day_wait(database: Database, city: City) -> None:
    """All questions are asked here: a few answers are alike by chance."""
    town = Town(database, city)
    [device, *others] = regulars(town, 5, 1, 2, enrolled=NOW - timedelta(days=100))
    for minute in range(6):
        town.audit([device], PLACE, at=NOW - timedelta(minutes=60 + minute))
    town.audit(others, PLACE)
    assert shown(town) == {1}
    [case] = cases(town)
    assert (case.reason, case.audits, case.detail) == ("copied", 6, {"alike": 6})


def test_a_corrected_measurement_is_looked_at_anew(town: Town) -> None:
    devices = regulars(town, 5, 1, 2, enrolled=NOW - timedelta(days=100))
    town.audit(devices, PLACE, accuracy_m=900.0)
    assert shown(town) == {1}
    correct(town, accuracy_m="8")
    assert PLACE in shown(town)


def test_imports_are_on_the_operators_word(town: Town) -> None:
    town.audit(town.people(30), PLACE, accuracy_m=900.0)
    assert shown(town) == {PLACE}
    assert cases(town) == []


def test_what_is_hidden_leaves_planners_and_hides_its_public_cell(town: Town) -> None:
    audits = town.audit(town.people(7), 0)
    town.audit(town.people(7), 1)
    before = run(town)
    case_id = hide(town, audits[0])
    hidden = run(town)
    assert town.shown(hidden) == {1}
    assert audited(town, before) == 14
    assert audited(town, hidden) == 13
    decide(town, "restore", case_id)
    assert shown(town) == {0, 1}
    assert not entering(town), "it is where it was"


def audited(town: Town, run_id: int) -> int:
    query = text("SELECT parameters->'instruments'->'safetipin-9'->>'audits' FROM run WHERE run_id = :run_id")
    with town.database.transaction() as connection:
        return int(connection.execute(query, {"run_id": run_id}).scalar_one())


def test_a_cell_returns_with_k_people_and_what_is_restored_then_waits(town: Town) -> None:
    audits = town.audit(town.people(7), 0)
    run(town)
    case_id = hide(town, audits[0])
    assert shown(town) == set()
    town.audit(town.people(5), 0)
    run(town)
    decide(town, "restore", case_id)
    assert shown(town) == {0}
    assert not entering(town), "one person changes nothing"
    town.audit(town.people(4), 0)
    assert entering(town) == 5


def test_a_correction_does_not_bring_back_what_is_hidden(town: Town) -> None:
    audits = town.audit(town.people(5), 0)
    for one in audits:
        hide(town, one)
    correct(town)
    assert shown(town) == set()


def test_what_was_erased_leaves_the_queue_and_its_figures(town: Town) -> None:
    devices = regulars(town, 1, 1, 2)
    town.audit(devices, PLACE, accuracy_m=900.0)
    shown(town)
    [case] = cases(town)
    with town.database.transaction() as connection:
        erase_device(connection, city_id=town.city.city_id, device_id=devices[0])
    assert cases(town) == []
    with town.database.transaction() as connection:
        assert connection.scalars(text("SELECT detail FROM moderation_case")).all() == [{}]
        assert list_case_audits(connection, city_id=town.city.city_id, case_id=case.case_id, limit=9) == []


def test_moderators_are_told_whom_others_contradict(town: Town) -> None:
    old = {"enrolled": NOW - timedelta(days=100)}
    honest = regulars(town, 12, 0, 2, **old)
    liar = regulars(town, 1, 0, 0, **old)
    for place in (1, 2, 3):
        town.audit(honest, place, 2)
        town.audit(liar, place, 3 * (place % 2))
    town.audit([*liar, honest[0]], PLACE, accuracy_m=900.0)
    run(town)
    by_liar, by_honest = sorted(cases(town), key=lambda case: case.trust or 0)
    assert by_liar.trust is not None
    assert by_honest.trust is not None
    assert by_liar.trust < 0.5 < by_honest.trust
    with town.database.transaction() as connection:
        [told] = list_case_audits(connection, city_id=town.city.city_id, case_id=by_liar.case_id, limit=9)
    assert (told.auditor, told.shared) == (1, 4)


def test_a_run_of_the_past_opens_no_case(town: Town) -> None:
    regulars(town, 30, PLACE, 0)
    analyse_city(town.database, town.city, as_of=datetime.now(UTC) - timedelta(hours=1))
    assert cases(town) == []
