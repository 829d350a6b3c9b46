import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.groups import distinct_members, distinct_pairs, labels_of, ratio, sums

pairs = st.lists(st.tuples(st.integers(0, 5), st.integers(-3, 5)), max_size=40)


@given(pairs)
def test_labels_are_equal_exactly_where_rows_are(rows):
    first, second = (np.array([row[side] for row in rows], dtype=np.int64) for side in (0, 1))
    labels, count = labels_of([first, second])
    assert count == len(set(rows))
    assert labels.tolist() == [sorted(set(rows)).index(row) for row in rows]


@given(pairs)
def test_members_are_counted_once(rows):
    group = np.array([row[0] for row in rows], dtype=np.int64)
    member = np.array([row[1] for row in rows], dtype=np.int32)
    found = distinct_members(group, member, size=6)
    assert found.tolist() == [len({m for g, m in rows if g == label}) for label in range(6)]


def test_pairs_of_h3_cells_do_not_overflow():
    cell = np.array([0x8928308280FFFFF, 0x8928308280FFFFF, 0x8928308280BFFFF], dtype=np.int64)
    groups, members = distinct_pairs(cell, np.array([2**31 - 1, 7, 7], dtype=np.int32))
    assert groups.tolist() == [0x8928308280BFFFF, 0x8928308280FFFFF, 0x8928308280FFFFF]
    assert members.tolist() == [7, 7, 2**31 - 1]


def test_sums_are_floats_even_of_nothing():
    empty = sums(np.array([], dtype=np.int64), np.array([]), size=2)
    assert empty.dtype == np.float64
    assert empty.tolist() == [0.0, 0.0]
    assert sums(np.array([1, 1]), np.array([0.5, 1.0]), size=3).tolist() == [0.0, 1.5, 0.0]


def test_a_ratio_to_nothing_is_nan():
    assert ratio(np.array([1.0, 1.0]), np.array([2, 0]))[0] == 0.5
    assert np.isnan(ratio(1, np.array([0.0]))[0])
