"""How ratings fall and who was heard: told of k people or not at all."""

from itertools import combinations

import numpy as np
import pytest

from analysis.by_gender import analyse_by_gender
from analysis.disclosure import summary_gate as summary_module
from analysis.disclosure.admission import splittable
from analysis.disclosure.summary import Voices
from analysis.disclosure.summary_gate import planner_summary, public_summary
from analysis.recipe import analyse
from geo import cells as h3cells

PLACE = h3cells.cell_of(28.6, 77.2, resolution=9)
NIGHT = 1


def falls(summary):
    return {(fall.rating, fall.daypart): fall for fall in summary.falls}


def shown(analysis):
    return set(analysis.everything.estimates.cell.tolist())


@pytest.fixture
def ten_by_night(audits):
    """Ten people at one place by night: lighting 0 from five, 3 from five; one of them walk_path 0."""
    rows = [[0 if one < 5 else 3, 0 if one == 0 else 2, 1, 2] for one in range(10)]
    return audits(rows, cell=PLACE, auditor=np.arange(10), daypart=NIGHT)


def test_levels_are_counted_by_rating_and_daypart(ten_by_night):
    found = falls(planner_summary(analyse(ten_by_night, seed=0), k=5, voices=()))
    lighting = found["lighting", "night"]
    assert (lighting.counts, lighting.shares, lighting.answers_min) == ([5, 0, 0, 5], [0.5, 0, 0, 0.5], 10)
    assert found.keys() == {(name, "night") for name in ("lighting", "walk_path", "people", "feeling")}


def test_a_level_of_fewer_than_k_people_has_no_count_and_in_public_its_rating_has_none(ten_by_night):
    analysis = analyse(ten_by_night, seed=0)
    assert falls(planner_summary(analysis, k=5, voices=()))["walk_path", "night"].counts == [None, 0, 9, 0]
    public = falls(public_summary(analysis, k=5, shown=shown(analysis), groups=None))
    assert public["walk_path", "night"].shares == [None] * 4 == public["walk_path", "night"].counts
    assert public["lighting", "night"].shares == [0.5, 0, 0, 0.5]
    assert public["lighting", "night"].counts == [5, 0, 0, 5]


def test_lighting_by_day_says_nothing(audits):
    given = audits([[1, 1, 1, 1]] * 5, cell=PLACE, auditor=np.arange(5), daypart=0)
    found = falls(planner_summary(analyse(given, seed=0), k=5, voices=()))
    assert set(found) == {(name, "day") for name in ("walk_path", "people", "feeling")}


@pytest.mark.parametrize(("people", "told"), [(4, False), (5, True)])
def test_a_rating_needs_k_people_in_a_cell(audits, people, told):
    rows = [[-1, 1, 2 if one < people else -1, 1] for one in range(6)]
    given = audits(rows, cell=PLACE, auditor=np.arange(6), daypart=NIGHT)
    analysis = analyse(given, seed=0)
    for summary in (
        planner_summary(analysis, k=5, voices=()),
        public_summary(analysis, k=5, shown=shown(analysis), groups=None),
    ):
        assert (("people", "night") in falls(summary)) is told


def test_the_public_falls_know_only_what_day_and_night_show(audits):
    by_day = audits([[1, 1, 1, 1]] * 5, cell=PLACE, auditor=np.arange(5), daypart=0)
    analysis = analyse(by_day, seed=0, split=np.zeros(5, dtype=np.bool_))
    assert public_summary(analysis, k=5, shown=shown(analysis), groups=None).falls == []
    analysis = analyse(by_day, seed=0)
    assert public_summary(analysis, k=5, shown=set(), groups=None).falls == []
    assert public_summary(analysis, k=5, shown=shown(analysis), groups=None).falls != []


def test_who_does_not_count_is_not_counted(audits):
    counted = np.arange(8) < 5
    rows = [[2, 2, 2, 2]] * 8
    given = audits(rows, cell=PLACE, auditor=np.arange(8), daypart=NIGHT, counted=counted)
    (fall, *_) = planner_summary(analyse(given, seed=0), k=5, voices=()).falls
    assert fall.counts == [0, 0, 5, 0]


