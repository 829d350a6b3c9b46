from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import sun
from geo.sun import Daypart


def unix(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


# Reda & Andreas 2008 (NREL/TP-560-34302), appendix A.5: elevation without refraction 39.872046.
# The others: 90 - |lat - declination| at the sun's transit, or its mirror below the horizon at midnight, with
# declinations and equation of time of the Astronomical Almanac (solstices 23.436 in 2024, equinox 0).
@pytest.mark.parametrize(
    ("lat", "lng", "when", "expected", "within"),
    [
        pytest.param(39.742476, -105.1786, "2003-10-17T19:30:30", 39.872, 0.005, id="NREL SPA example"),
        pytest.param(
            23.436, 0.0, "2024-06-20T12:01:47", 90.0, 0.05, id="zenith at the tropic, June solstice"
        ),
        pytest.param(
            69.65, 18.96, "2024-06-20T22:46:00", 69.65 + 23.436 - 90, 0.05, id="midnight sun, Tromsø"
        ),
        pytest.param(
            69.65, 18.96, "2024-12-21T10:42:20", 90 - 69.65 - 23.436, 0.05, id="polar night, Tromsø"
        ),
        pytest.param(
            -77.85, 166.67, "2024-06-20T00:55:00", 90 - 77.85 - 23.436, 0.05, id="polar night, McMurdo"
        ),
        pytest.param(0.0, 0.0, "2024-03-20T12:07:25", 89.85, 0.1, id="equator, March equinox, 9 h after it"),
        pytest.param(90.0, 0.0, "2024-03-20T03:06:00", 0.0, 0.02, id="north pole at the equinox"),
    ],
)
def test_published_elevations(lat, lng, when, expected, within):
    assert sun.elevation_deg([lat], [lng], [unix(when)])[0] == pytest.approx(expected, abs=within)


# Clock times whose light nobody doubts; Delhi's sun set at 17:25 local that day.
@pytest.mark.parametrize(
    ("lat", "lng", "when", "expected"),
    [
        pytest.param(28.6139, 77.2090, "2026-11-20T14:12:00", Daypart.NIGHT, id="Delhi 19:42"),
        pytest.param(28.6139, 77.2090, "2026-11-20T06:30:00", Daypart.DAY, id="Delhi noon"),
        pytest.param(28.6139, 77.2090, "2026-11-20T12:05:00", Daypart.NIGHT, id="Delhi dusk is night"),
        pytest.param(29.07, -110.95, "2023-12-15T18:00:00", Daypart.DAY, id="Hermosillo 11:00"),
        pytest.param(-33.9, 18.4, "2026-12-21T17:30:00", Daypart.DAY, id="Cape Town 19:30 in summer"),
        pytest.param(69.65, 18.96, "2026-06-21T23:00:00", Daypart.DAY, id="Tromsø, midnight sun"),
        pytest.param(69.65, 18.96, "2026-12-21T11:00:00", Daypart.NIGHT, id="Tromsø, polar night at noon"),
        pytest.param(-17.7, 179.9, "2026-06-21T00:00:00", Daypart.DAY, id="Fiji at noon"),
        pytest.param(-17.7, -179.9, "2026-06-21T12:00:00", Daypart.NIGHT, id="Fiji at midnight"),
    ],
)
def test_known_dayparts(lat, lng, when, expected):
    assert sun.daypart_of(lat, lng, unix(when)) is expected
    assert sun.daypart([lat], [lng], [unix(when)]).tolist() == [expected]


@given(lat=st.floats(-90, 90), lng=st.floats(-180, 180), when=st.floats(-2e9, 4e9))
def test_one_point_equals_an_array_of_one(lat, lng, when):
    elevation = sun.elevation_deg([lat], [lng], [when])
    assert -90 <= elevation[0] <= 90
    if abs(elevation[0]) > 1e-9:
        assert sun.daypart([lat], [lng], [when])[0] == sun.daypart_of(lat, lng, when)


@given(lat=st.floats(-60, 60), lng=st.floats(-180, 180), when=st.integers(0, 2_000_000_000))
def test_moving_west_by_15_degrees_and_an_hour_later_changes_little(lat, lng, when):
    here = sun.elevation_deg([lat], [lng], [when])
    there = sun.elevation_deg([lat], [lng - 15], [when + 3600])
    assert there[0] == pytest.approx(here[0], abs=0.05)


def test_no_time_no_daypart():
    assert sun.daypart_of(1.0, 2.0, None) is Daypart.UNKNOWN
    codes = sun.daypart([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [np.nan, 0.0, 43200.0])
    assert codes.dtype == np.int8
    assert codes.tolist() == [Daypart.UNKNOWN, Daypart.NIGHT, Daypart.DAY]


@given(
    st.lists(st.tuples(st.floats(26, 31), st.floats(-180, 180), st.floats(0, 7200)), min_size=1, max_size=6),
    st.floats(0, 86_400),
    st.sampled_from([0.0, 0.01, 0.3, 1.0]),
)
def test_a_shared_daypart_is_that_of_each(points, start, spread):
    lats, lngs, times = (
        [28.0 + (lat - 28.0) * spread for lat, _, _ in points],
        [77.0 + (lng - 77.0) * spread / 60 for _, lng, _ in points],
        [unix("2026-11-20T00:00:00") + start + later * spread for _, _, later in points],
    )
    shared = sun.shared_daypart(lats, lngs, times)
    each = {sun.daypart_of(*point) for point in zip(lats, lngs, times, strict=True)}
    assert shared is None or each == {shared}


def test_a_daypart_is_shared_by_a_city_but_at_dusk():
    lats, lngs = [28.4, 28.9], [76.9, 77.4]
    noon, dusk = unix("2026-11-20T06:30:00"), unix("2026-11-20T11:52:00")
    assert sun.shared_daypart(lats, lngs, [noon, noon + 3600]) is Daypart.DAY
    assert sun.shared_daypart(lats, lngs, [noon + 43_200] * 2) is Daypart.NIGHT
    assert sun.shared_daypart(lats, lngs, [dusk] * 2) is None
    assert {sun.daypart_of(*point, dusk) for point in zip(lats, lngs, strict=True)} == {
        Daypart.DAY,
        Daypart.NIGHT,
    }
    assert sun.shared_daypart(lats, lngs, [noon, None]) is None
