"""How large the change is beside matched places, and how often places without a change show as much."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from analysis.effect.result import Effect
from analysis.effect.units import FIRST_DISC, PLACE, Units

Floats = NDArray[np.float64]

CONTROLS = 12
SIZE = 0.05
_POWER = 0.8
FEWEST_DISCS = 19
"""With fewer places to compare with, none of 20 ranks is rarer than 5 %."""
_RIDGE = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Placebos:
    """The same estimator on every disc: what it says where nothing was done."""

    units: Units
    matches: NDArray[np.int64]
    """int[units, CONTROLS]: the discs most like each unit, itself excepted."""
    estimate: Floats
    """float[units]: change beyond that of the matches, corrected for what they still differ in."""
    parts: tuple[float, float]
    """a and b of the variance of an estimate, a + b noise (Ferman and Pinto 2019)."""

    def of(self, unit: int, *, top: float) -> Effect:
        """Return the effect of a unit that was audited before and after at one daypart at least."""
        return self.judged(float(self.estimate[unit]), noise=float(self.units.noise[unit]), top=top)

    def judged(self, estimate: float, *, noise: float, top: float) -> Effect:
        """Return an estimate beside those of the discs, scaled to the variance that its noise makes expected.

        p is the rank of |estimate| among them, itself included (placebo in space: Abadie, Diamond and
        Hainmueller 2010, JASA 105); the interval holds all effects that would not be rejected.
        """
        a, b = self.parts
        discs = self.estimate[FIRST_DISC:] * np.sqrt(
            (a + b * noise) / (a + b * self.units.noise[FIRST_DISC:])
        )
        count = len(discs)
        edge = float(np.sort(np.abs(discs))[int(np.ceil((1 - SIZE) * (count + 1))) - 1])
        return Effect(
            estimate=estimate,
            low=estimate - edge,
            high=estimate + edge,
            p=float((1 + (np.abs(discs) >= abs(estimate)).sum()) / (1 + count)),
            detectable=edge - float(np.quantile(discs, 1 - _POWER)),
            top=top,
        )

    def trend_p(self) -> float | None:
        """Return the p of the place having been on another path before, by rank among the discs.

        None where it was audited in one half of the time before alone.
        """
        trend, noise = self.units.trend, self.units.trend_noise
        discs = slice(FIRST_DISC, None)
        apart = np.abs(trend - np.nanmean(trend[discs])) / np.sqrt(noise)
        known = ~np.isnan(apart[discs])
        if np.isnan(apart[PLACE]) or not known.any():
            return None
        return float((1 + (apart[discs][known] >= apart[PLACE]).sum()) / (1 + known.sum()))


def placebos(units: Units) -> Placebos:
    """Return the estimates of all units: matched differences in differences, bias-corrected.

    Each unit's change less the mean change of the 12 discs nearest in surprise, level, trend and log audits
    before, standardised; what they still differ in surprise is taken off by regression over the discs (Abadie
    and Imbens 2011, JBES 29). A place that looked worse than it was returns to what it is: that regression
    to the mean is in the surprise, for the field says what to expect. A disc is no control of itself. Needs
    FEWEST_DISCS discs.
    """
    z = _standardised(units)
    away = ((z[:, None, :] - z[None, FIRST_DISC:, :]) ** 2).sum(axis=2)
    own = np.arange(FIRST_DISC, len(units))
    away[own, own - FIRST_DISC] = np.inf
    matches = np.argsort(away, axis=1, kind="stable")[:, :CONTROLS] + FIRST_DISC
    estimate = np.array([_beyond(units, z[:, 0], unit, matches[unit]) for unit in range(len(units))])
    return Placebos(
        units=units,
        matches=matches,
        estimate=estimate,
        parts=_parts(estimate[FIRST_DISC:], units.noise[FIRST_DISC:]),
    )


def _standardised(units: Units) -> Floats:
    raw = np.column_stack([units.surprise, units.level, units.trend, np.log1p(units.audits[:, 0])])
    discs = raw[FIRST_DISC:]
    spread = np.nanstd(discs, axis=0)
    z = (raw - np.nanmean(discs, axis=0)) / np.where(spread > 0, spread, 1.0)
    return np.where(np.isnan(z), 0.0, z)


def _beyond(units: Units, surprise: Floats, unit: int, matches: NDArray[np.int64]) -> float:
    slope = _slope(units, surprise, without=unit)
    expected = units.change[matches] + slope * (surprise[unit] - surprise[matches])
    return float(units.change[unit] - expected.mean())


def _slope(units: Units, surprise: Floats, *, without: int) -> float:
    """Return how a disc's change goes with its surprise before: ridge regression over the other discs."""
    discs = np.arange(FIRST_DISC, len(units))
    discs = discs[discs != without]
    x = surprise[discs] - surprise[discs].mean()
    return float(x @ (units.change[discs] - units.change[discs].mean()) / (x @ x + _RIDGE))


def _parts(estimate: Floats, noise: Floats) -> tuple[float, float]:
    parts, _ = nnls(np.column_stack([np.ones(len(noise)), noise]), estimate**2)
    return (float(parts[0]), float(parts[1])) if parts.sum() > 0 else (0.0, 1.0)
