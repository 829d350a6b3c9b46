"""Released rows as columns, from which all files are written: each a vocabulary and an index into it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.release import ReleasedRows
from geo.cells import resolution_of, to_texts


@dataclass(frozen=True, kw_only=True, eq=False)
class Column:
    """One column of a release."""

    name: str
    type: Literal["text", "integer"]
    words: Sequence[str | int | None]
    """Every value that occurs, or might; None where there is none."""
    index: NDArray[np.int32]
    """Of each row, into `words`."""


def columns_of(rows: ReleasedRows) -> tuple[Column, ...]:
    """Return the columns in the order of the outer contract: cell, resolution, what is said, ratings."""
    cells, at = np.unique(rows.cell, return_inverse=True)
    levels, level = np.unique(resolution_of(rows.cell), return_inverse=True)
    said = [
        Column(name=name, type="text", words=rows.vocabulary(name), index=_last_if_negative(codes, size))
        for name, codes in rows.codes.items()
        for size in [len(rows.vocabulary(name))]
    ]
    rated = [
        Column(
            name=rating.name,
            type="integer",
            words=(*range((rating.top or 0) + 1), None),
            index=_last_if_negative(rows.ratings[:, place], (rating.top or 0) + 2),
        )
        for place, rating in enumerate(rows.instrument.ratings)
    ]
    return (
        Column(name="cell", type="text", words=to_texts(cells), index=at.astype(np.int32)),
        Column(name="resolution", type="integer", words=levels.tolist(), index=level.astype(np.int32)),
        *said,
        *rated,
    )


def _last_if_negative(codes: NDArray[np.int8], size: int) -> NDArray[np.int32]:
    return np.where(codes < 0, size - 1, codes).astype(np.int32)
