"""The ids a file has shown so far, in 24 bytes each, so that a repeated one is known in the next chunk."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Run:
    ids: Words
    rows: Rows
    contents: Words

    @property
    def length(self) -> int:
        return len(self.ids)


class Seen:
    """Sorted runs, merged whenever two are of like size: log n runs, n log n work in all.

    An id is the first 64 bits of a 128-bit one: two of a million meet by chance once in 37 million files.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def find(self, ids: Words) -> tuple[Rows, Words]:
        """Return the row that had each id (-1: none had) and its content."""
        rows = np.full(len(ids), -1, dtype=np.int64)
        contents = np.zeros(len(ids), dtype=np.uint64)
        for run in self._runs:
            places = np.searchsorted(run.ids, ids).clip(max=run.length - 1)
            hit = run.ids[places] == ids
            rows[hit], contents[hit] = run.rows[places[hit]], run.contents[places[hit]]
        return rows, contents

    def add(self, ids: Words, rows: Rows, contents: Words) -> None:
        """Remember ids that `find` did not know, each once."""
        run = _sorted(ids, rows, contents)
        while self._runs and self._runs[-1].length < 2 * run.length:
            last = self._runs.pop()
            run = _sorted(
                *(np.concatenate(pair) for pair in zip(
                    (last.ids, last.rows, last.contents), (run.ids, run.rows, run.contents), strict=True
                ))
            )  # fmt: skip
        if run.length:
            self._runs.append(run)


def _sorted(ids: Words, rows: Rows, contents: Words) -> _Run:
    order = np.argsort(ids, kind="stable")
    return _Run(ids[order], rows[order], contents[order])
