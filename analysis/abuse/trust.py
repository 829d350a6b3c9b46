"""How far each auditor agrees with the others who were where they were."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.field.system import System
from analysis.groups import sums
from analysis.recipe import Analysis

Floats = NDArray[np.float64]

_FREEDOM = 4.0
"""Degrees of freedom of the t whose weight trust is: one odd audit costs little, many cost much."""
_LARGEST_LEVERAGE = 0.9


@dataclass(frozen=True, kw_only=True, eq=False)
class Trust:
    """One row per auditor who was heard where others were heard too."""

    auditor: NDArray[np.int32]
    """Codes of the observations, ascending."""
    trust: Floats
    """0..1; 1 where they disagree with others no more than people do."""
    cells: NDArray[np.int64]
    """In how many such cells."""

    def __len__(self) -> int:
        return len(self.auditor)


def trust(analysis: Analysis) -> Trust:
    """Return the trust in the counted auditors of an analysis.

    min(1, (4 + m) / (4 + sum z^2)) over the m cells that an auditor shares with others: z is what they say
    beside the place and their own severity, as standard deviations of the model, the voice itself left out
    (Cook and Weisberg 1982, externally studentised); the weight that a t of 4 degrees of freedom gives. Who
    rates everything lower is not distrusted for it. No layer knows of it: the model weighs crowds by itself.
    """
    observations, estimates = analysis.observations, analysis.everything.estimates
    codes = np.unique(observations.auditor[observations.counted])
    system = estimates.joint.system
    said = system.voices
    shared = np.bincount(said.cell, minlength=said.cells)[said.cell] > 1
    odd = sums(said.auditor[shared], _squares(system, estimates.top)[shared], size=said.auditors)
    cells = np.bincount(said.auditor[shared], minlength=said.auditors)
    found = np.flatnonzero(cells)
    return Trust(
        auditor=codes[found],
        trust=np.minimum(1.0, (_FREEDOM + cells[found]) / (_FREEDOM + odd[found])),
        cells=cells[found],
    )


def _squares(system: System, top: int) -> Floats:
    """Return the squared studentised residual of each voice, the effects of crowds being no excuse."""
    said = system.voices
    values = said.mean - top / 2
    found = system.solve(values)
    rest = values - found.place[said.cell, 0] - found.auditor[said.auditor, 0]
    leverage = np.minimum(system.weight * system.place_variance()[said.cell], _LARGEST_LEVERAGE)
    return np.asarray(rest**2 * system.weight / (1 - leverage))
