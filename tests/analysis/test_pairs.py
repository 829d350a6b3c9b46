import numpy as np
import pytest

from analysis.pairs import pair, voices


def voices_of(cell, auditor, values, *, weight=None, cells=3):
    people = pair(cell=np.array(cell), auditor=np.array(auditor), cells=cells, auditors=20)
    weight = np.ones(len(cell)) if weight is None else np.array(weight, dtype=float)
    return voices(people, np.array(values, dtype=float), weight)


def test_one_auditor_in_one_cell_is_one_voice():
    said = voices_of([2, 0, 2, 2], [5, 5, 5, 1], [1, 3, 2, 0])
    rows = sorted(zip(said.cell, said.auditor, said.size, said.mean, said.rest, said.freedom, strict=True))
    assert rows == [(0, 5, 1, 3, 0, 0), (2, 1, 1, 0, 0, 0), (2, 5, 2, 1.5, 0.5, 1)]


def test_a_voice_is_worth_three_audits_at_most():
    said = voices_of([0] * 1000, [7] * 1000, [1.0] * 1000)
    assert said.size.tolist() == [3]
    assert said.freedom.tolist() == [999]


def test_missing_values_are_not_heard():
    assert len(voices_of([0, 1], [0, 1], [np.nan, np.nan]).size) == 0
    assert voices_of([0, 0, 1], [0, 0, 1], [np.nan, 2, np.nan]).mean.tolist() == [2]


def test_newer_audits_weigh_more_in_a_voice():
    said = voices_of([0, 0], [0, 0], [0, 3], weight=[0.5, 1])
    assert said.mean == pytest.approx([2])
    assert said.size == pytest.approx([1.5])
    assert said.rest == pytest.approx([0.5 * 4 + 1 * 1])


def test_voices_fade_with_the_cap_of_one_auditor_standing():
    said = voices_of([0] * 1000 + [1], [7] * 1000 + [8], [1.0] * 1001).faded(0.25)
    assert said.size.tolist() == [0.75, 0.25]
    assert said.mean.tolist() == [1, 1]


def test_what_weighs_nothing_vanishes_without_a_trace():
    said = voices_of([0, 1], [0, 0], [1, 2], weight=[0.0, 1.0])
    assert said.cell.tolist() == [1]
