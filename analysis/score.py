"""What one audit says of its place: the weighted mean of its place ratings, on one common scale."""

from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from analysis.groups import ratio
from analysis.instrument import Instrument, Question, Role
from analysis.observations import MISSING, Observations
from geo.sun import Daypart

Floats = NDArray[np.float64]

MIXED_TOP = 3
"""The scale of composites where place ratings have different tops: 0..3, as most safety audits."""
PUBLISHED_TOP = 5.0


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each place rating counts: its share by name; published with the version that made them."""

    values: dict[str, float]
    version: int
    source: str

    def __post_init__(self) -> None:
        wrong = {name: weight for name, weight in self.values.items() if not 0 <= weight <= 1}
        if wrong:
            raise ValueError(f"weights {wrong}: must be 0 to 1")
        if self.values and abs(sum(self.values.values()) - 1) > 1e-6:
            raise ValueError(f"weights sum to {sum(self.values.values())}, must sum to 1")


def equal_weights(instrument: Instrument) -> Weights:
    """Return the same weight for every place rating."""
    share = 1 / max(len(instrument.place), 1)
    return Weights(values={rating.name: share for rating in instrument.place}, version=1, source="equal")


def scale_top(instrument: Instrument) -> int:
    """Return the top L of the composite's scale 0..L: the place ratings' own if they share one, else 3."""
    tops = {top_of(rating) for rating in instrument.place}
    return tops.pop() if len(tops) == 1 else MIXED_TOP


def composite(observations: Observations, weights: Weights) -> Floats:
    """Return each audit's y, float[n] on 0..scale_top, NaN where no place rating counts.

    y = sum(w_p s_p L / L_p) / sum(w_p) over the place ratings p that were answered and count in the audit's
    daypart; s_p on 0..L_p.
    """
    instrument = observations.instrument
    scale = np.array([scale_top(instrument) / top_of(rating) for rating in instrument.ratings])
    share = np.array([_weight(rating, weights) for rating in instrument.ratings])
    levels = counting_levels(observations)
    answered = ~np.isnan(levels)
    weight = answered @ share
    total = np.where(answered, levels, 0) @ (share * scale)
    return ratio(total, weight)


def counting_levels(observations: Observations) -> Floats:
    """Return the ratings, float[n, p], NaN where missing or where they do not count in the daypart."""
    ratings = observations.instrument.ratings
    counts = np.array([[rating.counts_in(daypart) for rating in ratings] for daypart in Daypart], dtype=bool)
    given = (observations.ratings != MISSING) & counts.reshape(len(Daypart), -1)[observations.daypart]
    return np.where(given, observations.ratings, np.nan)


@overload
def to_five(y: float, *, top: float) -> float: ...
@overload
def to_five(y: Floats, *, top: float) -> Floats: ...
def to_five(y: float | Floats, *, top: float) -> float | Floats:
    """Return rating steps on 0..top as a published score on 0..5."""
    return y * (PUBLISHED_TOP / top)


def top_of(rating: Question) -> int:
    """Return the highest level of a rating."""
    assert rating.top is not None, rating.name  # noqa: S101 (instruments are checked at construction)
    return rating.top


def _weight(rating: Question, weights: Weights) -> float:
    return weights.values.get(rating.name, 0.0) if rating.role is Role.PLACE else 0.0
