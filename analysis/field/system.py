"""What audits and prior say together of every cell and every auditor."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.field.cellwise import Cellwise
from analysis.field.prior import Prior
from analysis.field.solver import conjugate_gradients
from analysis.field.strangers import Crowds, crowds
from analysis.field.terms import Effects, Variances
from analysis.groups import ratio, sums
from analysis.pairs import Voices

Floats = NDArray[np.float64]
Groups = NDArray[np.int64]

NO_GROUP = -1
EXACT, FINE, ROUGH, DRAWN = 1e-7, 1e-4, 1e-3, 5e-3
"""Tolerances: of a published mean, of a variance, of a round of estimation, and of a draw: that takes less
than 0.3 % off an sd, of which 400 draws know 3.5 %."""
_BLOCK_NUMBERS = 16_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class System:
    """y = x[cell] + u[cell] + v[crowd] + b[auditor] + e: the normal equations of a city.

    x = K z, the mean over a cell's disc of z ~ prior; u ~ N(0, own), b ~ N(0, auditor), v ~ N(0, crowd),
    which the strangers of one kind in one cell share; the mean of a voice of size m has variance
    pair + audit / m. Effects of auditors who share a group 0, 1, ... sum to 0; those of NO_GROUP are free. u
    and v are summed out cell by cell; conjugate gradients find z and b.
    """

    prior: Prior
    voices: Voices
    variances: Variances
    group: Groups
    crowd: Floats
    """The variance of what the strangers of each kind share, float[KINDS, cells]."""

    @cached_property
    def weight(self) -> Floats:
        """The precision of each voice: at most 1 / pair, however many audits stand behind it."""
        size = self.voices.size
        return np.asarray(size / (self.variances.audit + size * self.variances.pair))

    @cached_property
    def crowds(self) -> Crowds:
        """Which voices share an effect."""
        return crowds(self.voices, self.crowd)

    @cached_property
    def cellwise(self) -> Cellwise:
        """The effects that each cell has to itself."""
        weight = sums(self.crowds.of, self.weight, size=len(self.crowds.cell))
        return Cellwise(crowds=self.crowds, cells=self.voices.cells, own=self.variances.own, weight=weight)

    def solve(self, values: Floats) -> Effects:
        """Return the posterior means in one column; values float[voices]."""
        return self._solve(*self._summed((self.weight * values)[:, None]), tolerance=EXACT)

    def rough(self, values: Floats, draws: int, rng: np.random.Generator) -> Effects:
        """Return the posterior means to 1e-3 in the first column, and then draws around them, at once."""
        told = self._summed((self.weight * values)[:, None])
        both = zip(told, self._noise(draws, rng), strict=True)
        return self._solve(*(np.hstack(parts) for parts in both), tolerance=ROUGH)

    def draws(self, count: int, rng: np.random.Generator) -> Iterator[Effects]:
        """Yield `count` draws of the posterior around its mean, in blocks.

        Perturb and MAP (Papandreou and Yuille 2010): the solution for a right-hand side of covariance P has
        covariance P^-1.
        """
        numbers = len(self.weight) + 6 * self.voices.cells + 1
        block = max(1, min(count, _BLOCK_NUMBERS // numbers))
        for first in range(0, count, block):
            yield self._solve(*self._noise(min(block, count - first), rng), tolerance=DRAWN)

    def covariance(self, sums: sparse.csc_matrix) -> Floats:
        """Return the posterior covariance of weighted sums of places, float[g, g]; `sums` is cells x g.

        S' P^-1 S by one solve for each sum, to 1e-4: no draws.
        """
        count = sums.shape[1]
        found = np.zeros((count, count))
        block = max(1, _BLOCK_NUMBERS // (4 * self.voices.cells + 1))
        for first in range(0, count, block):
            cells = sums[:, first : first + block].toarray()
            no_crowd, no_auditor = (np.zeros((size, cells.shape[1])) for size in self._sizes)
            solved = self._solve(self._smoothed(cells), cells, no_crowd, no_auditor, tolerance=FINE)
            found[:, first : first + block] = sums.T @ solved.place
        return np.asarray((found + found.T) / 2)

    def centred_away(self) -> tuple[Floats, Floats]:
        """Return what it does to the places if a centred group is severer than people are, and its variance.

        Float[n, g]: by how much the means of cells rise where each group's values do by 1; float[g]: the
        variance of the mean severity of so many people, which centring holds to be 0.
        """
        members = np.bincount(self.group[self.group != NO_GROUP])
        told = self.weight[:, None] * np.equal.outer(self.group[self.voices.auditor], np.arange(len(members)))
        return self._solve(*self._summed(told), tolerance=FINE).place, self.variances.auditor / members

    def said(self, effects: Effects) -> Floats:
        """Return what each voice would say without noise, float[voices, k]."""
        by_crowd = effects.place[self.crowds.cell] + effects.crowd
        return np.asarray(by_crowd[self.crowds.of] + effects.auditor[self.voices.auditor])

    def place_variance(self) -> Floats:
        """Return the variance of each place given the field and all auditors."""
        return self.cellwise.cell_variance

    def conditional(self, draws: Effects) -> Floats:
        """Return what field and auditors in each draw make expected of each place, [n, k]."""
        own, _ = self.cellwise.told(self._heard(draws.field, draws.auditor))
        return np.asarray(draws.field - own)

    def severity(self, auditor: Floats) -> Floats:
        """Return the mean effect of the auditors heard in each cell, as voices weigh; NaN without, [n, k]."""
        by_cell = self.cellwise.by_cell
        return np.asarray(ratio(1, self.cell_weight)[:, None] * (by_cell @ (self._cross @ auditor)))

    @property
    def _sizes(self) -> tuple[int, int]:
        return len(self.crowds.cell), self.voices.auditors

    @cached_property
    def cell_weight(self) -> Floats:
        """The summed precision of the voices in each cell."""
        return np.asarray(self.cellwise.by_cell @ self.cellwise.weight)

    def _noise(self, count: int, rng: np.random.Generator) -> tuple[Floats, ...]:
        """Draw `count` right-hand sides of mean 0 and covariance P.

        Voices are the many: they get random signs, of the same covariance as normals and many times faster.
        """
        sums_of_voices = self._summed(np.sqrt(self.weight)[:, None] * _signs((len(self.weight), count), rng))
        precision = np.nan_to_num(ratio(1, self.crowds.variance))[:, None]
        sds = np.sqrt(1 / self.variances.own), np.sqrt(precision), np.sqrt(1 / self.variances.auditor)
        own = (sd * rng.standard_normal(part.shape) for sd, part in zip(sds, sums_of_voices[1:], strict=True))
        noise = (self.prior.noise(count, rng), *own)
        return tuple(one + other for one, other in zip(sums_of_voices, noise, strict=True))

    def _summed(self, voices: Floats) -> tuple[Floats, ...]:
        """Return sums over voices, [voices, k], as right-hand sides: field, own part, crowds, auditors."""
        crowds = self._at_crowds @ voices
        cells = self.cellwise.by_cell @ crowds
        return self._smoothed(cells), cells, crowds, self._at_auditors @ voices

    def _solve(
        self, rough: Floats, own: Floats, crowd: Floats, auditor: Floats, *, tolerance: float
    ) -> Effects:
        cells, auditors = self._voiced(*self.cellwise.means(own, crowd))
        found = conjugate_gradients(
            self._apply,
            self._centred(np.vstack([rough - self._smoothed(cells), auditor - auditors])),
            precondition=self._precondition,
            tolerance=tolerance,
        )
        z, b = self._parted(found)
        x = self._smoothed(z)
        heard = self._heard(x, b)
        u, v = self.cellwise.means(own - self.cellwise.by_cell @ heard, crowd - heard)
        return Effects(rough=z, field=x, own=u, crowd=v, auditor=b)

    def _apply(self, both: Floats) -> Floats:
        """Return the matrix of rough field and auditors, all else summed out, times both[n + r, k]."""
        z, b = self._parted(both)
        x = self._smoothed(z)
        u, v = self.cellwise.told(self._heard(x, b))
        out = np.empty_like(both)
        cells, auditors = self._parted(out)
        pulled = u / self.variances.own  # what voices pull at x as at u, they pull u with
        cells[:] = self.prior.precision_times(z, told=pulled)
        auditors[:] = self._cross_back @ ((x - u)[self.crowds.cell] - v)
        auditors += self._auditor_precision[:, None] * b
        return self._centred(out)

    def _smoothed(self, x: Floats) -> Floats:
        return self.prior.land.smoothed(x)

    def _heard(self, x: Floats, b: Floats) -> Floats:
        """Return what voices that say x + b sum to, by crowd."""
        return np.asarray(self.cellwise.weight[:, None] * x[self.crowds.cell] + self._cross @ b)

    def _voiced(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """Return what voices that say u + v sum to: by cell, and by auditor."""
        said = u[self.crowds.cell] + v
        return self.cellwise.by_cell @ (self.cellwise.weight[:, None] * said), self._cross_back @ said

    def _parted(self, both: Floats) -> tuple[Floats, Floats]:
        return both[: self.voices.cells], both[self.voices.cells :]

    def _precondition(self, both: Floats) -> Floats:
        return self._centred(both / self._diagonal[:, None])

    def _centred(self, both: Floats) -> Floats:
        """Take the groups' means off the auditors' part, in place: projects on what sums to 0."""
        if self._members.shape[0]:
            auditors = self._parted(both)[1]
            sizes = np.diff(self._members.indptr)[:, None]
            auditors -= self._members.T @ (self._members @ auditors / sizes)
        return both

    @cached_property
    def _auditor_precision(self) -> Floats:
        return sums(self.voices.auditor, self.weight, size=self.voices.auditors) + 1 / self.variances.auditor

    @cached_property
    def _diagonal(self) -> Floats:
        left = self.cellwise.left / (1 + self.variances.own * self.cellwise.left)
        part = self.weight**2 * self.cellwise.crowd_variance[self.crowds.of]
        auditors = self._auditor_precision - sums(self.voices.auditor, part, size=self.voices.auditors)
        cells = self.prior.diagonal + self.prior.land.smoothed_diagonal(left)
        return np.concatenate([cells, auditors])

    @cached_property
    def _members(self) -> sparse.csr_matrix:
        """Groups x auditors."""
        inside = np.flatnonzero(self.group != NO_GROUP)
        shape = int(self.group.max(initial=NO_GROUP)) + 1, len(self.group)
        return sparse.csr_matrix((np.ones(len(inside)), (self.group[inside], inside)), shape=shape)

    @cached_property
    def _cross(self) -> sparse.csr_matrix:
        """Crowds x auditors: the precision of each voice."""
        ends = self.crowds.of, self.voices.auditor
        return sparse.csr_matrix((self.weight, ends), shape=self._sizes)

    @cached_property
    def _cross_back(self) -> sparse.csr_matrix:
        return self._cross.T.tocsr()

    @cached_property
    def _at_crowds(self) -> sparse.csc_matrix:
        return _incidence(self.crowds.of, len(self.crowds.cell))

    @cached_property
    def _at_auditors(self) -> sparse.csc_matrix:
        return _incidence(self.voices.auditor, self.voices.auditors)


def _signs(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.int8]:
    """Draw -1 or 1 for each place, by one random bit."""
    size = shape[0] * shape[1]
    bits = np.unpackbits(np.frombuffer(rng.bytes((size + 7) // 8), dtype=np.uint8), count=size)
    return (2 * bits.view(np.int8) - 1).reshape(shape)


def _incidence(index: NDArray[np.int64], size: int) -> sparse.csc_matrix:
    """Return what sums rows by index; by columns, so that the many rows are read in their order."""
    columns = np.arange(len(index))
    return sparse.csc_matrix((np.ones(len(index)), (index, columns)), shape=(size, len(index)))
