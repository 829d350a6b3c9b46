"""What the published layer says along ways somebody might walk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.cells import to_texts
from geo.routes import Passage

Floats = NDArray[np.float64]
Rows = Mapping[str, Mapping[str, Any]]
"""Cell, 15 hex digits -> its published properties."""

_MOST = 0.5


@dataclass(frozen=True, kw_only=True)
class WorstStretch:
    """The stay in the cell of the lowest score."""

    cell: str
    from_m: float
    to_m: float
    score: float
    score_low: float
    score_high: float
    needs: str


@dataclass(frozen=True, kw_only=True)
class RouteScore:
    """One way; scores 0..5, None where nothing on it is published."""

    length_m: float
    share_audited: float
    """Of its length, what lies in published cells, 0..1."""
    score: float | None
    """Mean of the published cells, each by the metres walked in it."""
    score_low: float | None
    """The same mean of the cells' 95 % intervals: as wide as if all erred together, so never too narrow."""
    score_high: float | None
    worst: WorstStretch | None
    indistinguishable: tuple[int, ...]
    """The other ways, counted from 0, that share most of their cells with this one."""


def score_routes(passages: Sequence[Passage], rows: Rows) -> list[RouteScore]:
    """Return the score of each way, in order; `rows` hold the published cells among theirs.

    Two ways are indistinguishable where more than half of all the cells of both are common to them: their
    scores rest on the same audits, and a difference between them says next to nothing.
    """
    return [_score(one, rows, alike=_alike(place, passages)) for place, one in enumerate(passages)]


def _score(way: Passage, rows: Rows, *, alike: tuple[int, ...]) -> RouteScore:
    names = to_texts(way.cell)
    shown = np.array([name in rows for name in names], dtype=np.bool_)
    metres = way.stay_m[shown]
    walked = float(metres.sum())
    found = [rows[name] for name in names if name in rows]
    low, mean, high = (
        round(float(metres @ np.array([row[column] for row in found])) / walked, 2) if walked else None
        for column in ("score_low", "score", "score_high")
    )
    return RouteScore(
        length_m=round(way.length_m, 1),
        share_audited=round(walked / way.length_m, 3) if walked else 0.0,
        score=mean,
        score_low=low,
        score_high=high,
        worst=_worst(way, rows),
        indistinguishable=alike,
    )


def _worst(way: Passage, rows: Rows) -> WorstStretch | None:
    stays = [
        (rows[name], name, start, end)
        for name, start, end in zip(to_texts(way.cell), way.from_m, way.to_m, strict=True)
        if name in rows
    ]
    if not stays:
        return None
    row, name, start, end = min(stays, key=lambda stay: stay[0]["score"])
    return WorstStretch(
        cell=name,
        from_m=round(float(start), 1),
        to_m=round(float(end), 1),
        score=row["score"],
        score_low=row["score_low"],
        score_high=row["score_high"],
        needs=row["needs"],
    )


def _alike(place: int, passages: Sequence[Passage]) -> tuple[int, ...]:
    own = set(passages[place].cell.tolist())
    cells = [set(other.cell.tolist()) for other in passages]
    return tuple(
        index
        for index, theirs in enumerate(cells)
        if index != place and len(own & theirs) > _MOST * len(own | theirs)
    )
