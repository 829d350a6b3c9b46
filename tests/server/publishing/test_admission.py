"""The admission rule, end to end: no public change is the work of fewer than k people."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from analysis.instrument import Role
from server.publishing.analyse_city import analyse_city
from server.queries.audits import end_audits
from server.services.erase_device import erase_device

from .conftest import INSTRUMENT, NOW, Town


def run(town: Town) -> int:
    return analyse_city(town.database, town.city)


def end(town: Town, audits: list[Any], state: str = "withdrawn") -> None:
    with town.database.transaction() as connection:
        end_audits(connection, city_id=town.city.city_id, ids=audits, state=state)


def test_a_campaign_of_40_phones_shows_its_cells_once_the_head_count_is_confirmed(busy_town: Town) -> None:
    evening = busy_town.campaign(headcount=40)
    phones = busy_town.people(40, origin="phone", enrolled=NOW - timedelta(hours=3), campaign_id=evening)
    for place in (120, 121, 122):
        busy_town.audit(phones, place)
    assert {120, 121, 122} <= busy_town.shown(run(busy_town))


def test_a_campaign_confirmed_days_later_shows_its_cells_then(town: Town) -> None:
    evening = town.campaign(headcount=6)
    phones = town.people(6, origin="phone", enrolled=NOW - timedelta(days=9), campaign_id=evening)
    for place in (0, 1):
        town.audit(phones, place, received=NOW - timedelta(days=4))
    assert town.shown(run(town)) == {0, 1}


def test_cells_that_fill_day_by_day_enter_in_a_wave_of_five(town: Town) -> None:
    def fill(place: int) -> list[Any]:
        each = enumerate(town.people(5))
        return [town.audit([one], place, at=NOW - timedelta(days=place + day + 1)) for day, one in each]

    filled = [fill(place) for place in range(4)]
    before = town.rows(run(town), audience="public")
    assert all(row[1] != "cells" for row in before)
    town.audit(town.people(4), 4)  # a fifth place where only four wait makes no wave
    assert town.rows(run(town), audience="public") == before
    end(town, filled[3][0])  # nor does a place that lost one of its five
    fill(5)
    assert town.rows(run(town), audience="public") == before
    fill(6)
    assert town.shown(run(town)) == {0, 1, 2, 5, 6}


def test_a_campaign_without_a_confirmed_head_count_shows_nothing(busy_town: Town) -> None:
    evening = busy_town.campaign(headcount=None)
    phones = busy_town.people(40, origin="phone", enrolled=NOW - timedelta(hours=3), campaign_id=evening)
    busy_town.audit(phones, 120)
    assert 120 not in busy_town.shown(run(busy_town))


def test_forty_fresh_devices_without_a_campaign_show_nothing_and_shift_nothing(busy_town: Town) -> None:
    before = busy_town.rows(run(busy_town), audience="public")
    fresh = busy_town.people(40, origin="phone", enrolled=NOW - timedelta(days=1), gender="woman")
    for place in (0, 1, 120):
        busy_town.audit(fresh, place, 0)
    assert before
    assert busy_town.rows(run(busy_town), audience="public") == before


def test_four_people_wait_until_a_fifth_comes(town: Town) -> None:
    people = town.people(5)
    town.audit(people[:4], 0)
    assert town.shown(run(town)) == set()
    town.audit(people[:1], 0)  # the same person again is no fifth
    assert town.shown(run(town)) == set()
    town.audit(people[4:], 0)
    assert town.shown(run(town)) == {0}


def test_who_says_nothing_of_the_place_is_not_among_the_five(town: Town) -> None:
    ratings = town.city.current(INSTRUMENT).instrument.ratings
    silent = [2 if rating.role is Role.OUTCOME else -1 for rating in ratings]
    assert 2 in silent
    town.audit(town.people(4), 0)
    town.audit(town.people(5), 0, silent)
    assert town.shown(run(town)) == set()
    town.audit(town.people(1), 0)
    last = run(town)
    assert town.shown(last) == {0}
    assert '"audits_min": 5' in str(town.rows(last, audience="public")[0][-1])


def test_people_of_neighbouring_cells_do_not_help_each_other(town: Town) -> None:
    people = town.people(8)
    town.audit(people[:4], 0)
    town.audit(people[4:], 1)
    assert town.shown(run(town)) == set()


def test_what_is_shown_changes_only_when_k_people_have_come_anew(town: Town) -> None:
    town.audit(town.people(5), 0, 2)
    before = town.rows(run(town), audience="public")
    town.audit(town.people(4), 0, 0)
    assert town.rows(run(town), audience="public") == before
    town.audit(town.people(1), 0, 0)
    after = town.rows(run(town), audience="public")
    assert after != before
    assert '"auditors_min": 10' in str(after[0][-1])


@pytest.mark.parametrize("state", ["withdrawn", "erased"])
def test_a_cell_hides_when_one_audit_ends_and_returns_when_k_people_come_anew(town: Town, state: str) -> None:
    audits = town.audit(town.people(7), 0)
    town.audit(town.people(7), 1)
    assert town.shown(run(town)) == {0, 1}
    end(town, audits[:1], state)
    assert town.shown(run(town)) == {1}
    town.audit(town.people(4), 0)
    assert town.shown(run(town)) == {1}
    town.audit(town.people(1), 0)
    last = run(town)
    assert town.shown(last) == {0, 1}
    row = next(str(row[-1]) for row in town.rows(last) if row[1] == "cells" and "10" in str(row[-1]))
    assert '"audits_min": 10' in row  # six of the first seven are back, with the five
    assert town.shown(run(town)) == {0, 1}


def test_a_hidden_cell_is_absent_from_the_public_model_too(town: Town) -> None:
    hidden = town.audit(town.people(6), 0, 0)
    for place in (1, 2, 3):
        town.audit(town.people(6), place, [3, 2, 3, 1, 2, 3, 2, 2, 1])
    run(town)
    end(town, hidden[:1])
    without = town.rows(run(town), audience="public")
    end(town, hidden[1:])
    assert town.rows(run(town), audience="public") == without


def test_a_correction_hides_the_cell_and_waits_itself(town: Town) -> None:
    people = town.people(6)
    audits = town.audit(people, 0)
    run(town)
    with town.database.transaction() as connection:
        connection.exec_driver_sql(
            "INSERT INTO audit SELECT city_id, audit_id, 2, device_id, state, content_hash, now(),"
            " instrument_id, instrument_version, location, accuracy_m, cell, observed_at, answered_at, "
            " daypart, ratings, answers, comment, mode, used, flags FROM audit WHERE audit_id = %s",
            (audits[0],),
        )
    assert town.shown(run(town)) == set()
    # With the corrected one, which came today as well, five people wait.
    town.audit(people[1:5], 0, received=datetime.now(UTC))
    assert town.shown(run(town)) == {0}


def test_an_erased_device_hides_its_cells(town: Town) -> None:
    people = town.people(6)
    for day in (1, 2, 3):
        town.audit(people, 0, at=NOW - timedelta(days=day))
    assert town.shown(run(town)) == {0}
    with town.database.transaction() as connection:
        erase_device(connection, city_id=town.city.city_id, device_id=people[0])
    assert town.shown(run(town)) == set()


def test_an_auditor_who_no_longer_counts_changes_no_other_cell(town: Town) -> None:
    phones = town.people(6, origin="phone")
    town.audit(phones, 0, at=NOW - timedelta(days=2))
    town.audit(phones, 0, at=NOW - timedelta(days=1))
    town.audit(town.people(8), 0)
    other = town.audit(phones, 1, at=NOW - timedelta(days=1))
    town.audit(town.people(5), 1)
    assert town.shown(run(town)) == {0, 1}
    end(town, other[:2])  # two auditors are left with two audits each: below what counts
    last = run(town)
    assert town.shown(last) == {0}
    [row] = [str(row[-1]) for row in town.rows(last) if row[1] == "cells"]
    assert '"audits_min": 20' in row


def test_a_changed_resolution_admits_from_the_start(town: Town) -> None:
    town.audit(town.people(5), 0)
    run(town)
    with town.database.transaction() as connection:
        connection.exec_driver_sql("UPDATE city SET resolution = 8")
    coarse = replace(town.city, resolution=8)
    run_id = analyse_city(town.database, coarse)
    [row] = [row for row in town.rows(run_id) if row[1] == "cells"]
    assert '"resolution": 8' in str(row[-1])


def test_a_profile_changed_after_admission_changes_nothing_public(town: Town) -> None:
    """Women rate a step higher and twice as many of them audit the one half of the town."""
    rng = np.random.default_rng(3)
    women, men = town.people(20, gender="woman"), town.people(20, gender="man")
    told = [
        (one, place, int(rng.integers(0, 2)) + (2 if one in women else 1))
        for place in range(37)
        for one in [*women[: 12 if place < 19 else 6], *men[: 6 if place < 19 else 12]]
    ]
    town.audits(told)
    before = town.rows(analyse_city(town.database, town.city), audience="public")
    planners = town.rows(analyse_city(town.database, town.city), audience="planner")
    with town.database.transaction() as connection:
        connection.execute(
            text("UPDATE profile SET gender = 'man' WHERE device_id = ANY(:ids)"), {"ids": women[:12]}
        )
    after = analyse_city(town.database, town.city)
    assert town.rows(after, audience="public") == before
    assert town.rows(after, audience="planner") != planners
