import numpy as np

from analysis.history.calendar import NO_MONTH, label, month_of, months, quarter_name
from analysis.observations import NO_DAY


def days(*texts):
    return np.array(texts, dtype="datetime64[D]").astype(np.int32)


def test_days_fall_into_months():
    day = np.append(days("1970-01-01", "1970-01-31", "2026-02-28", "2026-03-01", "1969-12-31"), NO_DAY)
    assert months(day.astype(np.int32)).tolist() == [0, 0, 673, 674, -1, NO_MONTH]
    assert month_of(int(days("2026-10-21")[0])) == 681


def test_spans_outside_are_none():
    month = np.array([NO_MONTH, 9, 10, 12, 13, 15, 16])
    assert label(month, first=10, count=6).tolist() == [-1, -1, 0, 2, 3, 5, -1]
    assert label(month, first=10, count=2, width=3).tolist() == [-1, -1, 0, 0, 1, 1, -1]


def test_quarters_have_names():
    assert [quarter_name(month) for month in (678, 680, 681, 672)] == ["2026q3", "2026q3", "2026q4", "2026q1"]
