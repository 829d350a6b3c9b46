"""Who counts towards k, and what an analysis reads of each audit."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from analysis.disclosure.admission import ALONE
from analysis.instrument import Instrument
from analysis.observations import NO_DAY
from server.queries.observations import UsedAudits, read_used_audits
from tests.server.publishing.conftest import INSTRUMENT, NOW, Town


def read(
    town: Town, *, as_of: datetime = NOW, versions: Mapping[int, Instrument] | None = None
) -> UsedAudits:
    with town.database.transaction() as connection:
        return read_used_audits(
            connection,
            city_id=town.city.city_id,
            time_zone=town.city.time_zone,
            resolution=town.city.resolution,
            versions=versions or town.city.instruments[INSTRUMENT],
            as_of=as_of,
        )


def counted(town: Town) -> int:
    """Return how many different people count."""
    known = read(town).observations
    return len(set(known.auditor[known.counted].tolist()))


def days(number: float) -> datetime:
    return NOW - timedelta(days=number)


def test_people_of_an_import_count_at_once(town: Town) -> None:
    town.audit(town.people(3, enrolled=NOW), 0)
    assert counted(town) == 3


@pytest.mark.parametrize(
    ("enrolled", "received", "counts"),
    [
        (days(15), [3, 2, 1], True),
        (days(15), [2, 1], False),  # two audits
        (days(13), [3, 2, 1], False),  # a device too young
        (days(15), [1.0, 1.001, 1.002], False),  # one day
        (days(14), [3, 3, 2], True),
    ],
)
def test_anyone_else_counts_after_3_audits_on_2_days_with_a_device_14_days_old(
    town: Town, enrolled: datetime, received: list[float], counts: bool
) -> None:
    # Around noon in Kolkata, so that the two days differ whatever time it is now.
    noon = datetime.combine((NOW - timedelta(days=1)).date(), datetime.min.time(), UTC) + timedelta(hours=7)
    people = town.people(1, origin="phone", enrolled=enrolled)
    for before in received:
        town.audit(people, 0, received=noon - timedelta(days=before - 1))
    assert (counted(town) == 1) is counts


def test_audits_that_cannot_be_used_make_nobody_count(town: Town) -> None:
    people = town.people(1, origin="phone")
    for day in (3, 2, 1):
        town.audit(people, 0, at=days(day), used=day != 2)
    assert counted(town) == 0


def test_the_days_are_the_citys(town: Town) -> None:
    """19:00 and 20:00 UTC are one day in London and two in Kolkata."""
    evening = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)
    people = town.people(1, origin="phone", enrolled=datetime(2026, 1, 1, tzinfo=UTC))
    for hour in (0, 0.1, 1):
        town.audit(people, 0, at=evening, received=evening + timedelta(hours=hour))
    assert counted(town) == 1
    assert counted(Town(town.database, replace(town.city, time_zone="Europe/London"))) == 0


def test_a_campaigns_phones_count_in_the_order_they_arrived_up_to_the_head_count(town: Town) -> None:
    walk = town.campaign(headcount=3, hours=3)
    phones = town.people(5, origin="phone", enrolled=NOW - timedelta(hours=2), campaign_id=walk)
    for minute, phone in enumerate(phones):
        town.audit([phone], minute, at=NOW - timedelta(minutes=90 - minute))
    known = read(town).observations
    assert {int(cell) for cell in known.cell[known.counted]} == {town.cell(place) for place in range(3)}


def test_phones_that_were_offline_on_a_campaign_count_when_they_sync_the_next_day(town: Town) -> None:
    walk = town.campaign(headcount=5)
    offline = town.people(2, origin="phone", enrolled=NOW, campaign_id=walk)
    town.audit(offline, 0, at=NOW - timedelta(hours=1), received=NOW + timedelta(days=1))
    assert not read(town, as_of=NOW + timedelta(hours=1)).observations.counted.any()
    assert read(town, as_of=NOW + timedelta(days=2)).observations.counted.all()


@pytest.mark.parametrize("hours", [-4, 1])
def test_phones_that_audited_before_or_after_a_campaign_do_not_take_its_places(
    town: Town, hours: float
) -> None:
    walk = town.campaign(headcount=1, hours=3)
    other, walker = town.people(2, origin="phone", enrolled=NOW, campaign_id=walk)
    town.audit([other], 0, at=NOW + timedelta(hours=hours), received=NOW - timedelta(hours=2))
    town.audit([other], 0, at=None, received=NOW - timedelta(hours=2), daypart=2)
    town.audit([walker], 1, at=NOW - timedelta(hours=1))
    known = read(town, as_of=NOW + timedelta(days=1)).observations
    assert set(known.cell[known.counted].tolist()) == {town.cell(1)}


def test_a_later_phone_does_not_take_the_place_of_one_that_arrived_first(town: Town) -> None:
    walk = town.campaign(headcount=1, hours=3)
    offline, first = town.people(2, origin="phone", enrolled=NOW, campaign_id=walk)
    town.audit([offline], 0, at=NOW - timedelta(hours=2), received=NOW + timedelta(hours=9))
    town.audit([first], 1, at=NOW - timedelta(hours=1))
    known = read(town, as_of=NOW + timedelta(days=1)).observations
    assert set(known.cell[known.counted].tolist()) == {town.cell(1)}


def test_those_of_a_walk_or_an_import_came_together_and_nobody_else(town: Town) -> None:
    def walkers(count: int) -> list[UUID]:
        walk = town.campaign(headcount=2, hours=3)
        return town.people(count, origin="phone", enrolled=NOW, campaign_id=walk)

    first, second, late = walkers(3)
    for place, (who, hours) in enumerate([(first, 1), (second, 1), (late, 1), (first, 6)]):
        town.audit([who], place, at=NOW - timedelta(hours=hours), received=NOW - timedelta(hours=4 - place))
    town.audit(walkers(1), 4)
    for place, day in ((5, 9), (6, 9), (7, 7)):
        town.audit(town.people(1), place, at=days(place), received=days(day))
    town.audit(town.people(1, origin="phone"), 8)
    used = read(town)
    label = {int(cell): int(one) for cell, one in zip(used.observations.cell, used.together, strict=True)}
    walk, same, beyond, practice, other, imported, with_it, later, alone = (
        label[town.cell(place)] for place in range(9)
    )
    assert walk == same
    assert imported == with_it
    assert beyond == practice == alone == ALONE
    assert len({walk, other, imported, later, ALONE}) == 5


def test_each_audit_is_read_as_it_was_told(town: Town) -> None:
    women = town.people(1, gender="woman")
    levels = [0, 1, 2, 3, -1, 0, 1, 2, 3]
    # 20:00 UTC is half past one the next day in Kolkata.
    town.audit(women, 4, levels, at=datetime(2026, 3, 10, 20, 0, tzinfo=UTC), daypart=0)
    known = read(town).observations
    assert known.cell.tolist() == [town.cell(4)]
    assert known.ratings.tolist() == [levels]
    assert known.observed_day.tolist() == [(datetime(2026, 3, 11) - datetime(1970, 1, 1)).days]  # noqa: DTZ001
    assert (known.daypart.tolist(), known.gender.tolist()) == ([0], [1])


def test_an_audit_of_unknown_time_has_no_day(town: Town) -> None:
    town.audit(town.people(1), 0, at=None, received=days(1), daypart=2)
    assert read(town).observations.observed_day.tolist() == [NO_DAY]
    assert len(read(town, as_of=days(2))) == 0


def test_what_a_fast_clock_dates_tomorrow_is_of_the_day_it_came(town: Town) -> None:
    came = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    town.audit(town.people(1), 0, at=came + timedelta(hours=20), received=came)
    known = read(town, as_of=came + timedelta(minutes=1)).observations
    assert known.observed_day.tolist() == [(datetime(2026, 3, 10) - datetime(1970, 1, 1)).days]  # noqa: DTZ001


def test_only_the_current_version_of_an_audit_is_read(town: Town) -> None:
    [id_] = town.audit(town.people(1), 0, 1)
    with town.database.transaction() as connection:
        connection.exec_driver_sql(
            "INSERT INTO audit (city_id, audit_id, version, device_id, instrument_id, instrument_version,"
            " cell, daypart, ratings, used, flags, observed_at)"
            " SELECT city_id, audit_id, 2, device_id, instrument_id, instrument_version, cell,"
            " daypart, array_fill(3::int2, ARRAY[9]), used, flags, observed_at FROM audit"
        )
    known = read(town)
    assert known.observations.ratings.tolist() == [[3] * 9]
    assert known.audit["version"].tolist() == [2]
    assert known.audit["audit_id"].tolist() == [[id_.int >> 64, id_.int & (2**64 - 1)]]


def test_answers_to_an_older_version_are_kept_where_the_question_still_stands(town: Town) -> None:
    old = town.city.current(INSTRUMENT).instrument
    first, *others = old.questions
    changed = replace(old, version=2, questions=(*others, replace(first, top=5)))
    town.audit(town.people(1), 0, [3, 2, 1, 0, 3, 2, 1, 0, 3])
    town.audit(town.people(1), 1, [2, 1, 0, 3, 2, 1, 0, 3, 5], instrument_version=2)
    known = read(town, versions={1: old, 2: changed}).observations
    by_place = dict(zip(known.cell.tolist(), known.ratings.tolist(), strict=True))
    assert by_place[town.cell(0)] == [2, 1, 0, 3, 2, 1, 0, 3, -1]
    assert by_place[town.cell(1)] == [2, 1, 0, 3, 2, 1, 0, 3, 5]


def test_audits_observed_later_are_not_read(town: Town) -> None:
    town.audit(town.people(2), 0, at=days(5))
    town.audit(town.people(3), 0, at=days(1))
    assert len(read(town, as_of=days(3))) == 2


def test_codes_of_auditors_tell_them_apart(town: Town) -> None:
    people = town.people(3)
    for place in (0, 1):
        town.audit(people, place)
    known = read(town).observations
    assert np.unique(known.auditor, return_counts=True)[1].tolist() == [2, 2, 2]
