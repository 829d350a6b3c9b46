import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.disclosure.admission import ALONE, admit, splittable, wave_size

rows = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 8), st.booleans()), max_size=60)


def waiting(audits, *, together=None, wave=1, k=5):
    cell, auditor, counted = (
        (list(column) for column in zip(*audits, strict=True)) if audits else ([], [], [])
    )
    return admit(
        cell=np.array(cell, dtype=np.int64),
        auditor=np.array(auditor, dtype=np.int32),
        counted=np.array(counted, dtype=bool),
        together=np.array([ALONE] * len(cell) if together is None else together, dtype=np.int64),
        wave=wave,
        k=k,
    ).tolist()


@given(rows, st.integers(5, 7))
def test_counted_audits_enter_where_k_counted_people_wait_and_only_there(audits, k):
    people = {cell: {a for c, a, counted in audits if c == cell and counted} for cell in (1, 2, 3)}
    assert waiting(audits, k=k) == [counted and len(people[cell]) >= k for cell, _, counted in audits]


def test_five_audits_of_one_person_are_one_person():
    assert not any(waiting([(1, 7, True)] * 5))


def test_forty_fresh_devices_admit_nobody():
    assert not any(waiting([(1, person, False) for person in range(40)] + [(1, 99, True)]))


def test_uncounted_audits_keep_waiting_where_others_enter():
    assert waiting([(1, person, True) for person in range(5)] + [(1, 9, False)]) == [True] * 5 + [False]


def test_neighbours_do_not_help():
    assert not any(waiting([(1, person, True) for person in range(4)] + [(2, 4, True)]))


def people_of(cell, count=5):
    return [(cell, 100 * cell + person, True) for person in range(count)]


@given(st.lists(st.integers(3, 6), min_size=1, max_size=8), st.integers(1, 5))
def test_what_is_ready_enters_in_a_wave_of_cells_or_not_at_all(people, wave):
    audits = [one for cell, count in enumerate(people, start=1) for one in people_of(cell, count)]
    full = sum(count >= 5 for count in people) >= wave
    assert waiting(audits, wave=wave) == [full and people[cell - 1] >= 5 for cell, _, _ in audits]


def test_who_waits_where_nothing_enters_makes_no_wave():
    ready = [*people_of(1), *people_of(2)]
    four, uncounted = people_of(3, 4), [(4, person, False) for person in range(9)]
    assert waiting([*ready, *four, *uncounted], wave=3) == [False] * 23
    assert waiting([*ready, *people_of(3)], wave=3) == [True] * 15


def test_a_walk_enters_at_once_with_all_who_wait_there_and_no_other_cell():
    audits = [(1, 50, True), (1, 51, False), *people_of(1), *people_of(2)]
    together = [ALONE, ALONE, *[-7] * 5, *[-7] * 4, 3]
    assert waiting(audits, together=together, wave=3) == [True, False] + [True] * 5 + [False] * 5


@pytest.mark.parametrize(
    ("audits", "together"),
    [
        (people_of(1), [ALONE] * 5),
        (people_of(1), [1, 1, 1, 1, 2]),
        (people_of(1), [1, 1, 1, 1, ALONE]),
        ([*people_of(1, 4), (1, 100, True), (1, 9, True)], [1, 1, 1, 1, 1, ALONE]),
        ([(1, person, person < 4) for person in range(5)] + [(1, 9, True)], [1] * 5 + [ALONE]),
        ([*people_of(1, 4), *people_of(2, 1), (1, 9, True)], [1] * 5 + [ALONE]),
    ],
    ids=["alone", "two walks", "one alone", "one of them twice", "one uncounted", "one elsewhere"],
)
def test_fewer_than_k_people_together_are_no_walk(audits, together):
    assert not any(waiting(audits, together=together, wave=2))
    assert any(waiting(audits, together=together, wave=1))


def test_a_wave_grows_with_the_map():
    assert [wave_size(shown) for shown in (0, 10, 11, 20, 30, 31, 1000)] == [5, 5, 6, 10, 15, 15, 15]


def test_a_threshold_below_five_is_refused():
    with pytest.raises(ValueError, match=r"k=4.*at least 5"):
        waiting([(1, 1, True)], k=4)
    with pytest.raises(ValueError, match=r"k=4.*at least 5"):
        split([(1, 0, 1)], k=4)


def split(audits, *, k=5):
    batch, daypart, auditor = zip(*audits, strict=True) if audits else ((), (), ())
    return splittable(
        batch=np.array(batch, dtype=np.int64),
        part=np.array(daypart, dtype=np.int8),
        auditor=np.array(auditor, dtype=np.int32),
        k=k,
    ).tolist()


parts = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2), st.integers(0, 8)), max_size=90)


@given(parts, st.integers(5, 6))
def test_a_batch_is_split_where_each_of_its_dayparts_is_empty_or_has_k_people(audits, k):
    def people(batch, daypart):
        return {auditor for b, d, auditor in audits if (b, d) == (batch, daypart)}

    whole = {
        batch for batch in (1, 2, 3) if all(len(people(batch, d)) in (0, *range(k, 10)) for d in range(3))
    }
    assert split(audits, k=k) == [batch in whole for batch, _, _ in audits]


def test_one_night_audit_keeps_its_batch_together_and_no_other():
    day = [(batch, 0, person) for batch in (1, 2) for person in range(5)]
    assert split([*day, (1, 1, 9)]) == [False] * 5 + [True] * 5 + [False]
