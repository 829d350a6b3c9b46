"""What all audited cells of a city say together: how means over groups of cells vary with each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.field.system import System
from geo.cells import Cells

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Joint:
    """The posterior of the audited cells at once; rating steps."""

    cells: Cells
    """The audited cells, sorted."""
    audited: NDArray[np.int64]
    """The field's number of each."""
    system: System

    def covariance(self, groups: Sequence[Cells]) -> Floats:
        """Return the posterior covariance of the plain means over groups of audited cells, float[g, g].

        Every group holds one cell at least; groups may share cells. The auditors are taken as a sample of
        people: that their own mean severity is not 0 counts here, and hardly among single cells.
        """
        sizes = np.array([len(group) for group in groups], dtype=np.int64)
        members = np.concatenate([np.empty(0, dtype=np.int64), *groups])
        rows = self.audited[np.searchsorted(self.cells, members)]
        column = np.repeat(np.arange(len(groups)), sizes)
        shape = self.system.voices.cells, len(groups)
        means = sparse.csc_matrix((1 / sizes[column], (rows, column)), shape=shape)
        response, variance = self.system.centred_away()
        shift = means.T @ response
        return np.asarray(self.system.covariance(means) + (shift * variance) @ shift.T)
