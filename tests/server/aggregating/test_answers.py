"""What an aggregate is made of, and that one person changes no more of it than its noise hides."""

from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon
from sqlalchemy import insert, text

from analysis.disclosure import aggregate as gate
from geo import cells
from server.aggregating.answer import answer
from server.errors import Conflict, Invalid
from server.models.moderation import moderation_audit, moderation_case
from server.queries.contributions import Wanted, read_contributions
from server.queries.zones import ZoneSet, ZoneShape, replace_zones
from tests.server.aggregating.conftest import Researcher
from tests.server.publishing.conftest import Town
from tests.server.releasing.conftest import MADE, SUMMER, people_of_a_summer


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """No noise: what it is added to can be read."""
    monkeypatch.setattr(gate, "laplace", lambda numbers, **_: numbers)


def _counts(rows: dict[str, dict[str, Any]]) -> dict[str, int]:
    return {place: row["auditors"] for place, row in rows.items() if row["auditors"]}


def test_every_cell_of_the_city_is_told_audited_or_not(summer: Researcher) -> None:
    rows = summer.rows()
    area = summer.town.city.area
    inside = cells.to_texts(cells.covering(area, resolution=7))
    assert set(inside) < set(rows)
    assert all(cells.polygon(cells.from_text(place)).intersects(area) for place in rows)
    assert all(isinstance(row["auditors"], int) for row in rows.values())
    assert {row["mean"] for place, row in rows.items() if row["mean_low"] is None} == {None}
    assert any(row["auditors"] < 0 for row in rows.values()), "noise is not cut off at 0"


def test_a_city_without_audits_is_answered_too(researcher: Researcher) -> None:
    rows = researcher.rows()
    assert len(rows) > 20
    assert len({row["auditors"] for row in rows.values()}) > 3


@pytest.mark.usefixtures("exact")
def test_people_are_counted_once_in_a_place_and_in_so_many_places(researcher: Researcher) -> None:
    town = researcher.town
    one, other = town.people(2, enrolled=SUMMER)
    town.audits([(one, 0, 3), (one, 1, 3), (one, 0, 0), (other, 0, 0)], at=SUMMER)
    near = cells.to_text(cells.parent(town.cell(0), resolution=5))
    assert _counts(researcher.rows(measure="auditors", resolution=5)) == {near: 2}
    for place in range(0, 217, 4):
        town.audits([(one, place, 3)], at=SUMMER)
    told = _counts(researcher.rows(measure="auditors", resolution=8, places_per_auditor=3))
    assert sum(told.values()) == 3 + 1


@pytest.mark.usefixtures("exact")
def test_only_what_is_asked_for_counts(researcher: Researcher) -> None:
    town = researcher.town
    (woman,) = town.people(1, gender="woman", enrolled=SUMMER)
    (man,) = town.people(1, gender="man", enrolled=SUMMER)
    levels = [0, -1, 3, 2]
    assert town.city.current("safetipin-9").instrument.ratings[0].name == "lighting"
    town.audits([(woman, 0, levels)], at=SUMMER, daypart=1)
    town.audits([(man, 0, levels)], at=SUMMER, daypart=0)
    town.audits([(man, 0, 3)], at=SUMMER - timedelta(days=60))
    town.audits([(man, 0, 3)], at=SUMMER, instrument_id="hazard")
    town.audits([(man, 0, 3)], at=SUMMER, used=False)

    def people(**changes: Any) -> int:
        return sum(_counts(researcher.rows(epsilon=0.01, **changes)).values())

    assert people() == 2
    assert people(measure="people") == 0
    assert people(measure="auditors", daypart="day") == 1
    assert people(gender="woman") == 1
    assert people(gender="other") == 0
    assert people(period="2025Q2") == 1


@pytest.mark.usefixtures("exact")
def test_audits_whose_time_nobody_knows_belong_to_the_quarter_they_came_in(researcher: Researcher) -> None:
    town = researcher.town
    town.audits([(town.people(1)[0], 0, 3)], at=None, received=SUMMER)
    assert sum(_counts(researcher.rows()).values()) == 1


def _contributions(town: Town) -> list[tuple[int, ...]]:
    with town.database.transaction() as connection:
        found = read_contributions(
            connection,
            city_id=town.city.city_id,
            time_zone=town.city.time_zone,
            versions=town.city.instruments["safetipin-9"],
            wanted=Wanted(quarter=2025 * 4 + 2, rating="lighting", daypart=None, gender=None),
            as_of=MADE,
        )
    return sorted((int(cell), int(level)) for _, cell, level in found.tolist())


