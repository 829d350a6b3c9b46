"""How much an audit says of today: half of what it said, one half-life ago."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from analysis.observations import NO_DAY

Floats = NDArray[np.float64]
Days = NDArray[np.int32]

HALF_LIFE_DAYS = 180.0
_OLDEST = 20.0
"""Half-lives after which an audit fades no further: it counts a millionth, and nothing underflows."""


@dataclass(frozen=True, kw_only=True)
class Recency:
    """From which day ages are counted (days since 1970-01-01), and at which age an audit counts half."""

    today: int
    half_life_days: float = HALF_LIFE_DAYS

    def __post_init__(self) -> None:
        if not self.half_life_days > 0:
            raise ValueError(f"half_life_days={self.half_life_days}: must be above 0")

    @classmethod
    def at_latest(cls, day: Days) -> Self:
        """Return the recency at the latest known one of some days, 1970-01-01 where none is known."""
        known = day[day != NO_DAY]
        return cls(today=int(known.max(initial=0)))

    def weight(self, day: Days) -> Floats:
        """Return what audits of these days count, float[n] in 0..1: 2^(-age / half-life).

        Audits of today or later count 1, those of an unknown day (NO_DAY) the mean of the others, or 1 where
        all are unknown.
        """
        known = day != NO_DAY
        age = np.maximum(self.today - day.astype(np.float64), 0) / self.half_life_days
        weight = 0.5 ** np.minimum(age, _OLDEST)
        return np.where(known, weight, weight[known].mean() if known.any() else 1.0)
