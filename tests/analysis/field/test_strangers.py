"""Who belongs to a crowd, and how a crowd's weight falls with disagreement."""

import numpy as np
import pytest

from analysis.field.strangers import KINDS, SCALE, crowds, doubted, trusted
from analysis.pairs import Voices

CELLS = 60


def voices_of(pairs):
    cell, auditor = np.array(pairs).T
    n = len(cell)
    return Voices(
        cell=cell,
        auditor=auditor,
        size=np.ones(n),
        mean=np.zeros(n),
        rest=np.zeros(n),
        freedom=np.zeros(n, dtype=np.int64),
        cells=CELLS,
        auditors=int(auditor.max()) + 1,
    )


def crowds_of(pairs):
    said = voices_of(pairs)
    found = crowds(said)
    return found, found.kind[found.of]


def test_strangers_rate_one_place_and_little_else():
    new = [(0, 0), (0, 1)]
    some = [(cell, who) for who in (2, 3) for cell in (0, *range(10, 30))]
    known = [(cell, who) for who in (4, 5) for cell in (0, *range(1, 59))]
    _, kind = crowds_of([*new, *some, *known])
    assert kind[[0, 1]].tolist() == [0, 0]
    assert kind[[2, 23]].tolist() == [1, 1]
    assert kind[[44, 103]].tolist() == [KINDS, KINDS]


def test_one_person_is_no_crowd():
    found, kind = crowds_of([(0, 0), (1, 1), (1, 2)])
    assert kind.tolist() == [KINDS, 0, 0]
    assert found.variance(trusted(CELLS, top=3))[found.of].tolist() == [0, *[trusted(CELLS, top=3)[0, 1]] * 2]


def test_the_farther_a_crowd_lies_the_less_it_weighs():
    found, _ = crowds_of([(0, 0), (0, 1)])
    variance = [
        doubted(found, np.array([effect]), cells=CELLS, top=3)[0, 0] for effect in (0.0, 0.5, -0.5, 1.7)
    ]
    assert variance[0] == trusted(CELLS, top=3)[0, 0]
    assert variance[1] == variance[2] > 7 * variance[0]
    assert variance[3] == pytest.approx((SCALE**2 + 1.7**2) / 2)