def test_groups_of_fewer_than_k_are_not_counted(audits):
    voices = [
        Voices(group="", auditors=60, audits=400),
        Voices(group="gender:man", auditors=6, audits=9),
        Voices(group="gender:woman", auditors=4, audits=90),
    ]
    told = planner_summary(analyse(audits([], cell=PLACE, auditor=0), seed=0), k=5, voices=voices).heard
    assert [(one.group, one.auditors_min, one.audits_min) for one in told] == [
        ("", 50, 100),
        ("gender:man", 5, 5),
        ("gender:woman", 0, 0),
    ]


def test_the_public_hears_of_women_where_k_of_them_are_told_apart(audits):
    gender = np.repeat([1, 2], [5, 6]).astype(np.int8)
    given = audits([[2, 2, 2, 2]] * 11, cell=PLACE, auditor=np.arange(11), daypart=NIGHT, gender=gender)
    analysis = analyse(given, seed=0)
    groups = analyse_by_gender(given, weights=analysis.calibration.weights, seed=0)
    told = public_summary(analysis, k=5, shown=shown(analysis), groups=groups).heard
    assert [(one.group, one.auditors_min) for one in told] == [
        ("", 10),
        ("gender:woman", 5),
        ("gender:man", 5),
    ]
    untold = public_summary(analysis, k=5, shown=set(), groups=groups).heard
    assert {one.auditors_min for one in untold} == {0}


def test_a_threshold_below_5_is_refused(ten_by_night):
    analysis = analyse(ten_by_night, seed=0)
    with pytest.raises(ValueError, match="k=4"):
        planner_summary(analysis, k=4, voices=())
    with pytest.raises(ValueError, match="k=4"):
        public_summary(analysis, k=4, shown=set(), groups=None)


DAY, NIGHTS = 0, 5
BATCHES = (
    (0, {NIGHT: 5}),
    (0, {NIGHT: 5, DAY: 5}),
    (0, {NIGHT: 6, DAY: 4}),
    (1, {NIGHT: 5, DAY: 1}),
    (0, {DAY: 5}),
)
"""What enters one cell each night: how many people, by day and by night."""


def batches(audits, *, rule):
    """Return each night's public audits, told from each other by their days, and which are split."""
    cells = h3cells.disc(PLACE, k=1)
    told = [
        (int(cells[place]), hour, night)
        for night, (place, people) in enumerate(BATCHES)
        for hour, count in people.items()
        for _ in range(count)
    ]
    cell, hour, night = (np.array(column) for column in zip(*told, strict=True))
    number = np.arange(len(told))
    everything = audits(
        np.full((len(told), 4), 2), cell=cell, auditor=number, daypart=hour, day=20_000 + number
    )
    split = splittable(batch=night, part=hour, auditor=number, k=5) if rule else night >= 0
    for last in range(NIGHTS):
        yield everything.where(night <= last), split[night <= last]


def behind(audits, monkeypatch, *, rule):
    """Return, of each night, the audits behind each fall."""
    nights, counted = [], summary_module._counted

    def watched(given, column, rating, hour, *, k):
        nights[-1][rating.name, hour] = frozenset(given.observed_day.tolist())
        return counted(given, column, rating, hour, k=k)

    monkeypatch.setattr(summary_module, "_counted", watched)
    if not rule:
        monkeypatch.setattr(summary_module, "by_hour", lambda found, **_: (found.day, found.night))
        monkeypatch.setattr(summary_module, "distinct_members", lambda *_, size: np.full(size, 5))
    for known, split in batches(audits, rule=rule):
        nights.append({})
        analysis = analyse(known, seed=0, split=split)
        public_summary(analysis, k=5, shown=shown(analysis), groups=None)
    return nights


def smallest_difference(nights):
    keys = {key for night in nights for key in night}
    found = [
        len(one.get(key, frozenset()) ^ other.get(key, frozenset()))
        for one, other in combinations(nights, 2)
        for key in keys
    ]
    return min(size for size in found if size)


def test_whoever_subtracts_nights_finds_k_people(audits, monkeypatch):
    nights = behind(audits, monkeypatch, rule=True)
    assert len(nights[-1]) == 7
    assert smallest_difference(nights) >= 5


def test_without_the_rule_a_person_is_found(audits, monkeypatch):
    assert smallest_difference(behind(audits, monkeypatch, rule=False)) == 1
