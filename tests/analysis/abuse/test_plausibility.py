"""Audits that can hardly be: too coarse, too fast, copied."""

import numpy as np
import pytest

from analysis.abuse.plausibility import Traces, alike, coarse, speed_kmh

KM_NORTH = 1 / 111.195


def traces(*, device=0, km=0.0, accuracy_m=np.nan, minutes=0.0, day=0, ratings=(0, 1, 2, 3, 0), instrument=0):
    n = max(np.size(one) for one in (device, km, accuracy_m, minutes, day, instrument))
    levels = np.atleast_2d(np.asarray(ratings, dtype=np.int8))

    def column(value, dtype):
        return np.broadcast_to(np.asarray(value, dtype=dtype), n).copy()

    return Traces(
        device=column(device, np.int64),
        lat=28.6 + column(km, np.float64) * KM_NORTH,
        lng=column(77.2, np.float64),
        accuracy_m=column(accuracy_m, np.float64),
        observed_s=60 * column(minutes, np.float64) + 1.7e9,
        day=column(day, np.int32),
        instrument=column(instrument, np.int64),
        ratings=np.broadcast_to(levels, (n, levels.shape[1])).copy(),
    )


def test_beyond_200_metres_the_cell_is_not_known():
    assert coarse(traces(accuracy_m=[8, 200, 200.5, np.nan])).tolist() == [False, False, True, False]


def test_the_speed_is_that_since_the_audit_before_by_the_same_person():
    found = speed_kmh(traces(device=[1, 2, 1, 2], km=[0, 0, 10, 40], minutes=[0, 0, 59, 5]))
    assert found.tolist() == pytest.approx([0, 0, 10, 400], rel=1e-3)  # a minute is granted


def test_the_order_of_arrival_does_not_matter():
    found = speed_kmh(traces(km=[40, 0], minutes=[5, 0]))
    assert found.tolist() == pytest.approx([400, 0], rel=1e-3)


def test_what_both_measurements_may_err_is_granted():
    assert speed_kmh(traces(km=[0, 1], accuracy_m=[600, 500], minutes=[0, 0]))[1] == 0


def test_a_bus_and_a_burst_of_audits_in_one_minute_are_plausible():
    assert speed_kmh(traces(km=[0, 3.0], minutes=[0, 0])).max() < 200
    assert speed_kmh(traces(km=[0, 15], minutes=[0, 12])).max() < 200


def test_unknown_times_and_places_are_no_leap():
    found = traces(km=[0, 4000, 0], minutes=[0, np.nan, 5])
    found.lat[2] = np.nan
    assert speed_kmh(found).tolist() == [0, 0, 0]


def test_equal_answers_are_counted_by_person_day_and_form():
    found = traces(device=[1, 1, 1, 2, 1, 1], day=[0, 0, 0, 0, 1, 0], instrument=[0, 0, 0, 0, 0, 1])
    assert alike(found).tolist() == [3, 3, 3, 1, 1, 1]


def test_other_answers_are_not_alike_and_few_answers_say_nothing():
    found = traces(device=[1, 1, 1], ratings=[[0, 1, 2, 3, 0], [0, 1, 2, 3, 1], [0, 1, 2, -1, 0]])
    assert alike(found).tolist() == [1, 1, 0]


def test_nothing_is_plausible():
    none = traces(device=[], km=[], accuracy_m=[], minutes=[], day=[], instrument=[])
    assert (len(coarse(none)), len(speed_kmh(none)), len(alike(none))) == (0, 0, 0)
