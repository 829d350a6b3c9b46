"""Who is missing from a release: told of groups and areas, never of fewer than k people."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.ladder import Generalised
from analysis.disclosure.release import KEYS, Audits, Missing
from analysis.groups import distinct_members
from geo.cells import parent, to_texts

_STEP = 0.05
_COARSER = 3
"""An area is a cell so many resolutions above the finest of the release: 343 of those."""


def missing(
    audits: Audits, said: Generalised, kept: NDArray[np.bool_], *, resolution: int, k: int
) -> tuple[Missing, ...]:
    """Return a line for all and one per area and group with at least k counted auditors.

    `kept` bool[n]: within the cap; uncounted auditors are left out. A share is told only of k people or more:
    whether it is nobody or few is not.
    """
    rows = np.flatnonzero(kept & audits.counted)
    area, place = np.unique(
        parent(audits.cell[rows], resolution=max(resolution - _COARSER, 0)), return_inverse=True
    )
    lines = [
        *_of("all", ["all"], np.zeros(len(rows), dtype=np.int64), rows, audits, said, k),
        *_of("area", to_texts(area), place, rows, audits, said, k),
    ]
    for column in KEYS:
        lines += _of(column, audits.words[column], audits.codes[column][rows], rows, audits, said, k)
    return tuple(lines)


def _of(
    column: str,
    words: tuple[str, ...] | list[str],
    group: NDArray[np.integer],
    rows: NDArray[np.int64],
    audits: Audits,
    said: Generalised,
    k: int,
) -> Iterator[Missing]:
    auditor, size = audits.auditor[rows], len(words)
    gone = said.rung[rows] < 0
    silent = ~gone & (said.columns[column][rows] < 0) if column in said.columns else np.zeros_like(gone)
    totals = np.bincount(group, minlength=size)
    people = distinct_members(group.astype(np.int64), auditor, size=size)
    parts = []
    for part, whole in ((gone, totals), (silent, np.bincount(group[~gone], minlength=size))):
        behind = distinct_members(group[part].astype(np.int64), auditor[part], size=size)
        share = np.bincount(group[part], minlength=size) / np.maximum(whole, 1)
        parts.append(np.where(behind >= k, np.round(share / _STEP) * _STEP, 0.0).round(2).tolist())
    for index, word in enumerate(words):
        if people[index] >= k:
            yield Missing(
                column=column,
                value=word,
                audits_min=two_digits(int(totals[index])),
                suppressed=parts[0][index],
                withheld=parts[1][index],
            )


def two_digits(count: int) -> int:
    """Return the count cut to its first two digits: 1,287 as 1,200."""
    scale: int = 10 ** max(len(str(count)) - 2, 0)
    return int(count // scale * scale)
