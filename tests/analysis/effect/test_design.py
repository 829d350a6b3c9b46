"""What is compared with what."""

import numpy as np
import pytest

from analysis.effect.design import AFTER, BEFORE, NEITHER, Plan, ground
from geo import cells as h3cells

CENTRE = h3cells.cell_of(28.6, 77.2, resolution=9)


def plan(centre=CENTRE, *, k=1, begin=1000, complete=None, **values):
    cells = np.sort(h3cells.disc(centre, k=k))
    return Plan(cells=cells, begin_day=begin, complete_day=complete or begin, **values)


def far_away(steps):
    ring = np.setdiff1d(h3cells.disc(CENTRE, k=steps), h3cells.disc(CENTRE, k=steps - 1))
    return int(ring[0])


def test_the_days_around_the_work_are_left_out():
    made = plan(begin=1000, complete=1030, follow_up_days=90)
    days = np.array([620, 621, 985, 986, 1000, 1044, 1045, 1134, 1135], dtype=np.int32)
    expected = [NEITHER, BEFORE, BEFORE, NEITHER, NEITHER, NEITHER, AFTER, AFTER, NEITHER]
    assert made.sides(days).tolist() == expected


def test_place_ring_and_far_cells_are_apart():
    here = ground(plan(k=1), [])
    discs = [h3cells.disc(CENTRE, k=k) for k in range(6)]
    assert set(here.ring) == set(discs[3]) - set(discs[1])
    assert here.far(discs[5]).tolist() == (~np.isin(discs[5], discs[3])).tolist()


@pytest.mark.parametrize(("begin", "far"), [(1000, False), (1090, False), (5000, True), (640, False)])
def test_what_another_intervention_changed_in_these_days_is_no_control(begin, far):
    other = plan(far_away(12), begin=begin)
    here = ground(plan(), [other])
    assert here.far(other.cells).all() == far
    assert not here.overlapped


def test_two_interventions_at_one_place_cannot_be_told_apart():
    assert ground(plan(), [plan(far_away(1), begin=1050)]).overlapped
    assert not ground(plan(), [plan(far_away(1), begin=3000)]).overlapped


def test_a_plan_that_is_none():
    with pytest.raises(ValueError, match="complete before it begins"):
        plan(begin=1000, complete=999)
    with pytest.raises(ValueError, match="one cell"):
        Plan(cells=np.array([], dtype=np.int64), begin_day=1, complete_day=1)
