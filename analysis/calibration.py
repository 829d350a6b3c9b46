"""How much each place rating counts: learnt from what makes people feel safe, once enough of them said."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import nnls

from analysis.instrument import Instrument
from analysis.moments import Moments
from analysis.observations import Observations
from analysis.score import Weights, equal_weights

Floats = NDArray[np.float64]

FEWEST_AUDITS, FEWEST_AUDITORS = 500, 30
"""With fewer, weights stay equal."""
WIDEST = 0.15
"""The widest 95 % interval of a share with which fitted weights are used."""
WEAKEST = 0.1
"""All ratings from worst to best must raise the outcome by this share of its scale at least."""
_HELD = 100.0
"""So many audits' worth of evidence says that all ratings count alike."""
_ROUNDS = 8
"""Of slopes and hours in turn; by then nothing moves."""
_RESAMPLES = 400
_HUNDREDTHS = 100
_HALF = 0.5 / _HUNDREDTHS
"""What rounding moves a weight."""
_MOST_RATINGS = 25
"""So that a hundredth is less than half of an equal share."""
_TINY = 1e-9
"""Beside variances of shares of a scale nothing: keeps what never varies at a slope of 0."""


@dataclass(frozen=True)
class Interval:
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """The weights of a run and how they came about; estimates by name of the place rating, or empty."""

    weights: Weights
    """`source` is `fitted`, or why they are equal."""
    shares: dict[str, Interval]
    """Non-negative estimates, sum 1."""
    slopes: dict[str, Interval]
    """Unconstrained: by which share of its scale the outcome rises as the rating goes from worst to best."""


def calibrate(
    observations: Observations, rng: np.random.Generator, *, held: Weights | None = None
) -> Calibration:
    """Return weights by which the place ratings of counted auditors explain the outcome; else equal ones.

    Ridge regression within auditor and daypart, from Gram matrices (`slopes`). Shares are the slopes under
    b >= 0, divided by their sum; weights are shares in hundredths. Intervals are percentiles of 400 bootstrap
    samples of auditors. Weights are equal, and `source` says why, where there is no outcome (`no_outcome`),
    below 500 audits (`few_audits`) or 30 people who made two at the same daypart (`few_auditors`), where all
    ratings together raise the outcome by less than a tenth of its scale (`no_relation`), where a share's
    interval is wider than 0.15 (`uncertain`), or with more than 25 ratings (`many_ratings`).

    `held` are the fitted weights of the run before: they stay while each lies in its interval, so that single
    audits change no weight and scores keep their meaning from run to run.
    """
    instrument = observations.instrument
    if instrument.outcome is None or len(instrument.place) > _MOST_RATINGS:
        return _equal(instrument, "no_outcome" if instrument.outcome is None else "many_ratings")
    moments = Moments.of(observations, instrument.outcome, rng)
    if moments.audits < FEWEST_AUDITS:
        return _equal(instrument, "few_audits")
    if moments.auditors < FEWEST_AUDITORS:
        return _equal(instrument, "few_auditors")
    return _fitted(instrument, moments, rng, held)


def slopes(moments: Moments, copies: Floats, *, positive: bool) -> Floats:
    """Return how far the outcome rises with each place rating, float[m, p], on scales of 0..1.

    Each block of auditors is taken `copies`, float[m, blocks], times. With c_d how much the hour d lets all
    ratings say (its mean over audits is 1), and n audits, slopes b minimise

        sum_d n_d / n (c_d^2 b'S_d b - 2 c_d b's_d) + 100 / n * v * sum_p (b_p - mean b)^2

    over b, or over b >= 0 where `positive`, and over c. S_d, s_d are the covariances of place ratings and
    outcome, v the mean variance: a ridge that draws slopes to each other, as if 100 audits had said that all
    ratings count alike.
    """
    covariance = moments.covariance(copies)
    audits = copies @ moments.freedom[:, :, -1, -1]
    return np.array([_slopes(*one, positive=positive) for one in zip(covariance, audits, strict=True)])


def _slopes(covariance: Floats, audits: Floats, *, positive: bool) -> Floats:
    inner, outer = covariance[:, :-1, :-1], covariance[:, :-1, -1]
    p, total = outer.shape[1], max(float(audits.sum()), 1.0)
    part = audits / total
    scale = float(part @ np.trace(inner, axis1=1, axis2=2)) / p
    held = _HELD / total * scale * (np.eye(p) - 1 / p) + _TINY * np.eye(p)
    hour, found = np.ones(len(audits)), np.zeros(p)
    for _ in range(_ROUNDS):
        root = cholesky(np.tensordot(part * hour**2, inner, axes=1) + held)
        target = solve_triangular(root, (part * hour) @ outer, trans="T")
        found = nnls(root, target)[0] if positive else solve_triangular(root, target)
        said = np.maximum(outer @ found, 0)
        spread = np.einsum("p,dpq,q->d", found, inner, found)
        hour = np.divide(said, spread, out=np.ones(len(audits)), where=spread > 0)
        if not part @ hour:
            break
        hour /= part @ hour
    return np.asarray(found)


def _equal(instrument: Instrument, reason: str) -> Calibration:
    return Calibration(weights=equal_weights(instrument, source=reason), shares={}, slopes={})


def _fitted(
    instrument: Instrument, moments: Moments, rng: np.random.Generator, held: Weights | None
) -> Calibration:
    blocks = len(moments.cross)
    resampled = rng.multinomial(blocks, np.full(blocks, 1 / blocks), size=_RESAMPLES)
    copies = np.vstack([np.ones(blocks), resampled])
    names = [rating.name for rating in instrument.place]
    positive = slopes(moments, copies, positive=True)
    shares = dict(zip(names, _intervals(_shares(positive)), strict=True))
    if positive[0].sum() < WEAKEST:
        weights = equal_weights(instrument, source="no_relation")
    elif max(one.high - one.low for one in shares.values()) > WIDEST:
        weights = equal_weights(instrument, source="uncertain")
    elif held is not None and _agree(held, shares):
        weights = held
    else:
        values = _hundredths(np.array([one.value for one in shares.values()]))
        weights = Weights(values=dict(zip(names, values, strict=True)), source="fitted")
    free = _intervals(slopes(moments, copies, positive=False))
    return Calibration(weights=weights, shares=shares, slopes=dict(zip(names, free, strict=True)))


def _agree(held: Weights, shares: dict[str, Interval]) -> bool:
    return held.values.keys() == shares.keys() and all(
        one.low - _HALF <= held.values[name] <= one.high + _HALF for name, one in shares.items()
    )


def _shares(positive: Floats) -> Floats:
    total = positive.sum(axis=1, keepdims=True)
    alike = np.full_like(positive, 1 / positive.shape[1])
    return np.asarray(np.divide(positive, total, out=alike, where=total > 0))


def _intervals(values: Floats) -> list[Interval]:
    """Return the first row with the middle 95 % of the others."""
    low, high = np.quantile(values[1:], [0.025, 0.975], axis=0)
    return [Interval(*(float(part) for part in parts)) for parts in zip(values[0], low, high, strict=True)]


def _hundredths(shares: Floats) -> list[float]:
    """Return shares in hundredths, one at least, that sum to 1: Huntington and Hill's apportionment.

    Rounding keeps weights as they are from night to night, and lets everybody recompute a score; with none
    at 0, whose audit bears on the score does not depend on the weights.
    """
    units = np.ones(len(shares))
    for _ in range(_HUNDREDTHS - len(shares)):
        units[np.argmax(shares / np.sqrt(units * (units + 1)))] += 1
    return [float(unit) / _HUNDREDTHS for unit in units]
