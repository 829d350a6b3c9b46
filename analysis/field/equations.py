"""The normal equations of a city's field and auditors, and their solution, in numbers of one precision."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.field.cellwise import Cellwise
from analysis.field.prior import Prior
from analysis.field.solver import conjugate_gradients
from analysis.field.terms import Effects

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Told:
    """Right-hand sides: float[n, k] of the rough field and of own parts, of crowds, of auditors."""

    rough: Floats
    own: Floats
    crowd: Floats
    auditor: Floats

    def __add__(self, other: "Told") -> "Told":
        return Told(**{name: part + getattr(other, name) for name, part in vars(self).items()})

    def beside(self, other: "Told") -> "Told":
        """Return the columns of both."""
        return Told(**{name: np.hstack([part, getattr(other, name)]) for name, part in vars(self).items()})


@dataclass(frozen=True, kw_only=True, eq=False)
class Equations:
    """Equations for the rough field z and the auditors b; own parts u and crowds v are summed out.

    Numbers are of the precision of the arrays, and so are solutions; right-hand sides come in it.
    """

    prior: Prior
    cellwise: Cellwise
    cross: sparse.csr_matrix
    """Crowds x auditors: the precision of each voice."""
    cross_back: sparse.csr_matrix
    auditor_precision: Floats
    """Of each auditor's effect given all else."""
    members: sparse.csr_matrix
    """Groups x auditors, binary: whose effects sum to 0."""

    def solve(self, told: Told, *, tolerance: float, start: Effects | None = None) -> Effects:
        """Return the solutions; from `start` they are nearer."""
        cells, auditors = self._voiced(*self.cellwise.means(told.own, told.crowd))
        found = conjugate_gradients(
            self._apply,
            self._centred(np.vstack([told.rough - self._smoothed(cells), told.auditor - auditors])),
            precondition=self._precondition,
            tolerance=tolerance,
            start=None if start is None else np.vstack([start.rough, start.auditor]),
        )
        z, b = self._parted(found)
        x = self._smoothed(z)
        heard = self.heard(x, b)
        u, v = self.cellwise.means(told.own - self.cellwise.by_cell @ heard, told.crowd - heard)
        return Effects(rough=z, field=x, own=u, crowd=v, auditor=b)

    def heard(self, x: Floats, b: Floats) -> Floats:
        """Return what voices that say x + b sum to, by crowd."""
        sums = self.cross @ b
        sums += self.cellwise.weight[:, None] * x[self.cellwise.cell]
        return np.asarray(sums)

    def _apply(self, both: Floats) -> Floats:
        """Return the matrix of rough field and auditors, all else summed out, times both[n + r, k]."""
        z, b = self._parted(both)
        x = self._smoothed(z)
        u, v = self.cellwise.told(self.heard(x, b))
        out = np.empty_like(both)
        cells, auditors = self._parted(out)
        pulled = u / self.cellwise.own  # what voices pull at x as at u, they pull u with
        cells[:] = self.prior.precision_times(z, told=pulled)
        auditors[:] = self.cross_back @ ((x - u)[self.cellwise.cell] - v)
        auditors += self.auditor_precision[:, None] * b
        return self._centred(out)

    def _smoothed(self, x: Floats) -> Floats:
        return self.prior.land.smoothed(x)

    def _voiced(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """Return what voices that say u + v sum to: by cell, and by auditor."""
        said = u[self.cellwise.cell] + v
        return self.cellwise.by_cell @ (self.cellwise.weight[:, None] * said), self.cross_back @ said

    def _parted(self, both: Floats) -> tuple[Floats, Floats]:
        return both[: self.cellwise.cells], both[self.cellwise.cells :]

    def _precondition(self, both: Floats) -> Floats:
        return self._centred(both * self._inverse_diagonal)

    def _centred(self, both: Floats) -> Floats:
        """Take the groups' means off the auditors' part, in place: projects on what sums to 0."""
        if self.members.shape[0]:
            auditors = self._parted(both)[1]
            auditors -= self._of_member @ (self.members @ auditors)
        return both

    @cached_property
    def _of_member(self) -> sparse.csr_matrix:
        """Auditors x groups: what makes the mean of a group's sum, for each member."""
        sizes = np.diff(self.members.indptr)
        means = self.members.T @ sparse.diags_array((1 / sizes).astype(self.members.dtype))
        return sparse.csr_matrix(means)

    @cached_property
    def _inverse_diagonal(self) -> Floats:
        left = self.cellwise.left / (1 + self.cellwise.own * self.cellwise.left)
        back = self.cross_back
        squares = sparse.csr_matrix((back.data**2, back.indices, back.indptr), shape=back.shape)
        taken = squares @ self.cellwise.crowd_variance
        cells = self.prior.diagonal + self.prior.land.smoothed_diagonal(left)
        diagonal = np.concatenate([cells, self.auditor_precision - taken])
        return np.asarray(1 / diagonal, dtype=self.auditor_precision.dtype)[:, None]
