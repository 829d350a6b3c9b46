import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.spatial.distance import cdist

from analysis.getis_ord import gi_bin, gi_star, two_sided_p

# pysal/esda, esda/tests/test_getisord.py (BSD-3): six points, distance band 15, binary weights; Gi* of all
# six from the docstring of esda.G_Local with transform="B", star=True.
POINTS = np.array([[10, 10], [20, 10], [40, 10], [15, 20], [30, 20], [30, 30]])
VALUES = np.array([2, 3, 3.2, 5, 8, 7])
GI_STAR = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]
BAND = (cdist(POINTS, POINTS) <= 15).astype(float)

numbers = st.floats(-100, 100, allow_nan=False).map(lambda number: round(number, 3))


@st.composite
def graphs(draw):
    n = draw(st.integers(2, 12))
    values = np.array(draw(st.lists(numbers, min_size=n, max_size=n)))
    links = np.array(draw(st.lists(st.booleans(), min_size=n * n, max_size=n * n))).reshape(n, n)
    return values, (links | links.T | np.eye(n, dtype=bool)).astype(float)


def dense(values, weights):
    """Ord and Getis 1995 as printed, formula 14b, term by term."""
    n, mean, spread = len(values), values.mean(), values.std()
    z = np.zeros(n)
    for i in range(n):
        w = weights[i]
        scale = spread * np.sqrt((n * (w**2).sum() - w.sum() ** 2) / (n - 1))
        z[i] = (w @ values - w.sum() * mean) / scale if scale > 1e-9 else 0
    return z


def test_six_points_as_published():
    assert gi_star(VALUES, sparse.csr_matrix(BAND)) == pytest.approx(GI_STAR, abs=5e-9)


@given(graphs())
def test_equals_the_printed_formula_on_any_graph(graph):
    values, weights = graph
    expected = dense(values, weights) if values.std() > 1e-9 else np.zeros(len(values))
    assert gi_star(values, sparse.csr_matrix(weights)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("shift", [0, -4.7, -1000, 1000])
def test_sign_and_size_survive_any_mean(shift):
    assert gi_star(VALUES + shift, sparse.csr_matrix(BAND)) == pytest.approx(GI_STAR, abs=1e-7)


@given(graphs(), st.floats(0.01, 50))
def test_row_scaling_of_the_weights_changes_nothing(graph, factor):
    values, weights = graph
    scaled = sparse.csr_matrix(weights / weights.sum(axis=1, keepdims=True) * factor)
    assert gi_star(values, scaled).tolist() == gi_star(values, sparse.csr_matrix(weights)).tolist()


@given(graphs(), st.randoms(use_true_random=False))
def test_names_of_places_do_not_matter(graph, random):
    values, weights = graph
    order = list(range(len(values)))
    random.shuffle(order)
    moved = gi_star(values[order], sparse.csr_matrix(weights[order][:, order]))
    assert moved == pytest.approx(gi_star(values, sparse.csr_matrix(weights))[order], abs=1e-6)


@pytest.mark.parametrize("values", [[], [3.0], [2.0, 2.0, 2.0], [0.1] * 7])
def test_nothing_stands_out_where_all_is_equal(values):
    n = len(values)
    z = gi_star(np.array(values), sparse.csr_matrix(np.eye(n)))
    assert z.tolist() == [0] * n


def test_a_neighbourhood_of_everything_is_no_place():
    assert gi_star(VALUES, sparse.csr_matrix(np.ones((6, 6)))).tolist() == [0] * 6


def test_missing_values_are_refused():
    with pytest.raises(ValueError, match="finite"):
        gi_star(np.array([1, np.nan]), sparse.csr_matrix(np.eye(2)))


def test_p_is_two_sided():
    assert two_sided_p(np.array([0, 1.959964, -2.575829])) == pytest.approx([1, 0.05, 0.01], rel=1e-5)


def test_bins_are_those_of_arcgis():
    z = np.array([-3, -3, -3, -3, 3, 3, 3, 3, 0])
    q = np.array([0.01, 0.05, 0.10, 0.11, 0.001, 0.02, 0.06, 1, 1])
    assert gi_bin(z, q).tolist() == [-3, -2, -1, 0, 3, 2, 1, 0, 0]
