import numpy as np
import pytest

from analysis.pairs import pair, recency, voices


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


def test_an_audit_counts_half_after_each_half_life():
    day = np.array([20_000, 19_820, 19_640, 20_000], dtype=np.int32)
    assert recency(day) == pytest.approx([1, 0.5, 0.25, 1])
    assert recency(day, half_life_days=90) == pytest.approx([1, 0.25, 1 / 16, 1])
    assert len(recency(day[:0])) == 0


def test_one_wrong_clock_does_not_make_the_city_old():
    day = np.append(np.full(500, 20_000), 60_000).astype(np.int32)
    assert recency(day).tolist() == [1] * 501


def test_what_is_very_old_vanishes_without_a_trace():
    assert np.isfinite(recency(np.array([-40_000, 20_000], dtype=np.int32), half_life_days=0.01)).all()
    said = voices_of([0, 1], [0, 0], [1, 2], weight=[0.0, 1.0])
    assert said.cell.tolist() == [1]
