"""What women's audits say, and what men's: the same analysis of each group's audits alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.observations import Observations
from analysis.recency import Recency
from analysis.recipe import Variant, canonical_order, count_parts, variant_of
from analysis.score import Weights

GROUPS = {"gender:woman": 1, "gender:man": 2}
"""What the groups are called, and their codes in `Observations.gender`."""
PARTS = 3
"""Women, men, and the rest: few say that they are neither, and some say nothing."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ByGender:
    """What a run knows of groups; only the disclosure gate makes rows of it."""

    groups: Mapping[str, Variant]
    """By name, as in GROUPS."""
    cell: NDArray[np.int64]
    """All cells, sorted."""
    part_audits: NDArray[np.int64]
    """int[m, 4]: all audits of each cell by women, men and the rest, and last those that are not split."""
    part_auditors: NDArray[np.int64]
    """int[m, 4]: different counted auditors behind them whose audits bear on the score."""


def gender_part(gender: NDArray[np.int8]) -> NDArray[np.int64]:
    """Return the part to which each auditor belongs, 0..2: women, men, the rest."""
    return np.select([gender == code for code in GROUPS.values()], range(len(GROUPS)), default=len(GROUPS))


def analyse_by_gender(
    observations: Observations,
    *,
    weights: Weights,
    seed: int,
    recency: Recency | None = None,
    split: NDArray[np.bool_] | None = None,
) -> ByGender:
    """Return estimates of women's audits and of men's; independent of the order of rows.

    `split`, bool[n], says which audits may be told apart; without it, all. Each group stands against its own
    city and by itself: nothing is borrowed from the other's audits.
    """
    if split is None:
        split = np.ones(len(observations), dtype=np.bool_)
    order = canonical_order(observations, split)
    observations, split = observations.where(order), split[order]
    part: NDArray[Any] = np.where(split, gender_part(observations.gender), PARTS)
    audits, auditors = count_parts(observations, part, parts=PARTS + 1)
    generators = np.random.default_rng([seed, PARTS]).spawn(len(GROUPS))
    recency = recency or Recency.at_latest(observations.observed_day[observations.counted])
    return ByGender(
        groups={
            name: variant_of(observations.where(part == number), weights, rng, recency)
            for number, (name, rng) in enumerate(zip(GROUPS, generators, strict=True))
        },
        cell=np.unique(observations.cell),
        part_audits=audits,
        part_auditors=auditors,
    )
