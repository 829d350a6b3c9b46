"""What audits and prior say together of every cell and every auditor."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.field.prior import Prior
from analysis.field.solver import conjugate_gradients
from analysis.groups import ratio, sums
from analysis.pairs import Voices

Floats = NDArray[np.float64]
Groups = NDArray[np.int64]

NO_GROUP = -1
EXACT, FINE, ROUGH = 1e-8, 1e-4, 1e-3
"""Tolerances: of a published mean, of a variance, and of a draw, whose own error is larger."""
_BLOCK_NUMBERS = 16_000_000


@dataclass(frozen=True, kw_only=True)
class Variances:
    """In squared rating steps: of the field along an edge, of auditors, of auditors in a cell, of audits."""

    field: float
    auditor: float
    pair: float
    audit: float


@dataclass(frozen=True, kw_only=True, eq=False)
class System:
    """y = x[cell] + b[auditor] + e: the normal equations of a city, with the auditors summed out.

    x ~ prior, b ~ N(0, auditor), the mean of a voice of size m has variance pair + audit / m. Effects of
    auditors who share a group 0, 1, ... sum to 0; those of NO_GROUP are free.
    """

    prior: Prior
    voices: Voices
    variances: Variances
    group: Groups

    @cached_property
    def weight(self) -> Floats:
        """The precision of each voice: at most 1 / pair, however many audits stand behind it."""
        size = self.voices.size
        return np.asarray(size / (self.variances.audit + size * self.variances.pair))

    @cached_property
    def cell_weight(self) -> Floats:
        """The summed precision of the voices in each cell."""
        return sums(self.voices.cell, self.weight, size=self.voices.cells)

    def solve(self, values: Floats) -> tuple[Floats, Floats]:
        """Return the posterior means of cells, float[n], and auditors, float[r]; values float[voices]."""
        cell, auditor = self._solve(*self._told(values), tolerance=EXACT)
        return cell[:, 0], auditor[:, 0]

    def rough(self, values: Floats, draws: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Return the posterior means to 1e-3 in the first column, and then draws around them, at once."""
        told, noise = self._told(values), self._noise(draws, rng)
        cells, auditors = (np.hstack(both) for both in zip(told, noise, strict=True))
        return self._solve(cells, auditors, tolerance=ROUGH)

    def draws(self, count: int, rng: np.random.Generator) -> Iterator[tuple[Floats, Floats]]:
        """Yield `count` draws of the posterior around its mean, in blocks: cells [n, k], auditors [r, k].

        Perturb and MAP (Papandreou and Yuille 2010): the solution for a right-hand side of covariance P has
        covariance P^-1.
        """
        numbers = len(self.weight) + 4 * self.voices.cells + 1
        block = max(1, min(count, _BLOCK_NUMBERS // numbers))
        for first in range(0, count, block):
            yield self._solve(*self._noise(min(block, count - first), rng), tolerance=ROUGH)

    def covariance(self, sums: sparse.csc_matrix) -> Floats:
        """Return the posterior covariance of weighted sums of cells, float[g, g]; `sums` is cells x g.

        S' P^-1 S by one solve for each sum, to 1e-4: no draws.
        """
        count = sums.shape[1]
        found = np.zeros((count, count))
        block = max(1, _BLOCK_NUMBERS // (4 * self.voices.cells + 1))
        for first in range(0, count, block):
            cells = sums[:, first : first + block].toarray()
            auditors = np.zeros((self.voices.auditors, cells.shape[1]))
            found[:, first : first + block] = sums.T @ self._solve(cells, auditors, tolerance=FINE)[0]
        return np.asarray((found + found.T) / 2)

    def centred_away(self) -> tuple[Floats, Floats]:
        """Return what it does to the cells if a centred group is severer than people are, and its variance.

        Float[n, g]: by how much the means of cells rise where each group's values do by 1; float[g]: the
        variance of the mean severity of so many people, which centring holds to be 0.
        """
        members = np.bincount(self.group[self.group != NO_GROUP])
        told = self.weight[:, None] * np.equal.outer(self.group[self.voices.auditor], np.arange(len(members)))
        cells, _ = self._solve(self._at_cells @ told, self._at_auditors @ told, tolerance=FINE)
        return cells, self.variances.auditor / members

    def conditional(self, cell: Floats, auditor: Floats) -> Floats:
        """Return how far each draw's cells lie from what all else in the draw makes expected, [n, k]."""
        image = self._times(cell) + self._cross @ auditor
        return np.asarray(cell - image / self.diagonal[:, None])

    def severity(self, auditor: Floats) -> Floats:
        """Return the mean effect of the auditors heard in each cell, as voices weigh; NaN without, [n, k]."""
        return np.asarray(ratio(1, self.cell_weight)[:, None] * (self._cross @ auditor))

    @cached_property
    def diagonal(self) -> Floats:
        """The precision of each cell given all other cells and all auditors."""
        return self.prior.diagonal + self.cell_weight

    def _told(self, values: Floats) -> tuple[Floats, Floats]:
        told = (self.weight * values)[:, None]
        return self._at_cells @ told, self._at_auditors @ told

    def _noise(self, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Draw `count` columns of mean 0 and covariance P: at cells and at auditors.

        Voices are the many: they get random signs, of the same covariance as normals and many times faster.
        """
        signs = rng.integers(0, 2, (len(self.weight), count), dtype=np.int8) * 2.0 - 1.0
        voices = np.sqrt(self.weight)[:, None] * signs
        auditors = rng.standard_normal((self.voices.auditors, count)) / np.sqrt(self.variances.auditor)
        return (
            self._at_cells @ voices + self.prior.noise(count, rng),
            self._at_auditors @ voices + auditors,
        )

    def _solve(self, cells: Floats, auditors: Floats, *, tolerance: float) -> tuple[Floats, Floats]:
        rhs = cells - self._cross @ self._auditors(auditors)
        found = conjugate_gradients(self._schur, rhs, diagonal=self._schur_diagonal, tolerance=tolerance)
        return found, self._auditors(auditors - self._cross_back @ found)

    def _schur(self, x: Floats) -> Floats:
        return np.asarray(self._times(x) - self._cross @ self._auditors(self._cross_back @ x))

    def _times(self, x: Floats) -> Floats:
        return self.prior.precision_times(x) + self.cell_weight[:, None] * x

    def _auditors(self, x: Floats) -> Floats:
        """Return the auditors' effects for a right-hand side x[r, k], the cells being held."""
        free = x / self._auditor_precision[:, None]
        if not self._members.shape[0]:
            return free
        share = 1 / self._auditor_precision
        multiplier = (self._members @ free) / (self._members @ share)[:, None]
        return np.asarray(free - share[:, None] * (self._members_back @ multiplier))

    @cached_property
    def _auditor_precision(self) -> Floats:
        return sums(self.voices.auditor, self.weight, size=self.voices.auditors) + 1 / self.variances.auditor

    @cached_property
    def _schur_diagonal(self) -> Floats:
        part = self.weight**2 / self._auditor_precision[self.voices.auditor]
        return self.diagonal - sums(self.voices.cell, part, size=self.voices.cells)

    @cached_property
    def _members(self) -> sparse.csr_matrix:
        """Groups x auditors."""
        inside = np.flatnonzero(self.group != NO_GROUP)
        shape = int(self.group.max(initial=NO_GROUP)) + 1, len(self.group)
        return sparse.csr_matrix((np.ones(len(inside)), (self.group[inside], inside)), shape=shape)

    @cached_property
    def _members_back(self) -> sparse.csr_matrix:
        return self._members.T.tocsr()

    @cached_property
    def _cross(self) -> sparse.csr_matrix:
        """Cells x auditors: the precision of each voice."""
        shape = self.voices.cells, self.voices.auditors
        return sparse.csr_matrix((self.weight, (self.voices.cell, self.voices.auditor)), shape=shape)

    @cached_property
    def _cross_back(self) -> sparse.csr_matrix:
        return self._cross.T.tocsr()

    @cached_property
    def _at_cells(self) -> sparse.csr_matrix:
        return _incidence(self.voices.cell, self.voices.cells)

    @cached_property
    def _at_auditors(self) -> sparse.csr_matrix:
        return _incidence(self.voices.auditor, self.voices.auditors)


def _incidence(index: NDArray[np.int64], size: int) -> sparse.csr_matrix:
    columns = np.arange(len(index))
    return sparse.csr_matrix((np.ones(len(index)), (index, columns)), shape=(size, len(index)))
