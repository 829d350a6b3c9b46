"""The release ladder: the finest class with k people, what is left over going to the H3 parent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.admission import check_k
from analysis.groups import Labels, distinct_members, labels_of
from geo.cells import parent

WITHHELD = -1
SUPPRESSED = -1

Fit = Callable[[NDArray[np.int64], Labels, int], NDArray[np.bool_]]
"""From row numbers, their labels 0..m-1 and m: which labels may come out, besides having k people."""


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One way to say a row: the H3 resolution of its place, and the columns that are not withheld."""

    resolution: int
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Generalised:
    """What may be said of each row, in the order of the rows.

    `rung` int8[n]: the rung reached, -1 = suppressed; `cell` int64[n]: the cell on that rung, 0 = suppressed;
    `columns`: int codes, WITHHELD (-1) where the rung does not keep the column or the row is suppressed.
    """

    rung: NDArray[np.int8]
    cell: NDArray[np.int64]
    columns: Mapping[str, NDArray[np.int64]]


def every_label(_rows: NDArray[np.int64], _labels: Labels, size: int) -> NDArray[np.bool_]:
    """Ask no more than k people."""
    return np.ones(size, dtype=np.bool_)


def generalise(
    *,
    cell: NDArray[np.int64],
    auditor: NDArray[np.int32],
    counted: NDArray[np.bool_],
    columns: Mapping[str, NDArray[np.int64]],
    rungs: Sequence[Rung],
    k: int,
    fit: Fit = every_label,
) -> Generalised:
    """Return each row at the first rung where its class has at least k counted auditors and is fit.

    A class is the cell at the rung's resolution with the columns that the rung keeps; `columns` hold codes >=
    0. Rows that found a class leave; the others go on to the next rung, so a row at a parent cell is part of
    a remainder and not of the parent's total. Rows left after the last rung, and rows of uncounted auditors,
    are suppressed. No class that comes out has fewer than k counted auditors (residual local recoding).

    Raises ValueError for k below 5, negative codes, no rungs or rungs that keep unknown columns.
    """
    check_k(k)
    _check(columns, rungs)
    rung_of = np.full(len(cell), SUPPRESSED, dtype=np.int8)
    place = np.zeros(len(cell), dtype=np.int64)
    left = np.flatnonzero(counted)
    for number, rung in enumerate(rungs):
        places = parent(cell[left], resolution=rung.resolution)
        labels, size = labels_of([places, *(columns[name][left] for name in rung.columns)])
        enough = distinct_members(labels, auditor[left], size=size) >= k
        found = (enough & fit(left, labels, size))[labels]
        rung_of[left[found]], place[left[found]] = number, places[found]
        left = left[~found]
    said = {name: np.where(_keeps(rungs, name)[rung_of], codes, WITHHELD) for name, codes in columns.items()}
    return Generalised(rung=rung_of, cell=place, columns=said)


def _keeps(rungs: Sequence[Rung], name: str) -> NDArray[np.bool_]:
    """Return for each rung whether it keeps the column; the last entry, at -1, is for suppressed rows."""
    return np.array([*(name in rung.columns for rung in rungs), False])


def _check(columns: Mapping[str, NDArray[np.int64]], rungs: Sequence[Rung]) -> None:
    if not rungs:
        raise ValueError("rungs: give at least one")
    unknown = {name for rung in rungs for name in rung.columns} - set(columns)
    if unknown:
        raise ValueError(f"rungs keep unknown columns {sorted(unknown)}; there are {sorted(columns)}")
    for name, codes in columns.items():
        if np.any(codes < 0):
            raise ValueError(
                f"column {name}: codes must be 0 or more; {WITHHELD} is kept for what is withheld"
            )
