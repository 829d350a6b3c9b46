"""A simulated town whose public scores somebody compares, run by run, to find out where one auditor was.

Whoever knows on which day it was compares the layers before with those of the first night after it on which
something entered: the same night, or later.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely import box

from analysis.disclosure.admission import ALONE, admit, wave_size
from analysis.disclosure.chronicle import Chronicle
from analysis.disclosure.gate import public_layers
from analysis.instrument import Instrument
from analysis.recency import Recency
from analysis.recipe import analyse
from analysis.score import Weights, bearing
from analysis.simulation.city import simulate

K = 5
_A_NIGHT = 60
"""Audits between two runs before anybody looks."""
_FIELDS = ("score", "score_low", "score_high")
_NEW = 5.0
"""As large as a change can be, for a cell that is shown for the first time."""
Admit = Callable[..., NDArray[np.bool_]]
Told = dict[int, dict[str, float]]


@dataclass(frozen=True, kw_only=True)
class Named:
    """How likely an attacker names the cell of an audit that came between two runs."""

    by_change: float
    by_counts: float
    """Without looking at what changed."""
    waits: bool
    """Whether by the rule it enters nothing yet."""
    at_once: bool
    """Whether it came on the very day after which something entered."""


def admit_all(*, counted: NDArray[np.bool_], **_: object) -> NDArray[np.bool_]:
    """Let everybody enter who comes: no rule."""
    return counted


def admit_each_cell(**those: Any) -> NDArray[np.bool_]:
    """Let k people enter a cell as soon as they are there: the rule without waves."""
    return admit(**those | {"wave": 1})


class Town:
    """A town where audits come one after another, those admitted by a rule being analysed for everybody."""

    def __init__(
        self, instrument: Instrument, *, side_deg: float, history: int, seed: int = 3, rule: Admit = admit
    ) -> None:
        area = box(77.2, 28.5, 77.2 + side_deg, 28.5 + side_deg)
        city = simulate(
            instrument=instrument,
            area=area,
            first_day=date(2026, 1, 1),
            seed=seed,
            audits=2 * history,
            auditors=history // 20,
        )
        audits = city.observations().where(bearing(city.observations()))
        self.audits = audits.where(np.argsort(audits.observed_day, kind="stable"))
        self.come = 0
        self.ruled, self.admitted = (np.zeros(len(self.audits), dtype=np.bool_) for _ in range(2))
        self.weights: Weights | None = None
        self.rule = admit
        for _ in range(history // _A_NIGHT):
            self._let_come(_A_NIGHT)
        self.rule, self.told = rule, self._tell()

    def named(self, *, runs: int, a_run: int) -> Iterator[Named]:
        """Yield, for each audit that comes, how likely its cell is named once something has entered."""
        first = self.come
        for _ in range(runs):
            before, known, tonight = self.told, int(self.admitted.sum()), self.come
            self._let_come(a_run)
            if self.admitted.sum() == known:
                continue
            self.told = self._tell()
            for row in range(first, self.come):
                cell = int(self.audits.cell[row])
                yield Named(
                    by_change=_by_the_largest_change(cell, before, self.told),
                    by_counts=_by_counts(cell, before),
                    waits=not self.ruled[row],
                    at_once=row >= tonight,
                )
            first = self.come

    def _let_come(self, count: int) -> None:
        """Let the next audits come, and those enter who may; note who might by the rule itself."""
        self.come += count
        for mask, rule in ((self.ruled, admit), (self.admitted, self.rule)):
            waiting = np.flatnonzero(~mask[: self.come])
            those = self.audits.where(waiting)
            mask[waiting] = rule(
                cell=those.cell,
                auditor=those.auditor,
                counted=those.counted,
                together=np.full(len(those), ALONE, dtype=np.int64),
                wave=wave_size(len(np.unique(self.audits.cell[mask]))),
                k=K,
            )

    def _tell(self) -> Told:
        known = self.audits.where(self.admitted)
        found = analyse(
            known,
            seed=0,
            split=np.zeros(len(known), dtype=np.bool_),
            recency=Recency(today=int(self.audits.observed_day[-1])),
            held=self.weights,
        )
        self.weights = found.calibration.weights
        shown, chronicle = set(known.cell.tolist()), Chronicle(today="2026-06-01")
        cells, *_ = public_layers(found, k=K, shown=shown, chronicle=chronicle)
        names = (*_FIELDS, "audits_min")
        return {
            int(one.cell or 0): {name: float(one.properties[name] or 0) for name in names}
            for one in cells.features
        }


def _by_the_largest_change(cell: int, before: Told, after: Told) -> float:
    """Return how likely the cell is taken that changed most, a new one before all, by chance among equals."""
    changes = {
        one: sum(abs(after[one][name] - before[one][name]) for name in _FIELDS) if one in before else _NEW
        for one in after
    }
    return _taken(cell, changes)


def _by_counts(cell: int, before: Told) -> float:
    """Return how likely the cell is taken that was audited most."""
    return _taken(cell, {one: fields["audits_min"] for one, fields in before.items()})


def _taken(cell: int, evidence: dict[int, float]) -> float:
    most = max(evidence.values())
    best = [one for one, found in evidence.items() if found == most]
    return (cell in best) / len(best)


def above_counts(named: Sequence[Named]) -> float:
    """Return by how much what changed names cells more often than counts do, as a share of the audits.

    Those of all days, or those of the days after which something entered at once: whichever is more.
    """
    at_once = [one for one in named if one.at_once]
    return max(_above(those) for those in (named, at_once) if those)


def _above(named: Sequence[Named]) -> float:
    return sum(one.by_change - one.by_counts for one in named) / len(named)
