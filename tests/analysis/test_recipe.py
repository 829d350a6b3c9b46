from dataclasses import fields

import numpy as np
import pytest
from scipy.sparse import issparse

from analysis.recipe import analyse


def same(one, other):
    """Return whether two results are equal bit by bit, field by field."""
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    if isinstance(one, np.ndarray) and one.dtype != object:
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if issparse(one):
        return (one != other).nnz == 0
    return one.tolist() == other.tolist() if isinstance(one, np.ndarray) else one == other


@pytest.fixture(scope="module")
def observations(diced):
    return diced(1500, auditors=60, seed=9, counted_share=0.9)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_does_not_matter(observations, seed):
    shuffled = observations.where(np.random.default_rng(seed).permutation(len(observations)))
    assert same(analyse(observations, seed=0), analyse(shuffled, seed=0))


def test_a_single_changed_answer_does(observations):
    changed = observations.where(np.arange(len(observations)))
    row = int(np.argmax(changed.counted))
    changed.ratings[row] = 3 - np.maximum(changed.ratings[row], 0)
    assert not same(analyse(observations, seed=0), analyse(changed, seed=0))


def test_variants_hold_the_audits_of_their_daypart(observations):
    found = analyse(observations, seed=0)
    assert found.everything.estimates.audits.sum() == 1500
    assert found.day.estimates.audits.sum() == (observations.daypart == 0).sum()
    assert found.night.estimates.audits.sum() == (observations.daypart == 1).sum()


def test_day_and_night_know_split_audits_alone(observations):
    split = np.random.default_rng(3).random(len(observations)) < 0.5
    found, whole = analyse(observations, seed=0, split=split), analyse(observations, seed=0)
    assert same(found.everything, whole.everything)
    assert same(found.night, analyse(observations.where(split), seed=0).night)
    assert found.day.estimates.audits.sum() == (split & (observations.daypart == 0)).sum()
    assert found.part_audits[:, 3].sum() == (~split).sum()
    order = np.random.default_rng(4).permutation(len(observations))
    assert same(found, analyse(observations.where(order), seed=0, split=split[order]))


def test_dayparts_of_each_cell_are_counted(observations):
    found = analyse(observations, seed=0)
    assert found.part_audits[:, 3].sum() == 0
    assert found.part_audits.sum(axis=1).tolist() == found.everything.estimates.audits.tolist()
    night = dict(
        zip(found.night.estimates.cell.tolist(), found.night.estimates.counted_auditors.tolist(), strict=True)
    )
    expected = [night.get(cell, 0) for cell in found.everything.estimates.cell.tolist()]
    assert found.part_auditors[:, 1].tolist() == expected


def test_voices_are_the_counted_people_behind_the_scores(observations):
    found = analyse(observations, seed=0).everything
    rows = np.searchsorted(found.estimates.cell, found.voices.cell)
    assert (
        np.bincount(rows, minlength=len(found.estimates)).tolist()
        == found.estimates.counted_auditors.tolist()
    )
    women = np.bincount(rows[found.voices.woman], minlength=len(found.estimates))
    assert women.tolist() == found.estimates.women.tolist()
