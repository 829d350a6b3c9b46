"""A debrief counts answers of at least k people, and nothing of fewer."""

import numpy as np

from analysis.disclosure.debrief import debrief
from analysis.instrument import Kind, Question, Role

ASKED = [Question(name=name, kind=Kind.RATING, role=Role.PLACE, top=3) for name in ("lighting", "people")]
LEVELS = np.array([[0, -1], [1, -1], [1, 3], [3, 3], [0, 3], [2, 3]], dtype=np.int8)
PERSON = np.array([1, 2, 3, 4, 5, 1])


def test_answers_are_counted_by_level() -> None:
    found = debrief(ASKED, LEVELS, PERSON, k=4)
    assert found is not None
    assert (found.people, found.audits) == (5, 6)
    assert [(one.name, one.people, one.levels) for one in found.ratings] == [
        ("lighting", 5, (2, 2, 1, 1)),
        ("people", 4, (0, 0, 0, 4)),
    ]
    assert found.ratings[0].mean == 7 / 6


def test_what_fewer_than_k_people_answered_is_not_told() -> None:
    found = debrief(ASKED, LEVELS, PERSON, k=5)
    assert found is not None
    assert [one.name for one in found.ratings] == ["lighting"], "five audits of four people are four people"
    assert debrief(ASKED, LEVELS, PERSON, k=6) is None
    assert debrief(ASKED, LEVELS[:0], PERSON[:0], k=5) is None
