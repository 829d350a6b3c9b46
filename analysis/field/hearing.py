"""Who is heard where: what stays as it is while variances are sought."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy import sparse

from analysis.field.strangers import Crowds, crowds
from analysis.pairs import Voices

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Groups = NDArray[np.int64]

NO_GROUP = -1


@dataclass(frozen=True, kw_only=True, eq=False)
class Hearing:
    """Voices, and the group in which the effect of each auditor is centred.

    Effects of auditors who share a group 0, 1, ... sum to 0; those of NO_GROUP are free.
    """

    voices: Voices
    group: Groups

    @cached_property
    def crowds(self) -> Crowds:
        """Which voices share an effect."""
        return crowds(self.voices)

    def by_crowd(self, values: Floats, dtype: DTypeLike) -> sparse.csr_matrix:
        """Return what sums over the voices of each crowd, each taken times its value; crowds x voices."""
        of = self._of_crowds
        return of.matrix(of.voice, values, dtype, columns=len(values))

    def by_auditor(self, values: Floats, dtype: DTypeLike) -> sparse.csc_matrix:
        """Return the same for auditors; by columns, so that the many voices are read in their order."""
        ends = np.arange(len(values) + 1)
        shape = self.voices.auditors, len(values)
        return sparse.csc_matrix((values.astype(dtype), self.voices.auditor, ends), shape=shape)

    def cross(self, values: Floats, dtype: DTypeLike) -> sparse.csr_matrix:
        """Return the value of each voice at its crowd and auditor; crowds x auditors."""
        return self._of_crowds.matrix(self._auditor_in_crowds, values, dtype, columns=self.voices.auditors)

    def cross_back(self, values: Floats, dtype: DTypeLike) -> sparse.csr_matrix:
        """Return the transpose of `cross`."""
        of = self._of_auditors
        return of.matrix(self._crowd_of_auditors, values, dtype, columns=len(self.crowds.cell))

    @cached_property
    def members(self) -> sparse.csr_matrix:
        """Groups x auditors, binary."""
        inside = np.flatnonzero(self.group != NO_GROUP)
        shape = int(self.group.max(initial=NO_GROUP)) + 1, len(self.group)
        return sparse.csr_matrix((np.ones(len(inside)), (self.group[inside], inside)), shape=shape)

    @cached_property
    def _of_crowds(self) -> "_Rows":
        return _Rows.of(self.crowds.of, len(self.crowds.cell))

    @cached_property
    def _auditor_in_crowds(self) -> NDArray[np.int32]:
        return self.voices.auditor[self._of_crowds.voice].astype(np.int32)

    @cached_property
    def _of_auditors(self) -> "_Rows":
        return _Rows.of(self.voices.auditor, self.voices.auditors)

    @cached_property
    def _crowd_of_auditors(self) -> NDArray[np.int32]:
        return self.crowds.of[self._of_auditors.voice].astype(np.int32)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    """The voices in the order of their labels: a row for each label; int32, as sparse matrices want it."""

    voice: NDArray[np.int32]
    ends: NDArray[np.int32]

    @classmethod
    def of(cls, label: Indices, count: int) -> Self:
        ends = np.concatenate([[0], np.cumsum(np.bincount(label, minlength=count))])
        voice = np.argsort(label, kind="stable")
        return cls(voice=voice.astype(np.int32), ends=ends.astype(np.int32))

    def matrix(
        self, column: NDArray[np.int32], values: Floats, dtype: DTypeLike, *, columns: int
    ) -> sparse.csr_matrix:
        """Return the value of each voice in its row and column."""
        at = values.astype(dtype, copy=False)[self.voice], column, self.ends
        return sparse.csr_matrix(at, shape=(len(self.ends) - 1, columns))
