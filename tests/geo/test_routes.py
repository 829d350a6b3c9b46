"""Ways through cells, held against an independent geodesic and against h3 itself."""

import h3
import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString

from geo.routes import length_of_m, passage

_CITY = st.tuples(st.floats(77.2, 77.25), st.floats(28.5, 28.55))


@given(points=st.lists(_CITY, min_size=2, max_size=6))
def test_stays_lie_end_to_end_and_sum_to_the_length(points: list[tuple[float, float]]) -> None:
    way = LineString(points)
    stays = passage(way, resolution=9)
    assert stays.from_m[0] == 0
    assert np.array_equal(stays.from_m[1:], stays.to_m[:-1])
    assert np.all(np.diff(stays.cell) != 0)
    assert stays.length_m == pytest.approx(length_of_m(way), abs=1e-6)
    geodesic = pyproj.Geod(ellps="WGS84").geometry_length(way)
    assert stays.length_m == pytest.approx(geodesic, rel=0.006, abs=0.01), "sphere beside ellipsoid"


def test_a_straight_way_passes_the_cells_it_crosses() -> None:
    stays = passage(LineString([(77.20, 28.61), (77.25, 28.61)]), resolution=9)
    fine = np.linspace(77.20, 77.25, 20_001)
    cells = [h3.str_to_int(h3.latlng_to_cell(28.61, lng, 9)) for lng in fine]
    metres = dict.fromkeys(cells, 0.0)
    for cell in cells:
        metres[cell] += stays.length_m / len(cells)
    for cell, stay in zip(stays.cell.tolist(), stays.stay_m.tolist(), strict=True):
        assert stay == pytest.approx(metres.pop(cell), abs=30), "a step is 25 m"
    assert max(metres.values(), default=0) < 30, "only a touched corner is passed over"


def test_a_way_across_the_antimeridian_is_short() -> None:
    stays = passage(LineString([(179.999, -16.8), (-179.999, -16.8)]), resolution=9)
    assert stays.length_m == pytest.approx(213, abs=2)


@pytest.mark.parametrize("resolution", [6, 9, 11])
def test_no_cell_on_the_way_is_skipped(resolution: int) -> None:
    stays = passage(LineString([(77.2, 28.5), (77.25, 28.56)]), resolution=resolution)
    for here, there in zip(stays.cell[:-1].tolist(), stays.cell[1:].tolist(), strict=True):
        assert h3.are_neighbor_cells(h3.int_to_str(here), h3.int_to_str(there))
