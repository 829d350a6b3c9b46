"""What is held of a city before anybody audited it: neighbouring cells are alike."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.field.spectrum import Spectrum, spectrum
from geo import cells as h3cells
from geo.cells import Cells
from geo.lattice import Lattice

Floats = NDArray[np.float64]

_DISC = 7
"""A cell and its neighbours."""
KAPPA = 0.1
"""How strongly a cell is drawn to the city beside its neighbours, until data tell; 0 would know no city."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Land:
    """Cells 0..n-1 of a field and which of them are neighbours; the audited ones come with their discs."""

    neighbours: sparse.csr_matrix
    """Binary, symmetric, n x n, zero diagonal."""

    def __len__(self) -> int:
        return int(self.neighbours.shape[0])

    @cached_property
    def degree(self) -> Floats:
        """How many neighbours each cell has."""
        return np.asarray(self.neighbours.sum(axis=1), dtype=np.float64).ravel()

    @cached_property
    def laplacian(self) -> sparse.csr_matrix:
        """The degree on the diagonal, -1 between neighbours."""
        return sparse.csr_matrix(sparse.diags_array(self.degree) - self.neighbours)

    def smoothed(self, x: Floats) -> Floats:
        """Return K x, x[n, k]: of every cell the mean over its disc, what lies outside being as the cell.

        K = I - L/7 is symmetric, with the Laplacian L.
        """
        return np.asarray(x - self.laplacian_times(x) / _DISC)

    def disc_means(self, x: Floats) -> Floats:
        """Return of every cell the mean over it and its neighbours, x[n, k]; what lies outside has no say."""
        return np.asarray(x - self.laplacian_times(x) / (self.degree + 1).astype(x.dtype)[:, None])

    def laplacian_times(self, x: Floats) -> Floats:
        """Return the product in the precision of x[n, k], float64 or float32."""
        return np.asarray((self.laplacian if x.dtype == np.float64 else self._laplacian_32) @ x)

    @cached_property
    def _laplacian_32(self) -> sparse.csr_matrix:
        return self.laplacian.astype(np.float32)

    def smoothed_diagonal(self, weight: Floats) -> Floats:
        """Return the diagonal of K diag(weight) K, float[n]."""
        own = (1 - self.degree / _DISC) ** 2 * weight
        return np.asarray(own + self.neighbours @ weight / _DISC**2)

    @cached_property
    def edges(self) -> sparse.csr_matrix:
        """The incidence matrix, n x edges, +1 at one end and -1 at the other: edges @ edges.T = Laplacian."""
        upper = sparse.triu(self.neighbours, k=1).tocoo()
        count = np.arange(upper.nnz)
        ends = np.concatenate([upper.row, upper.col]), np.concatenate([count, count])
        signs = np.repeat([1.0, -1.0], upper.nnz)
        return sparse.csr_matrix((signs, ends), shape=(len(self), upper.nnz))

    @cached_property
    def spectrum(self) -> Spectrum:
        """Of the Laplacian."""
        return spectrum(self.laplacian_times, len(self))


def surrounded(cells: Cells) -> Lattice:
    """Return the lattice of the cells and of all their neighbours, audited or not."""
    return Lattice(np.unique(np.concatenate([cells, h3cells.discs(cells, k=1)[0]])))


@dataclass(frozen=True, kw_only=True, eq=False)
class Prior:
    """A Gaussian Markov random field z ~ N(0, Q^-1) around a common level that is itself ~ N(0, level).

    Places know of it what their discs do, x = K z (`Land.smoothed`): z alone is rougher than cities are.
    Q = (L + kappa (I - c J)) / variance, with L the graph Laplacian and J the matrix of 1/n; c < 1 comes of
    summing the level out: c = a / (a + 1 / level), a = kappa n / variance (Rue and Held 2005, Gaussian Markov
    random fields, chapter 2).
    """

    land: Land
    variance: float
    level: float
    kappa: float = KAPPA

    @property
    def diagonal(self) -> Floats:
        """The diagonal of Q, float[n]."""
        return (self.land.degree + self.kappa * (1 - self._common / max(len(self.land), 1))) / self.variance

    def precision_times(self, z: Floats, *, told: Floats | float = 0.0) -> Floats:
        """Return Q z + K told for z, told [n, k], by one product with the Laplacian."""
        out = self.land.laplacian_times(z / self.variance - told / _DISC)
        out += told
        out += self.kappa / self.variance * (z - self._common * _mean(z))
        return out

    def roughness_times(self, z: Floats) -> Floats:
        """Return (L + kappa (I - J)) z: what the variance scales, the level apart."""
        out = self.land.laplacian_times(z)
        out += self.kappa * (z - _mean(z))
        return out

    def noise(self, count: int, rng: np.random.Generator, dtype: type[Any] = np.float64) -> Floats:
        """Draw `count` columns from N(0, Q), float[n, count]."""
        edges = self.land.edges.astype(dtype, copy=False)
        along = rng.standard_normal((edges.shape[1], count), dtype=dtype)
        cells: Floats = rng.standard_normal((len(self.land), count), dtype=dtype)
        cells -= (1 - math.sqrt(1 - self._common)) * _mean(cells)
        drawn = edges @ along
        drawn += math.sqrt(self.kappa) * cells
        drawn /= math.sqrt(self.variance)
        return np.asarray(drawn)

    @property
    def spread(self) -> float:
        """The expected sum of squares of z around its mean."""
        seen = self.land.spectrum
        return self.variance * float((seen.count / (seen.value + self.kappa)).sum())

    @cached_property
    def _common(self) -> float:
        pull = self.kappa * len(self.land) / self.variance
        return pull / (pull + 1 / self.level)


def _mean(x: Floats) -> Floats:
    """Return the mean of each column, 0 without a row."""
    return np.asarray(x.sum(axis=0, keepdims=True) / max(len(x), 1))
