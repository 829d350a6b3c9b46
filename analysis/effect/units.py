"""The places compared: the treated one, its ring, and discs of its size far away; and what each shows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.effect.design import AFTER, BEFORE, Ground
from analysis.effect.residuals import Residuals
from analysis.groups import distinct_members, labels_of, ratio, sums
from geo import cells as h3cells
from geo.cells import Cells
from geo.sun import Daypart

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

PLACE, RING, FIRST_DISC = 0, 1, 2
_NO_UNIT = -1
MOST_DISCS = 120
_MOST_CENTRES = 4000
_FEWEST_AUDITS, _FEWEST_AUDITORS = 10, 3
"""On each side, for a disc to be compared with."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """The unit to which each cell belongs: PLACE, RING, or a disc FIRST_DISC, FIRST_DISC + 1, ..."""

    cells: Cells
    """Sorted; cells of no unit are left out."""
    unit: Indices
    size: int
    """How many units there are."""

    def unit_of(self, cells: Cells) -> Indices:
        """Return the unit of each cell, -1 where it is in none."""
        row = np.searchsorted(self.cells, cells).clip(max=len(self.cells) - 1)
        return np.where(self.cells[row] == cells, self.unit[row], _NO_UNIT)


def layout(
    ground: Ground, *, cell: Cells, side: NDArray[np.int8], auditor: Indices, rng: np.random.Generator
) -> Layout:
    """Return the place, its ring, and discs like the place around far cells, none sharing a cell.

    A disc has about as many cells as the place, 10 audits and 3 auditors on each side, none of its cells near
    an intervention. Discs audited before about as often as the place come first. Of a city of very many cells
    4,000 are tried as centres.
    """
    heard = np.unique(cell[ground.far(cell)])
    centres = np.sort(rng.permutation(heard)[:_MOST_CENTRES])
    members, lengths = h3cells.discs(centres, k=_radius(len(ground.plan.cells)))
    disc = np.repeat(np.arange(len(centres)), lengths)
    near = np.bincount(disc[~ground.far(members)], minlength=len(centres)) > 0
    counts = _counts(members, cell[side == BEFORE], disc, size=len(centres))
    wanted = int(np.isin(cell[side == BEFORE], ground.plan.cells).sum())
    unlike = np.abs(np.log((counts + 1) / (wanted + 1)))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    parts = [ground.plan.cells, ground.ring]
    taken: set[int] = set()
    for index in np.argsort(unlike, kind="stable").tolist():
        own = members[starts[index] : starts[index + 1]]
        if near[index] or not taken.isdisjoint(own.tolist()) or not _enough(own, cell, side, auditor):
            continue
        taken.update(own.tolist())
        parts.append(own)
        if len(parts) == MOST_DISCS + FIRST_DISC:
            break
    cells = np.concatenate(parts)
    order = np.argsort(cells)
    unit = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return Layout(cells=cells[order], unit=unit[order], size=len(parts))


@dataclass(frozen=True, kw_only=True, eq=False)
class Units:
    """One row per unit; rating steps. NaN where a unit has no daypart that was audited before and after."""

    change: Floats
    """Mean residual after less before, the same daypart compared."""
    noise: Floats
    """The variance of the change by the model of the audits alone."""
    surprise: Floats
    """Mean residual before: how far the answers lay from what the field makes of the place."""
    level: Floats
    """Mean level before."""
    trend: Floats
    """Mean residual of the later half of the time before less that of the earlier."""
    trend_noise: Floats
    audits: Indices
    """int[units, 2]: before and after."""
    auditors: Indices

    def __len__(self) -> int:
        return len(self.change)


def measured(residuals: Residuals, layout: Layout) -> Units:
    """Return what each unit of a layout shows."""
    answers = residuals.of
    unit = layout.unit_of(answers.cell)
    inside = unit >= 0
    side = answers.side.astype(np.int64)
    by_part = (layout.size, 2, len(Daypart))
    mean, worth = voiced(residuals, [unit, side, answers.daypart.astype(np.int64)], shape=by_part)
    noise = ratio(1, worth[:, BEFORE]) + ratio(1, worth[:, AFTER])
    share = np.where(np.isnan(noise), 0.0, ratio(1, noise))
    total = share.sum(axis=1)

    def over_parts(values: Floats) -> Floats:
        return ratio((np.where(share > 0, values, 0.0) * share).sum(axis=1), total)

    before, _ = voiced(residuals, [unit, side], shape=(layout.size, 2), values=residuals.level)
    first = answers.month[answers.side == BEFORE]
    late = (answers.month >= (np.median(first) if len(first) else 0)).astype(np.int64)
    late = np.where(answers.side == BEFORE, late, 2)
    halves, halves_worth = voiced(residuals, [unit, late], shape=(layout.size, 3))
    group = (unit * 2 + side)[inside]
    return Units(
        change=over_parts(mean[:, AFTER] - mean[:, BEFORE]),
        noise=ratio(1, total),
        surprise=over_parts(mean[:, BEFORE]),
        level=before[:, BEFORE],
        trend=halves[:, 1] - halves[:, 0],
        trend_noise=ratio(1, halves_worth[:, 0]) + ratio(1, halves_worth[:, 1]),
        audits=np.bincount(group, minlength=2 * layout.size).reshape(-1, 2),
        auditors=distinct_members(group, answers.auditor[inside], size=2 * layout.size).reshape(-1, 2),
    )


def voiced(
    residuals: Residuals, keys: list[Indices], *, shape: tuple[int, ...], values: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return the mean and its precision by key, float[shape]; NaN and 0 where nobody was heard.

    One auditor's m audits under one key are one voice of precision m / (s2 + m g2), as in the score: it
    saturates, so that nobody makes the mean alone. Of a voice so much counts as its answers are believed in
    the mean. Rows whose first key is negative are left out.
    """
    values = residuals.residual if values is None else values
    inside = keys[0] >= 0
    key = np.ravel_multi_index([one[inside] for one in keys], shape)
    voice, count = labels_of([key, residuals.of.auditor[inside]])
    of_key = np.zeros(count, dtype=np.int64)
    of_key[voice] = key
    said = np.bincount(voice, minlength=count)
    believed = sums(voice, residuals.belief[inside], size=count)
    weight = believed / (residuals.audit_variance + said * residuals.pair_variance)
    mean = sums(voice, values[inside], size=count) / said
    size = int(np.prod(shape))
    worth = sums(of_key, weight, size=size)
    return ratio(sums(of_key, weight * mean, size=size), worth).reshape(shape), worth.reshape(shape)


def _radius(cells: int) -> int:
    """Return the k whose disc of 3k(k+1)+1 cells is nearest in size."""
    sizes = 3.0 * (k := np.arange(100)) * (k + 1) + 1
    return int(np.argmin(np.abs(np.log(sizes / cells))))


def _counts(members: Cells, cell: Cells, disc: Indices, *, size: int) -> Indices:
    """Return how many audits lie in each disc."""
    heard, audits = np.unique(cell, return_counts=True)
    row = np.searchsorted(heard, members).clip(max=max(len(heard) - 1, 0))
    found = heard[row] == members if len(heard) else np.zeros(len(members), dtype=np.bool_)
    return sums(disc[found], audits[row[found]].astype(np.float64), size=size).astype(np.int64)


def _enough(own: Cells, cell: Cells, side: NDArray[np.int8], auditor: Indices) -> bool:
    inside = np.isin(cell, own)
    sides = (side[inside] == BEFORE, side[inside] == AFTER)
    return all(
        one.sum() >= _FEWEST_AUDITS and len(np.unique(auditor[inside][one])) >= _FEWEST_AUDITORS
        for one in sides
    )
