"""Which cells of a set are neighbours: sparse disc matrices and connected components."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from geo import cells as h3cells
from geo.cells import Cells
from geo.errors import CellError

OUTSIDE = -1


class Lattice:
    """A set of cells of one resolution, sorted and unique; the row number of a cell is its index here.

    Raises CellError where the cells are not sorted, not unique or of several resolutions.
    """

    def __init__(self, cells: Cells) -> None:
        if np.any(np.diff(cells) <= 0):
            raise CellError("the cells of a lattice must be sorted and unique (numpy.unique makes them so)")
        if len(np.unique(h3cells.resolution_of(cells))) > 1:
            raise CellError("the cells of a lattice must be of one resolution")
        self.cells = cells

    def __len__(self) -> int:
        return len(self.cells)

    def index_of(self, cells: Cells) -> NDArray[np.int64]:
        """Return the row of each cell in the lattice, int64[n]; -1 where it is not one of them."""
        if not len(self):
            return np.full(len(cells), OUTSIDE, dtype=np.int64)
        rows = np.searchsorted(self.cells, cells).clip(max=len(self) - 1)
        return np.where(self.cells[rows] == cells, rows, OUTSIDE)

    def disc_matrix(self, k: int, *, include_self: bool = True) -> sparse.csr_matrix:
        """Return the binary float matrix W[n, n]: W[i, j] = 1 where cell j lies within k steps of cell i.

        Steps are counted on the whole globe's grid, so a gap in the set does not push cells apart. Symmetric;
        column indices sorted.
        """
        members, lengths = h3cells.discs(self.cells, k=k)
        columns = self.index_of(members)
        rows = np.repeat(np.arange(len(self)), lengths)
        kept = (columns != OUTSIDE) & (include_self | (rows != columns))
        ones = np.ones(int(kept.sum()))
        matrix = sparse.csr_matrix((ones, (rows[kept], columns[kept])), shape=(len(self), len(self)))
        matrix.sort_indices()
        return matrix

    def components(self, mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Label the connected components of the masked cells (k = 1), int64[n].

        Labels 0, 1, ... in order of each component's first cell; -1 outside the mask.
        """
        labels = np.full(len(self), OUTSIDE, dtype=np.int64)
        chosen = np.flatnonzero(mask)
        _, found = csgraph.connected_components(self._neighbours[chosen][:, chosen], directed=False)
        _, first, inverse = np.unique(found, return_index=True, return_inverse=True)
        labels[chosen] = np.argsort(np.argsort(first))[inverse]
        return labels

    @cached_property
    def _neighbours(self) -> sparse.csr_matrix:
        return self.disc_matrix(1, include_self=False)
