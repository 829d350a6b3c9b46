"""Who is a stranger where, and how far the strangers of one place may err together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.pairs import Voices

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

KNOWN_CELLS = 8, 40
"""Who audited fewer other cells than these is a stranger of the first kind, or of the second: of the sd of
their severity, half or more would be unknown from elsewhere, or a quarter or more."""
KINDS = len(KNOWN_CELLS)
FREEDOM = 1.0
SCALE = 0.2
_KNOWN_BETTER = 0.35
"""Student's t of what a crowd shares beside the place: degrees of freedom, and scale in steps of a 0..3
rating, and what the second kind has of it. A crowd that nothing contradicts counts as ten auditors at most,
of the second kind as ninety."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Crowds:
    """Parts of the voices, m in all: the strangers of one kind in one cell, and the others of each cell."""

    of: Indices
    """The part of each voice, int64[voices]."""
    cell: Indices
    kind: Indices
    """0 .. KINDS-1, KINDS of the others."""

    @property
    def shared(self) -> NDArray[np.bool_]:
        """Which parts share an effect."""
        return self.kind < KINDS

    def variance(self, by_kind: Floats) -> Floats:
        """Return the variance of each part's effect, 0 of the others; `by_kind` float[KINDS, cells]."""
        return np.vstack([by_kind, np.zeros(by_kind.shape[1])])[self.kind, self.cell]


def crowds(voices: Voices) -> Crowds:
    """Return the crowds.

    One person is no crowd: their own severity answers for one.
    """
    elsewhere = np.bincount(voices.auditor, minlength=voices.auditors)[voices.auditor] - 1
    kind = np.searchsorted(KNOWN_CELLS, elsewhere, side="right")
    label = kind * voices.cells + voices.cell
    alone = np.bincount(label, minlength=1)[label] == 1
    label[alone] = KINDS * voices.cells + voices.cell[alone]
    parts, of = np.unique(label, return_inverse=True)
    kind, cell = np.divmod(parts, max(voices.cells, 1))
    return Crowds(of=of.astype(np.int64), cell=cell, kind=kind)


def trusted(cells: int, *, top: float) -> Floats:
    """Return the variances of crowds that nothing contradicts, float[KINDS, cells], for values on 0..top."""
    return _spread(np.zeros((KINDS, cells)), top)


def doubted(among: Crowds, effect: Floats, *, cells: int, top: float) -> Floats:
    """Return the variances, float[KINDS, cells], of crowds with these effects, float[m]."""
    effects, shared = np.zeros((KINDS, cells)), among.shared
    effects[among.kind[shared], among.cell[shared]] = effect[shared]
    return _spread(effects, top)


def _spread(effect: Floats, top: float) -> Floats:
    """Return the variance with which a normal weighs an effect as the t does.

    Its inverse, (nu + 1) / (nu scale^2 + effect^2), makes iteratively reweighted least squares (Lange, Little
    and Taylor 1989, JASA 84): the farther a crowd lies from what others and the surroundings say, the less it
    weighs.
    """
    scale = SCALE * top / 3 * _KNOWN_BETTER ** np.arange(KINDS)[:, None]
    return np.asarray((FREEDOM * scale**2 + effect**2) / (FREEDOM + 1))
