"""Fields behind slices of time: one alone, and one with what changed since."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.field.city import Posterior
from analysis.field.prior import Prior
from analysis.field.solver import conjugate_gradients, jacobi
from analysis.history.slices import Slices

Floats = NDArray[np.float64]

HELD, HELD_WEIGHT = 0.02, 4.0
"""The variance of change on 0..3, a tenth of what places differ by, held with so many degrees of freedom."""
_HELD_TOP = 3.0
_ROUNDS, _STEADY, _TRACE_DRAWS = 20, 0.02, 8
_EXACT, _ROUGH = 1e-8, 1e-3
_BLOCK = 50


@dataclass(frozen=True, kw_only=True, eq=False)
class Alone:
    """y = x[cell] + u[cell] in one slice of time that knows no other; x = K z, z ~ prior, u ~ N(0, own).

    u is summed out: given x, the mean of a cell's audits has the variance own + 1 / weight.
    """

    prior: Prior
    own: float
    weight: Floats
    mean: Floats
    """float[n] both, as in Slices."""

    def solve(self) -> Floats:
        """Return the posterior mean of x + u, float[n]."""
        told = self._smoothed((self._precision * self.mean)[:, None])
        x = self._solve(told, tolerance=_EXACT)[:, 0]
        return np.asarray(x + self._kept * (self.mean - x))

    def draws(self, count: int, rng: np.random.Generator) -> Iterator[Floats]:
        """Yield `count` draws of x + u around its mean, in blocks float[n, k]."""
        for x in self._fields(count, rng):
            own = np.sqrt(self._left)[:, None] * rng.standard_normal(x.shape)
            yield (1 - self._kept)[:, None] * x + own

    def variance(self, count: int, rng: np.random.Generator) -> Floats:
        """Return the posterior variance of x + u, float[n]: var E(x + u | x) + E var(u | x)."""
        spread = np.zeros(len(self.weight))
        for x in self._fields(count, rng):
            spread += (x**2).sum(axis=1)
        return np.asarray((1 - self._kept) ** 2 * spread / count + self._left)

    @property
    def _precision(self) -> Floats:
        return self.weight / (1 + self.own * self.weight)

    @property
    def _kept(self) -> Floats:
        """The share of what audits say beyond x that is believed to be the cell's own."""
        return self.own * self._precision

    @property
    def _left(self) -> Floats:
        """The variance of u given x."""
        return self.own / (1 + self.own * self.weight)

    def _fields(self, count: int, rng: np.random.Generator) -> Iterator[Floats]:
        """Yield draws of x (perturb and MAP)."""
        for first in range(0, count, _BLOCK):
            shape = (len(self.weight), min(_BLOCK, count - first))
            told = np.sqrt(self._precision)[:, None] * rng.standard_normal(shape)
            yield self._solve(self._smoothed(told) + self.prior.noise(shape[1], rng), tolerance=_ROUGH)

    def _solve(self, rhs: Floats, *, tolerance: float) -> Floats:
        """Return x for the right-hand sides of z."""
        diagonal = self.prior.diagonal + self.prior.land.smoothed_diagonal(self._precision)
        z = conjugate_gradients(self._apply, rhs, precondition=jacobi(diagonal), tolerance=tolerance)
        return self._smoothed(z)

    def _apply(self, z: Floats) -> Floats:
        return self.prior.precision_times(z, told=self._precision[:, None] * self._smoothed(z))

    def _smoothed(self, x: Floats) -> Floats:
        return self.prior.land.smoothed(x)


