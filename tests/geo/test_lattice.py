import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import cells
from geo.errors import CellError
from geo.lattice import Lattice

DELHI = cells.cell_of(28.6139, 77.2090, resolution=9)
PENTAGON = h3.get_pentagons(9)[0]
PLACES = {
    "Delhi": DELHI,
    "pentagon": PENTAGON,
    "north pole": cells.cell_of(90, 0, resolution=9),
    "south pole": cells.cell_of(-90, 0, resolution=9),
    "antimeridian": cells.cell_of(-16.8, 180, resolution=9),
}
places = pytest.mark.parametrize("cell", PLACES.values(), ids=PLACES)


def lattice_around(cell, k):
    return Lattice(np.unique(cells.disc(cell, k=k)))


@places
@pytest.mark.parametrize("k", [1, 2, 3])
def test_a_disc_row_is_the_grid_disc(cell, k):
    lattice = lattice_around(cell, 5)
    row = lattice.disc_matrix(k)[lattice.index_of(np.array([cell]))[0]]
    assert set(lattice.cells[row.indices].tolist()) == set(h3.grid_disk(cell, k))
    assert set(row.data) == {1.0}


@pytest.mark.parametrize(("cell", "k1", "k2"), [(DELHI, 6, 18), (PENTAGON, 5, 15)])
def test_a_pentagon_has_five_neighbours(cell, k1, k2):
    lattice = lattice_around(cell, 4)
    row = lattice.index_of(np.array([cell]))[0]
    assert lattice.disc_matrix(1, include_self=False)[row].sum() == k1
    assert lattice.disc_matrix(2, include_self=False)[row].sum() == k2


@places
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_disc_matrix_of_any_subset_is_symmetric_and_knows_itself(cell, data):
    around = cells.disc(cell, k=3)
    subset = np.unique(data.draw(st.lists(st.sampled_from(around.tolist()), min_size=1)))
    lattice = Lattice(subset)
    matrix = lattice.disc_matrix(2)
    assert (matrix != matrix.T).nnz == 0
    assert (matrix.diagonal() == 1).all()
    assert (lattice.disc_matrix(2, include_self=False).diagonal() == 0).all()
    expected = [[b in h3.grid_disk(a, 2) for b in subset.tolist()] for a in subset.tolist()]
    np.testing.assert_array_equal(matrix.toarray(), expected)


def test_a_gap_does_not_push_cells_apart():
    ends = np.sort(np.array(h3.grid_path_cells(DELHI, h3.grid_ring(DELHI, 2)[0])[::2]))
    assert Lattice(ends).disc_matrix(2)[0, 1] == 1
    assert Lattice(ends).disc_matrix(1)[0, 1] == 0


def test_components_join_neighbours_and_nothing_else():
    near, far = cells.disc(DELHI, k=1), cells.disc(h3.grid_ring(DELHI, 6)[0], k=1)
    lattice = lattice_around(DELHI, 8)
    mask = np.isin(lattice.cells, np.concatenate([near, far]))
    labels = lattice.components(mask)
    assert (labels[~mask] == -1).all()
    assert len(set(labels[lattice.index_of(near)])) == len(set(labels[lattice.index_of(far)])) == 1
    assert sorted(set(labels[mask])) == [0, 1]
    assert labels[mask][0] == 0


def test_a_ring_around_the_antimeridian_is_one_component():
    centre = PLACES["antimeridian"]
    ring = np.unique(h3.grid_ring(centre, 3))
    _, lng = cells.centre(ring)
    assert lng.min() < 0 < lng.max()
    assert (Lattice(ring).components(np.ones(len(ring), dtype=bool)) == 0).all()


def test_nothing_masked_gives_no_component():
    lattice = lattice_around(DELHI, 1)
    assert (lattice.components(np.zeros(7, dtype=bool)) == -1).all()


def test_index_of_tells_strangers_from_members():
    lattice = lattice_around(DELHI, 1)
    stranger = h3.grid_ring(DELHI, 2)[0]
    asked = np.array([lattice.cells[3], stranger, 0, 2**62])
    np.testing.assert_array_equal(lattice.index_of(asked), [3, -1, -1, -1])


def test_an_empty_lattice_is_harmless():
    empty = Lattice(np.array([], dtype=np.int64))
    assert empty.disc_matrix(2).shape == (0, 0)
    assert empty.index_of(np.array([DELHI])).tolist() == [-1]
    assert len(empty.components(np.array([], dtype=bool))) == 0


@pytest.mark.parametrize("wrong", [[5, 3], [3, 3], [DELHI, cells.cell_of(0, 0, resolution=10)]])
def test_cells_that_are_no_set_are_refused(wrong):
    with pytest.raises(CellError, match="must be"):
        Lattice(np.array(wrong, dtype=np.int64))
