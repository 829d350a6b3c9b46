"""What audits say beyond who made them, where, and in which month: what an effect is read from."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.field.hearing import NO_GROUP
from analysis.field.prior import Land, surrounded
from analysis.field.system import System
from analysis.field.variances import fit
from analysis.groups import labels_of, sums
from analysis.pairs import Pairs, pair, voices
from geo.cells import Cells

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

MONTH_DAYS = 30
_HELD_TO_SIDE = 4.0
"""So many audits' worth of evidence says that a month is like all others of its side."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """Audits of counted auditors before and after, one row each, with one value on 0..top."""

    cell: Cells
    auditor: Indices
    side: NDArray[np.int8]
    """BEFORE or AFTER."""
    month: Indices
    """Months of 30 days from the beginning: -1 is the last before, 0 the first after."""
    daypart: NDArray[np.int8]
    value: Floats
    top: float

    def __len__(self) -> int:
        return len(self.cell)


@dataclass(frozen=True, kw_only=True, eq=False)
class Residuals:
    """Each answer without its auditor, cell and month, float[n] in rating steps, and what it is worth."""

    of: Answers
    residual: Floats
    level: Floats
    """Without its auditor alone."""
    belief: Floats
    """How much of its weight is left, 0..1: of what strangers say of one cell together, the less, the more
    they disagree with all others."""
    audit_variance: float
    pair_variance: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """Who answers how: the model of the score (`analysis.field`), the city before and after being two fields.

    So what changed in a place is not taken for the mildness of those who audited it afterwards.
    """

    answers: Answers
    system: System
    pairs: Pairs
    place: Indices
    """The cell of each answer in the field before."""
    auditor: Indices

    @classmethod
    def of(cls, answers: Answers, rng: np.random.Generator) -> Self:
        """Return the model with its variances, estimated from the answers."""
        cells, index = np.unique(answers.cell, return_inverse=True)
        lattice = surrounded(cells)
        near = lattice.disc_matrix(1, include_self=False)
        land = Land(neighbours=sparse.csr_matrix(sparse.block_diag([near, near])))
        names, auditor = np.unique(answers.auditor, return_inverse=True)
        place = lattice.index_of(cells)[index]
        pairs = pair(
            cell=place + len(lattice) * answers.side.astype(np.int64),
            auditor=auditor,
            cells=len(land),
            auditors=len(names),
        )
        said = voices(pairs, answers.value, np.ones(len(answers)))
        nobody = np.full(len(names), NO_GROUP, dtype=np.int64)
        system = fit(land, said, nobody, top=answers.top, rng=rng)
        return cls(answers=answers, system=system, pairs=pairs, place=place, auditor=auditor)

    def residuals(self, *, far: NDArray[np.bool_], lift: Floats | float = 0.0) -> Residuals:
        """Return what is left of each answer: y - b[auditor] - x_before[cell] - calendar[month, daypart].

        b and x are posterior means. x_before takes off that other cells are audited after than before; it
        knows no audit of after. The calendar, means over the `far` answers (bool[n]), takes off what changed
        everywhere. `lift`, float[n], is what is known of the effect: b and x are estimated without it, for
        else auditors who came to see the place would take a part of it with them.
        """
        answers, middle = self.answers, self.answers.top / 2
        said = voices(self.pairs, answers.value - lift, np.ones(len(answers)))
        found = self.system.solve(said.mean - middle)
        field, severity = found.place[:, 0], found.auditor[:, 0]
        level = answers.value - severity[self.auditor]
        beyond = level - middle - field[self.place]
        return Residuals(
            of=answers,
            residual=beyond - _calendar(answers, beyond, far),
            level=level,
            belief=self.system.cellwise.kept[self.system.crowds.of[self.pairs.row]],
            audit_variance=self.system.variances.audit,
            pair_variance=self.system.variances.pair,
        )


def _calendar(answers: Answers, values: Floats, far: NDArray[np.bool_]) -> Floats:
    """Return for each answer the far mean of its month and daypart, held to that of its side and daypart."""
    sides, of_side = labels_of([answers.side, answers.daypart])
    months, of_month = labels_of([answers.side, answers.daypart, answers.month])
    whole = _means(sides[far], values[far], size=of_side, held=0.0, weight=1e-9)[sides]
    return (
        whole
        + _means(months[far], (values - whole)[far], size=of_month, held=0.0, weight=_HELD_TO_SIDE)[months]
    )


def _means(labels: Indices, values: Floats, *, size: int, held: float, weight: float) -> Floats:
    count = np.bincount(labels, minlength=size)
    return np.asarray((sums(labels, values, size=size) + weight * held) / (count + weight))
