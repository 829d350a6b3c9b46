from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.disclosure.ladder import Rung, generalise
from geo import cells as h3cells

CELLS = np.sort(h3cells.disc(h3cells.cell_of(28.6, 77.2, resolution=9), k=2))
RUNGS = (
    Rung(resolution=9, columns=("quarter", "gender")),
    Rung(resolution=8, columns=("quarter", "gender")),
    Rung(resolution=9, columns=("quarter",)),
    Rung(resolution=7, columns=("quarter",)),
)
audit_rows = st.lists(
    st.tuples(
        st.integers(0, len(CELLS) - 1),
        st.integers(0, 12),
        st.booleans(),
        st.integers(0, 1),
        st.integers(0, 3),
    ),
    max_size=120,
)


def climb(rows, *, k=5, rungs=RUNGS):
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    return generalise(
        cell=CELLS[table[:, 0]],
        auditor=table[:, 1].astype(np.int32),
        counted=table[:, 2].astype(bool),
        columns={"quarter": table[:, 3], "gender": table[:, 4]},
        rungs=rungs,
        k=k,
    )


@given(audit_rows, st.integers(5, 6))
def test_no_class_that_comes_out_has_fewer_than_k_people(rows, k):
    result = climb(rows, k=k)
    people = defaultdict(set)
    for index, (_, auditor, counted, _, _) in enumerate(rows):
        if result.rung[index] >= 0:
            assert counted
            people[result.cell[index], *(codes[index] for codes in result.columns.values())].add(auditor)
    assert all(len(found) >= k for found in people.values())


@given(audit_rows)
def test_every_row_is_said_at_its_own_place_or_not_at_all(rows):
    result = climb(rows)
    for index, (cell, _, _, quarter, gender) in enumerate(rows):
        said = (result.cell[index], result.columns["quarter"][index], result.columns["gender"][index])
        if result.rung[index] < 0:
            assert said == (0, -1, -1)
        else:
            rung = RUNGS[result.rung[index]]
            place = h3cells.parent(int(CELLS[cell]), resolution=rung.resolution)
            assert said == (place, quarter, gender if "gender" in rung.columns else -1)


@given(audit_rows)
def test_what_is_suppressed_could_not_form_a_class_on_any_rung(rows):
    result = climb(rows)
    left = [row for row, rung in zip(rows, result.rung.tolist(), strict=True) if rung < 0 and row[2]]
    for rung in RUNGS:
        people = defaultdict(set)
        for cell, auditor, _, quarter, gender in left:
            place = h3cells.parent(int(CELLS[cell]), resolution=rung.resolution)
            people[place, quarter, gender if "gender" in rung.columns else None].add(auditor)
        assert all(len(found) < 5 for found in people.values())


def test_the_finest_class_stays_and_the_remainder_goes_to_the_parent():
    first, second = (int(np.flatnonzero(cell == CELLS)[0]) for cell in _siblings())
    rows = [(first, person, True, 0, 0) for person in range(5)] + [
        (second, p, True, 0, 0) for p in range(5, 8)
    ]
    rows += [(first, 20 + p, True, 0, 1) for p in range(2)] + [
        (second, 20 + p, True, 0, 1) for p in range(2, 5)
    ]
    result = climb(rows)
    assert result.rung.tolist() == [0] * 5 + [-1] * 3 + [1] * 5
    assert set(result.cell[8:].tolist()) == {h3cells.parent(int(CELLS[first]), resolution=8)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"k": 4}, "at least 5"),
        ({"rungs": ()}, "at least one"),
        ({"rungs": (Rung(resolution=7, columns=("age",)),)}, r"unknown columns \['age'\]"),
    ],
)
def test_a_ladder_that_makes_no_sense_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        climb([(0, 0, True, 0, 0)], **change)


def test_a_code_that_looks_withheld_is_refused():
    with pytest.raises(ValueError, match="column gender: codes must be 0 or more"):
        climb([(0, 0, True, 0, -1)])


def _siblings():
    parents = h3cells.parent(CELLS, resolution=8)
    shared = next(parent for parent in parents.tolist() if (parents == parent).sum() >= 2)
    return CELLS[parents == shared][:2].tolist()
