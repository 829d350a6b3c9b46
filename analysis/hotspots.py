"""Hotspots: connected cells that are credibly less safe than the city, with what makes them so."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.estimates import CellEstimates, Pool, pooled
from analysis.groups import distinct_members, sums
from analysis.kinds import kinds
from analysis.ranking import by_burden
from analysis.reasons import Cause, reasons
from geo.cells import area_km2
from geo.lattice import Lattice

Floats = NDArray[np.float64]

MEMBER_CLASSES = ("severe", "hot")


@dataclass(frozen=True, kw_only=True, eq=False)
class Voices:
    """The different pairs of a cell and a counted auditor whose audits there bear on the score."""

    cell: NDArray[np.int64]
    auditor: NDArray[np.int64]
    woman: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Hotspot:
    """One connected set of hot and severe cells; scores 0..5, deficit in rating steps."""

    cells: tuple[int, ...]
    """Sorted."""
    area_km2: float
    pool: Pool
    """What its cells say together: score and ratings with intervals."""
    deficit: float
    """Mean over the cells of how far their discs lie below the city."""
    probability: float
    """Mean over the cells of the probability that this is at least 0.2."""
    score_women: float
    """Mean over the cells with women's audits, NaN without."""
    needs: tuple[str, ...]
    causes: tuple[Cause, ...]
    kind: str
    """Plain words for what hotspots like this one are low in, such as "dark and deserted"."""
    trend: str
    """The commonest among its cells."""
    auditors: int
    """Different counted auditors within."""
    women: int
    """Those of them who are women."""
    exposure: float
    """Sum over the cells of the people or street kilometres there, NaN where nothing is loaded."""
    rank: int
    """1 = largest deficit times exposure; without exposure, largest deficit."""


def find(
    estimates: CellEstimates, lattice: Lattice, voices: Voices, exposure: Floats | None = None
) -> list[Hotspot]:
    """Return the connected components of hot and severe cells by rank; a single cell may stand.

    `lattice` is that of the estimates' cells, `exposure` float[m] of each, NaN or None where nothing is
    known. Give estimates of some cells alone (`CellEstimates.where`) and hotspots join only those.
    """
    labels = lattice.components(np.isin(estimates.klass, MEMBER_CLASSES))
    parts = [estimates.where(labels == label) for label in range(int(labels.max(initial=-1)) + 1)]
    pools = [pooled(part) for part in parts]
    causes = _causes(estimates, pools)
    kind = kinds(estimates, pools, causes)
    auditors = _people(labels, estimates.cell, voices.cell, voices.auditor, count=len(parts))
    women = _people(
        labels, estimates.cell, voices.cell[voices.woman], voices.auditor[voices.woman], count=len(parts)
    )
    exposed = _exposed(labels, exposure, count=len(parts))
    order = by_burden(
        np.array([part.deficit.mean() for part in parts]),
        exposed,
        first=np.array([part.cell[0] for part in parts], dtype=np.int64),
    )
    return [
        _hotspot(
            parts[i],
            pools[i],
            causes=causes[i],
            kind=kind[i],
            people=(int(auditors[i]), int(women[i])),
            exposure=float(exposed[i]),
            rank=rank,
        )
        for rank, i in enumerate(order.tolist(), start=1)
    ]


def match(new: Sequence[Collection[int]], previous: Mapping[str, Collection[int]]) -> list[str]:
    """Return an id for each new hotspot, all different: a previous one's, while half its cells are shared.

    Where several could take an id, the one that shares most cells does; a new id is a short hash of the
    cells.
    """
    sets = [frozenset(cells) for cells in new]
    shared = (
        (len(cells.intersection(old)), index, name)
        for index, cells in enumerate(sets)
        for name, old in previous.items()
    )
    kept: dict[int, str] = {}
    for overlap, index, name in sorted(shared, key=lambda found: (-found[0], found[1], found[2])):
        enough = 2 * overlap >= max(len(previous[name]), 1)
        if enough and index not in kept and name not in kept.values():
            kept[index] = name
    taken = set(previous)
    for index, cells in enumerate(sets):
        if index not in kept:
            kept[index] = _new_id(cells, taken)
            taken.add(kept[index])
    return [kept[index] for index in range(len(sets))]


def _hotspot(
    part: CellEstimates,
    pool: Pool,
    *,
    causes: tuple[Cause, ...],
    kind: str,
    people: tuple[int, int],
    exposure: float,
    rank: int,
) -> Hotspot:
    by_women = part.score_women[~np.isnan(part.score_women)]
    fixable = {rating.name for rating in part.instrument.ratings if rating.fixable}
    return Hotspot(
        cells=tuple(part.cell.tolist()),
        area_km2=float(area_km2(part.cell).sum()),
        pool=pool,
        deficit=float(part.deficit.mean()),
        probability=float(part.probability.mean()),
        score_women=float(by_women.mean()) if len(by_women) else float("nan"),
        needs=tuple(name for name, _ in causes if name in fixable),
        causes=causes,
        kind=kind,
        trend=Counter(part.trend.tolist()).most_common(1)[0][0],
        auditors=people[0],
        women=people[1],
        exposure=exposure,
        rank=rank,
    )


def _causes(estimates: CellEstimates, pools: Sequence[Pool]) -> list[tuple[Cause, ...]]:
    """Return the causes of each hotspot, false discoveries bounded over all of them together."""
    shape = (len(pools), len(estimates.instrument.ratings))
    _, causes = reasons(
        mean=np.array([pool.parameter_mean for pool in pools]).reshape(shape),
        sd=np.array([pool.parameter_sd for pool in pools]).reshape(shape),
        city=estimates.parameter_city,
        instrument=estimates.instrument,
        leverage=estimates.leverage,
    )
    return list(causes)


def _exposed(labels: NDArray[np.int64], exposure: Floats | None, *, count: int) -> Floats:
    """Return the exposure of each component, float[count]; NaN where that of its cells is unknown."""
    if exposure is None:
        return np.full(count, np.nan)
    return sums(labels[labels >= 0], exposure[labels >= 0], size=count)


def _people(
    labels: NDArray[np.int64],
    cells: NDArray[np.int64],
    cell: NDArray[np.int64],
    person: NDArray[np.int64],
    *,
    count: int,
) -> NDArray[np.int64]:
    """Return how many different people stand behind each component, from pairs of cell and person."""
    inside = np.isin(cell, cells[labels >= 0])
    return distinct_members(labels[np.searchsorted(cells, cell[inside])], person[inside], size=count)


def _new_id(cells: frozenset[int], taken: set[str]) -> str:
    """Return the first free one of the hashes of the cells: an id once given is never another hotspot's."""
    text = ";".join(map(str, sorted(cells)))
    salt = 0
    while (name := hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()[:10]) in taken:
        salt += 1
    return name
