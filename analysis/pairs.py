"""Who audited where: one auditor's audits in one cell speak as one voice, the louder the newer they are."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from analysis.groups import labels_of, ratio, sums

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_MOST = 3.0
"""So many audits of one auditor in one cell count, however many there are."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """The pair of cell and auditor of each audit, int64[n]; cell index and auditor index of each pair."""

    row: Indices
    cell: Indices
    auditor: Indices
    cells: int
    auditors: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Voices:
    """One row per pair with a value: its cell and auditor index, how many audits it is worth, their mean.

    `rest` is the weighted sum of squares around the mean, `freedom` its degrees of freedom.
    """

    cell: Indices
    auditor: Indices
    size: Floats
    mean: Floats
    rest: Floats
    freedom: Indices
    cells: int
    auditors: int

    def faded(self, factor: float) -> Self:
        """Return the voices as they are heard later, each audit worth `factor` of what it was."""
        return replace(self, size=factor * self.size)


def pair(*, cell: Indices, auditor: Indices, cells: int, auditors: int) -> Pairs:
    """Return the pairs behind audits of cells 0..cells-1 by auditors 0..auditors-1; once for all ratings."""
    row, count = labels_of([cell, auditor])
    columns = np.zeros((2, count), dtype=np.int64)
    columns[:, row] = cell, auditor
    return Pairs(row=row, cell=columns[0], auditor=columns[1], cells=cells, auditors=auditors)


def voices(pairs: Pairs, values: Floats, weight: Floats) -> Voices:
    """Return one voice per pair with a value; values float[n], NaN = missing; weight float[n] in 0..1."""
    given = ~np.isnan(values)
    row, value, share, count = pairs.row[given], values[given], weight[given], len(pairs.cell)
    audits = np.bincount(row, minlength=count)
    size = sums(row, share, size=count)
    mean = ratio(sums(row, share * value, size=count), size)
    rest = sums(row, share * (value - mean[row]) ** 2, size=count)
    there = size > 0
    return Voices(
        cell=pairs.cell[there],
        auditor=pairs.auditor[there],
        size=np.minimum(size, _MOST)[there],
        mean=mean[there],
        rest=rest[there],
        freedom=audits[there] - 1,
        cells=pairs.cells,
        auditors=pairs.auditors,
    )
