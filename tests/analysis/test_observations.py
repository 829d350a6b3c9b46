import numpy as np
import pytest

from analysis.instrument import Instrument, Kind, Question, Role
from analysis.observations import Observations
from geo import cells
from geo.sun import Daypart

INSTRUMENT = Instrument(
    id="two",
    version=1,
    questions=(
        Question(name="lighting", kind=Kind.RATING, role=Role.PLACE, top=3),
        Question(name="people", kind=Kind.RATING, role=Role.PLACE, top=4),
    ),
)
CELLS = cells.cells_of([28.6, 28.61, 28.62], [77.2, 77.2, 77.2], resolution=9)


def three(**changes):
    columns = {
        "instrument": INSTRUMENT,
        "cell": CELLS,
        "auditor": np.array([0, 1, 0], dtype=np.int32),
        "counted": np.array([True, False, True]),
        "daypart": np.array([0, 1, 2], dtype=np.int8),
        "observed_day": np.array([20_000, 20_001, 20_002], dtype=np.int32),
        "ratings": np.array([[0, 4], [3, -1], [-1, -1]], dtype=np.int8),
        "gender": np.array([0, 1, 3], dtype=np.int8),
    }
    return Observations(**columns | changes)


def test_rows_are_picked_together():
    picked = three().where(np.array([True, False, True]))
    assert len(picked) == 2
    assert picked.auditor.tolist() == [0, 0]
    assert picked.ratings.tolist() == [[0, 4], [-1, -1]]
    assert picked.instrument is INSTRUMENT


def test_rows_are_picked_in_the_order_asked():
    assert three().where(np.array([2, 0])).observed_day.tolist() == [20_002, 20_000]


@pytest.mark.parametrize("daypart", Daypart)
def test_a_daypart_has_its_own_audits(daypart):
    assert three().of_daypart(daypart).cell.tolist() == [CELLS[daypart]]


def test_none_at_all_is_a_valid_input():
    assert len(three().where(np.zeros(3, dtype=bool))) == 0


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"auditor": np.array([0, 1], dtype=np.int32)}, r"auditor: is int32\[2\], must be int32\[3\]"),
        ({"auditor": np.array([0, 1, 2])}, r"auditor: is int64\[3\], must be int32"),
        ({"ratings": np.zeros((3, 9), dtype=np.int8)}, r"ratings: is int8\[3, 9\], must be int8\[3, 2\]"),
        (
            {"ratings": np.array([[0, 0], [4, 0], [0, 0]], dtype=np.int8)},
            r"row 1 is \[4, 0\], must be -1 to \[3, 4\]",
        ),
        ({"ratings": np.array([[0, 0], [0, 0], [0, -2]], dtype=np.int8)}, "ratings: row 2"),
        ({"daypart": np.array([0, 3, 0], dtype=np.int8)}, "daypart: row 1 is 3, must be 0, 1 or 2"),
        ({"gender": np.array([0, 0, -1], dtype=np.int8)}, "gender: row 2 is -1"),
        ({"cell": np.append(CELLS[:2], cells.parent(CELLS[:1], resolution=8))}, "cell: row 2"),
        ({"cell": np.array([-1, 0, 0])}, "cell: row 0"),
    ],
)
def test_a_wrong_column_is_named_with_its_row(changes, fault):
    with pytest.raises(ValueError, match=fault):
        three(**changes)
