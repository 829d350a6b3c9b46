"""What one audit says of its place: the weighted mean of its place ratings, on one common scale."""

import hashlib
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
    """How much each place rating counts: its share by name.

    None is 0, so that whose audits bear on a score does not depend on the weights.
    """

    values: dict[str, float]
    source: str
    """How they came about, for the record of the run."""

    def __post_init__(self) -> None:
        wrong = {name: weight for name, weight in self.values.items() if not 0 < weight <= 1}
        if wrong:
            raise ValueError(f"weights {wrong}: must be above 0 and at most 1")
        if self.values and abs(sum(self.values.values()) - 1) > 1e-6:
            raise ValueError(f"weights sum to {sum(self.values.values())}, must sum to 1")

    @property
    def version(self) -> str:
        """A short hash of the values: the same exactly where scores mean the same."""
        text = ";".join(f"{name} {weight:.6f}" for name, weight in sorted(self.values.items()))
        return hashlib.sha256(text.encode()).hexdigest()[:8]


def equal_weights(instrument: Instrument, *, source: str = "equal") -> Weights:
    """Return the same weight for every place rating."""
    share = 1 / max(len(instrument.place), 1)
    return Weights(values={rating.name: share for rating in instrument.place}, source=source)


def scale_top(instrument: Instrument) -> int:
    """Return the top L of the composite's scale 0..L: the place ratings' own if they share one, else 3."""
    tops = {top_of(rating) for rating in instrument.place}
    return tops.pop() if len(tops) == 1 else MIXED_TOP


def composite(observations: Observations, weights: Weights, *, at_any_hour: bool = False) -> Floats:
    """Return each audit's y, float[n] on 0..scale_top, NaN where no place rating counts.

    y = sum(w_p s_p L / L_p) / sum(w_p) over the place ratings p that were answered and count in the audit's
    daypart, or `at_any_hour` over those of them that count in all dayparts; s_p on 0..L_p.
    """
    instrument = observations.instrument
    levels = counting_levels(observations)
    if at_any_hour:
        always = [all(map(rating.counts_in, Daypart)) for rating in instrument.ratings]
        levels = np.where(always, levels, np.nan)
    answered, share = ~np.isnan(levels), _shares(instrument, weights)
    total = np.where(answered, levels, 0) @ steps(instrument, weights)
    return ratio(total, answered @ share)


def steps(instrument: Instrument, weights: Weights) -> Floats:
    """Return by how much the composite rises per level of each rating, float[p], where all count.

    0 for what is not of the place.
    """
    scale = np.array([scale_top(instrument) / top_of(rating) for rating in instrument.ratings])
    return np.asarray(_shares(instrument, weights) * scale)


def leverage(observations: Observations, weights: Weights) -> Floats:
    """Return by how much the composite of an audit rises per level of each rating, float[p], on average.

    The mean over the audits that bear on the score, so that what counts only at night, or is seldom
    answered, has less; 0 for what is not of the place.
    """
    heard = observations.where(observations.counted)
    weight = ~np.isnan(counting_levels(heard)) * _shares(heard.instrument, weights)
    total = weight.sum(axis=1)
    bears = total > 0
    counts = (weight[bears] > 0) / total[bears, None]
    return np.asarray(counts.sum(axis=0) / max(int(bears.sum()), 1) * steps(heard.instrument, weights))


def counting_levels(observations: Observations) -> Floats:
    """Return the ratings, float[n, p], NaN where missing or where they do not count in the daypart."""
    given = (observations.ratings != MISSING) & counting(observations)
    return np.where(given, observations.ratings, np.nan)


def counting(observations: Observations) -> NDArray[np.bool_]:
    """Return whether each rating counts in the daypart of the audit, answered or not, bool[n, p]."""
    ratings = observations.instrument.ratings
    counts = np.array([[rating.counts_in(daypart) for rating in ratings] for daypart in Daypart], dtype=bool)
    return np.asarray(counts.reshape(len(Daypart), -1)[observations.daypart])


def bearing(observations: Observations) -> NDArray[np.bool_]:
    """Return which audits bear on the score: of counted auditors, with a place rating that counts."""
    return observations.counted & ~np.isnan(composite(observations, equal_weights(observations.instrument)))


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


def _shares(instrument: Instrument, weights: Weights) -> Floats:
    """Return the weight of each rating, 0 for what is not of the place."""
    return np.array(
        [
            weights.values.get(rating.name, 0.0) if rating.role is Role.PLACE else 0.0
            for rating in instrument.ratings
        ]
    )