def test_one_person_more_adds_her_rows_and_changes_no_others(town: Town) -> None:
    """Where others decide who counts, one phone more in a full walk would push another out."""
    people_of_a_summer(town, people=12, places=7)
    walk = town.campaign(headcount=3)
    with town.database.transaction() as connection:
        connection.execute(
            text("UPDATE campaign SET starts_at = :begins, ends_at = :ends"),
            {"begins": SUMMER - timedelta(hours=1), "ends": SUMMER + timedelta(hours=3)},
        )
    walkers = town.people(4, origin="phone", enrolled=SUMMER, campaign_id=walk)
    town.audit(walkers, 3, 1, at=SUMMER)
    before = _contributions(town)
    (late,) = town.people(1, origin="phone", enrolled=SUMMER, campaign_id=walk)
    town.audits([(late, place, 2) for place in range(3)], at=SUMMER, received=SUMMER - timedelta(minutes=5))
    after = _contributions(town)
    assert len(after) == len(before) + 3
    for row in before:
        after.remove(row)
    assert {level for _, level in after} == {2}


def test_people_who_are_nobody_yet_and_what_a_moderator_hid_are_left_out(town: Town) -> None:
    fresh = town.people(1, origin="phone", enrolled=SUMMER)
    town.audit(fresh, 0, at=SUMMER)
    unconfirmed = town.people(1, origin="phone", enrolled=SUMMER, campaign_id=town.campaign(headcount=None))
    town.audit(unconfirmed, 0, at=SUMMER)
    assert _contributions(town) == []
    (hidden, waiting) = town.audit(town.people(2, enrolled=SUMMER), 0, at=SUMMER)
    assert len(_contributions(town)) == 2
    for audit_id, state in ((hidden, "hidden"), (waiting, "waiting")):
        _moderate(town, audit_id, state)
    assert len(_contributions(town)) == 1


def _moderate(town: Town, audit_id: UUID, state: str) -> None:
    with town.database.transaction() as connection:
        case = connection.scalar(
            insert(moderation_case)
            .values(city_id=town.city.city_id, reason="named", state=state, opened_at=MADE)
            .returning(moderation_case.c.case_id)
        )
        connection.execute(
            insert(moderation_audit).values(
                city_id=town.city.city_id, case_id=case, audit_id=audit_id, version=1
            )
        )


# --- zones ---


def _load(town: Town, *middles: float) -> None:
    west, south, east, north = town.city.area.bounds
    edges = [west, *middles, east]
    shapes = [
        ZoneShape(name=f"={number}", area=MultiPolygon([shapely.box(left, south, right, north)]))
        for number, (left, right) in enumerate(pairwise(edges))
    ]
    with town.database.transaction() as connection:
        replace_zones(connection, city_id=town.city.city_id, described=ZoneSet(name="wards"), shapes=shapes)


@pytest.mark.usefixtures("exact")
def test_zones_hold_the_cells_whose_centre_lies_in_them(researcher: Researcher) -> None:
    town = researcher.town
    middle = float(cells.centre(np.array([town.cell(0)]))[1][0]) - 1e-6
    _load(town, middle)
    for place in range(19):
        town.audits([(town.people(1, enrolled=SUMMER)[0], place, 2)], at=SUMMER)
    _, lng = cells.centre(np.array([town.cell(place) for place in range(19)]))
    told = researcher.rows(zones="wards", resolution=None)
    assert _counts(told) == {"=0": int((lng < middle).sum()), "=1": int((lng > middle).sum())}


def test_zones_loaded_anew_are_another_question_and_the_old_one_says_so(researcher: Researcher) -> None:
    _load(researcher.town, 77.24)
    first = researcher.question(zones="wards", resolution=None)
    _load(researcher.town, 77.24)
    assert researcher.question(zones="wards", resolution=None).id == first.id
    researcher.ask(zones="wards", resolution=None)
    _load(researcher.town, 77.26)
    assert researcher.question(zones="wards", resolution=None).id != first.id
    found = answer(researcher.town.database, researcher.town.city, aggregate_id=first.id, now=MADE)
    assert found is not None
    assert "loaded anew" in str(found.fault)
    assert researcher.rows(zones="wards", resolution=None, epsilon=0.6).keys() == {"=0", "=1"}


# --- refusals ---


REFUSED: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"epsilon": 0}, "/epsilon", "0.01 to 1"),
    ({"epsilon": 1.01}, "/epsilon", "0.01 to 1"),
    ({"epsilon": 0.005}, "/epsilon", "two decimals"),
    ({"epsilon": "nan"}, "/epsilon", "two decimals"),
    ({"resolution": 9}, "/resolution", "5 to 8"),
    ({"resolution": 4}, "/resolution", "5 to 8"),
    ({"resolution": None}, "/resolution", "either"),
    ({"places_per_auditor": 21}, "/places_per_auditor", "1 to 20"),
    ({"measure": "brightness"}, "/measure", "auditors, lighting"),
    ({"zones": "wards", "resolution": None}, "/zones", "no set of zones"),
)


def test_what_cannot_be_asked_is_told_and_spends_nothing(researcher: Researcher) -> None:
    for changes, pointer, words in REFUSED:
        with pytest.raises(Invalid) as refused:
            researcher.ask(**changes)
        assert [fault.pointer for fault in refused.value.faults] == [pointer]
        assert words in refused.value.faults[0].detail
    with pytest.raises(Conflict, match="2026-01-15"):
        researcher.ask(period="2025Q4")
    assert researcher.query("SELECT count(*) FROM privacy_budget") == [(0,)]
