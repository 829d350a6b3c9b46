"""What each cell has to itself, summed out of the equations: its own part of the place, and its crowds."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy import sparse

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Cellwise:
    """u[cell] ~ N(0, own) and v[crowd] ~ N(0, variance), heard with precision `weight` per crowd.

    Given all else, u and v have precisions 1 / own + its voices' and 1 / variance + its voices', and the
    crowd's weight between them. Numbers are of the precision of `weight` and `variance`.
    """

    cell: NDArray[np.int64]
    """Of each crowd, int64[m]."""
    cells: int
    own: float
    weight: Floats
    variance: Floats

    def means(self, of_cells: Floats, of_crowds: Floats) -> tuple[Floats, Floats]:
        """Return u[n, k] and v[m, k] for right-hand sides."""
        crowd = self.variance * self.kept
        u = self.cell_variance[:, None] * (
            of_cells - self.by_cell @ ((crowd * self.weight)[:, None] * of_crowds)
        )
        return u, crowd[:, None] * (of_crowds - self.weight[:, None] * u[self.cell])

    def told(self, heard: Floats) -> tuple[Floats, Floats]:
        """Return the same where voices alone speak, which sum to heard[m, k] in each crowd."""
        u = self.cell_variance[:, None] * (self.by_cell @ (self.kept[:, None] * heard))
        rest = heard - self.weight[:, None] * u[self.cell]
        return u, (self.variance * self.kept)[:, None] * rest

    @cached_property
    def kept(self) -> Floats:
        """What is left of each crowd's weight, its effect being unknown: a share, float[m]."""
        return 1 / (1 + self.variance * self.weight)

    @cached_property
    def left(self) -> Floats:
        """How much weight that makes in each cell, float[n]."""
        return np.asarray(self.by_cell @ (self.kept * self.weight))

    @cached_property
    def cell_variance(self) -> Floats:
        """Of each u, given field and auditors."""
        return self.own / (1 + self.own * self.left)

    @cached_property
    def crowd_variance(self) -> Floats:
        """Of each u + v, given field and auditors."""
        return self.variance * self.kept + self.kept**2 * self.cell_variance[self.cell]

    def rounded(self, dtype: DTypeLike) -> Self:
        """Return the same in numbers of another precision."""
        return replace(self, weight=self.weight.astype(dtype), variance=self.variance.astype(dtype))

    @cached_property
    def by_cell(self) -> sparse.csr_matrix:
        """Cells x crowds, binary."""
        count = len(self.weight)
        ones = np.ones(count, dtype=self.weight.dtype)
        return sparse.csr_matrix((ones, (self.cell, np.arange(count))), shape=(self.cells, count))