@dataclass(frozen=True, kw_only=True, eq=False)
class BeforeAndChange:
    """y = (x + u)[cell] in the first slice, (x + u + d)[cell] in the second; u ~ N(0, own) is summed out.

    x = K z, z ~ before; d ~ since, not smoothed: what changed may end at a street. Columns hold z in their
    first n rows and d in the others.
    """

    slices: Slices
    own: float
    before: Prior
    since: Prior

    def solve(self) -> tuple[Floats, Floats]:
        """Return the posterior means of x and d, float[n] each."""
        z, d = self._solve(self._told(*self.slices.mean), tolerance=_EXACT)
        return self._smoothed(z)[:, 0], d[:, 0]

    def draws(self, count: int, rng: np.random.Generator) -> Iterator[Floats]:
        """Yield `count` draws of d around its mean, in blocks float[n, k] (perturb and MAP)."""
        for first in range(0, count, _BLOCK):
            yield self._solve(self._noise(min(_BLOCK, count - first), rng), tolerance=_ROUGH)[1]

    def next_variance(self, held: float, rng: np.random.Generator) -> float:
        """Return the next variance of d in the fixed point of REML: squares over effective parameters.

        The number of parameters that d takes up is sum w cov(d, x + d) over the second slice, from draws.
        """
        rhs = np.hstack([self._told(*self.slices.mean), self._noise(_TRACE_DRAWS, rng)])
        z, d = self._solve(rhs, tolerance=_ROUGH)
        squares = float(d[:, 0] @ self.since.roughness_times(d[:, :1])[:, 0])
        x = self._smoothed(z[:, 1:])
        _, second = self._weighed(x, x + d[:, 1:])
        freedom = max(float((d[:, 1:] * second).sum()) / _TRACE_DRAWS - 1, 0.0)
        return (squares + HELD_WEIGHT * held) / (freedom + HELD_WEIGHT)

    @property
    def _n(self) -> int:
        return len(self.before.land)

    def _told(self, first: Floats, second: Floats) -> Floats:
        first, second = self._weighed(first[:, None], second[:, None])
        return np.vstack([self._smoothed(first + second), second])

    def _weighed(self, first: Floats, second: Floats) -> tuple[Floats, Floats]:
        """Return what audits of these means say of x and of d, [n, k], u being summed out."""
        weight = self.slices.weight[:, :, None]
        return self._without_own(weight[0] * first, weight[1] * second)

    def _without_own(
        self, first: Floats, second: Floats, noise: Floats | float = 0.0
    ) -> tuple[Floats, Floats]:
        weight = self.slices.weight[:, :, None]
        told = self._shared[:, None] * (first + second + noise)
        return first - weight[0] * told, second - weight[1] * told

    @property
    def _shared(self) -> Floats:
        """The variance of u given x and d."""
        return np.asarray(self.own / (1 + self.own * self.slices.weight.sum(axis=0)))

    def _noise(self, count: int, rng: np.random.Generator) -> Floats:
        """Draw right-hand sides of mean 0 whose covariance is the precision of the posterior."""
        first, second = (
            np.sqrt(weight)[:, None] * rng.standard_normal((self._n, count)) for weight in self.slices.weight
        )
        own = rng.standard_normal((self._n, count)) / np.sqrt(self.own)
        first, second = self._without_own(first, second, own)
        x = self._smoothed(first + second)
        return np.vstack([x + self.before.noise(count, rng), second + self.since.noise(count, rng)])

    def _solve(self, rhs: Floats, *, tolerance: float) -> tuple[Floats, Floats]:
        whole, second = self.slices.weight.sum(axis=0), self.slices.weight[1]
        diagonal = np.concatenate(
            [
                self.before.diagonal + self.before.land.smoothed_diagonal(whole - self._shared * whole**2),
                self.since.diagonal + second - self._shared * second**2,
            ]
        )
        both = conjugate_gradients(self._apply, rhs, precondition=jacobi(diagonal), tolerance=tolerance)
        return both[: self._n], both[self._n :]

    def _apply(self, both: Floats) -> Floats:
        z, d = both[: self._n], both[self._n :]
        x = self._smoothed(z)
        first, second = self._weighed(x, x + d)
        return np.vstack(
            [
                self.before.precision_times(z, told=first + second),
                self.since.precision_times(d) + second,
            ]
        )

    def _smoothed(self, x: Floats) -> Floats:
        return self.before.land.smoothed(x)


def fit(slices: Slices, found: Posterior, *, top: float, rng: np.random.Generator) -> BeforeAndChange:
    """Return the fields behind two slices, the variance of change estimated and held to HELD.

    Restricted maximum likelihood by fixed point, as `analysis.field.variances`: in a city where nothing
    changed it goes towards 0, and so does every estimate of change. Each round sees the same noise.
    """
    before = found.system.prior
    held = HELD * (top / _HELD_TOP) ** 2
    both = BeforeAndChange(
        slices=slices, own=found.system.variances.own, before=before, since=replace(before, variance=held)
    )
    seed = int(rng.integers(2**63))
    for _ in range(_ROUNDS):
        now = both.since.variance
        found_variance = both.next_variance(held, np.random.default_rng(seed))
        both = replace(both, since=replace(before, variance=found_variance))
        if abs(found_variance - now) <= _STEADY * found_variance:
            break
    return both
