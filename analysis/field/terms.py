"""The terms of the model: how much each varies, and what it is found or drawn to be."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Variances:
    """In squared rating steps.

    Of the rough field along an edge, of a cell's own part, of auditors, of auditors in a cell, of audits.
    """

    field: float
    own: float
    auditor: float
    pair: float
    audit: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Effects:
    """Columns of solutions or draws: float[n, k] of cells, float[m, k] of crowds, float[r, k] of auditors."""

    rough: Floats
    """z of the prior; the field is what the discs know of it."""
    field: Floats
    own: Floats
    crowd: Floats
    auditor: Floats

    @property
    def place(self) -> Floats:
        """What is true of each cell."""
        return self.field + self.own

    def columns(self, which: slice) -> Self:
        """Return some of the columns."""
        return type(self)(**{name: part[:, which] for name, part in vars(self).items()})
