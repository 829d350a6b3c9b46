"""Which cells an audience may see, whole and by part."""

from collections.abc import Set

import numpy as np
from numpy.typing import NDArray

from analysis.by_gender import ByGender
from analysis.recipe import Analysis, Variant

Mask = NDArray[np.bool_]


def enough(variant: Variant, k: int) -> Mask:
    """Return which cells have k counted auditors behind the score."""
    found: Mask = variant.estimates.counted_auditors >= k
    return found


def visible(analysis: Analysis, *, k: int, shown: Set[int]) -> Mask:
    """Return which cells everyone may see."""
    cell = analysis.everything.estimates.cell
    return enough(analysis.everything, k) & np.isin(cell, np.fromiter(shown, np.int64, len(shown)))


def divisible(audits: NDArray[np.int64], auditors: NDArray[np.int64], k: int) -> Mask:
    """Return which cells have k counted auditors in every part that has audits at all."""
    fine = (audits == 0) | (auditors >= k)
    return np.asarray(fine.all(axis=1))


def by_hour(analysis: Analysis, *, k: int, shown: Set[int]) -> tuple[Variant, Variant]:
    """Return what everyone may see of day and of night."""
    fine = visible(analysis, k=k, shown=shown) & divisible(analysis.part_audits, analysis.part_auditors, k)
    cell = analysis.everything.estimates.cell[fine]
    return _within(analysis.day, cell, k), _within(analysis.night, cell, k)


def by_gender(analysis: Analysis, groups: ByGender | None, *, k: int, shown: Set[int]) -> dict[str, Variant]:
    """Return what everyone may see of women and of men, by group."""
    if groups is None:
        return {}
    fine = visible(analysis, k=k, shown=shown) & divisible(groups.part_audits, groups.part_auditors, k)
    cell = groups.cell[fine]
    return {name: _within(variant, cell, k) for name, variant in groups.groups.items()}


def _within(part: Variant, cell: NDArray[np.int64], k: int) -> Variant:
    return part.where(enough(part, k) & np.isin(part.estimates.cell, cell))
