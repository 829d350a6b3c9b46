"""What one person can change of counts and totals, whatever she and the others did."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.disclosure.contributions import HALF_SCALE, Contributions, bounded

PLACES, TOP, MOST = 6, 3, 2
ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, PLACES - 1), st.integers(0, TOP)), max_size=40)


def told(rows):
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Contributions(
        person=columns[:, 0].astype(np.int32),
        place=columns[:, 1],
        level=columns[:, 2].astype(np.int8),
        places=PLACES,
        top=TOP,
    )


class InOrder:
    """Stands for a generator whose draw for a person is the same whoever else is there."""

    def permutation(self, size):
        return np.arange(size)


def test_a_person_has_one_value_at_each_of_so_many_places():
    rows = [(0, 1, 3), (0, 1, 3), (0, 1, 0), (0, 2, 0), (0, 3, 3), (1, 1, 0)]
    count, total = bounded(told(rows), most=PLACES, rng=np.random.default_rng(0))
    assert count.tolist() == [0, 2, 1, 1, 0, 0]
    assert total.tolist() == [
        0,
        round((2 * 2 / 3 - 1) * HALF_SCALE) - HALF_SCALE,
        -HALF_SCALE,
        HALF_SCALE,
        0,
        0,
    ]
    count, _ = bounded(told(rows), most=1, rng=np.random.default_rng(0))
    assert count.sum() == 2


def test_which_places_of_a_busy_person_are_kept_is_left_to_chance():
    rows = [(0, place, 3) for place in range(PLACES)]
    rng = np.random.default_rng(1)
    kept = sum(bounded(told(rows), most=1, rng=rng)[0] for _ in range(600))
    assert kept.sum() == 600
    assert np.all(np.abs(kept - 100) < 40)


@given(rows=ROWS, who=st.integers(0, 4))
def test_taking_a_person_out_changes_no_more_than_the_noise_is_made_for(rows, who):
    with_her = bounded(told(rows), most=MOST, rng=InOrder())
    without = bounded(told([row for row in rows if row[0] != who]), most=MOST, rng=InOrder())
    assert np.abs(with_her[0] - without[0]).sum() <= MOST
    assert np.abs(with_her[1] - without[1]).sum() <= MOST * HALF_SCALE


def test_nobody_gives_zeros():
    count, total = bounded(told([]), most=3, rng=np.random.default_rng(0))
    assert (count.tolist(), total.tolist()) == ([0] * PLACES, [0] * PLACES)


@pytest.mark.parametrize("row", [(0, PLACES, 0), (0, 0, TOP + 1), (0, 0, -1)])
def test_what_lies_outside_of_places_or_levels_is_refused(row):
    with pytest.raises(ValueError, match="must be 0 to"):
        told([row])
