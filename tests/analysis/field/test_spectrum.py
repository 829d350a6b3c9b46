import numpy as np
import pytest

from analysis.field.prior import Land, Prior, surrounded
from geo import cells as h3cells


@pytest.mark.parametrize("kappa", [0.05, 0.3, 5.0])
def test_the_spread_of_a_field_is_the_trace_of_its_covariance(kappa):
    lattice = surrounded(h3cells.disc(h3cells.cell_of(28.6, 77.2, resolution=9), k=16))
    land = Land(neighbours=lattice.disc_matrix(1, include_self=False))
    laplacian = np.diag(land.degree) - land.neighbours.toarray()
    values = np.linalg.eigvalsh(laplacian)[1:]
    exact = 0.3 * (1 / (values + kappa)).sum()
    assert Prior(land=land, variance=0.3, level=1.0, kappa=kappa).spread == pytest.approx(exact, rel=0.1), (
        "eight probes"
    )
