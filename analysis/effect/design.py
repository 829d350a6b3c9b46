"""What is compared with what: the place, its ring, the days before and after."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo import cells as h3cells
from geo.cells import Cells

BEFORE_DAYS = 365
"""So many days before the work began are looked at."""
ANTICIPATION_DAYS = 14
"""Days left out before the work begins and after it is complete: people know, and come to look."""
FOLLOW_UP_DAYS = 90
"""So many days after that are looked at, unless the plan says otherwise."""
RING_K = 2
"""Steps around the place within which it may act on its surroundings."""

NEITHER, BEFORE, AFTER = -1, 0, 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """What was changed where and when, as laid down before anybody looked at its effect.

    Days since 1970-01-01 in the city's time zone; ValueError where the work ends before it begins.
    """

    cells: Cells
    """Sorted, one at least."""
    begin_day: int
    complete_day: int
    targets: tuple[str, ...] = ()
    """The place ratings it is to raise; none means all."""
    follow_up_days: int = FOLLOW_UP_DAYS

    def __post_init__(self) -> None:
        if not len(self.cells):
            raise ValueError("an intervention covers one cell at least")
        if self.complete_day < self.begin_day:
            raise ValueError("an intervention cannot be complete before it begins")

    @property
    def before(self) -> tuple[int, int]:
        """First and last day of the time before."""
        last = self.begin_day - ANTICIPATION_DAYS - 1
        return last - BEFORE_DAYS + 1, last

    @property
    def after(self) -> tuple[int, int]:
        """First and last day of the time after."""
        first = self.complete_day + ANTICIPATION_DAYS + 1
        return first, first + self.follow_up_days - 1

    def sides(self, day: NDArray[np.int32]) -> NDArray[np.int8]:
        """Return BEFORE, AFTER or NEITHER for each day, int8[n]."""
        side = np.full(len(day), NEITHER, dtype=np.int8)
        for label, (first, last) in ((BEFORE, self.before), (AFTER, self.after)):
            side[(day >= first) & (day <= last)] = label
        return side

    def surroundings(self) -> Cells:
        """Return the cells within RING_K steps that are not its own, sorted."""
        return np.setdiff1d(h3cells.discs(self.cells, k=RING_K)[0], self.cells)

    def disturbs(self, other: "Plan") -> bool:
        """Return whether this one was at work, or new, in the days that another one compares."""
        return self.begin_day - ANTICIPATION_DAYS <= other.after[1] and other.before[0] <= self.after[1]


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """Which cells are the place, its ring, and far enough away from every intervention to compare with."""

    plan: Plan
    ring: Cells
    taken: Cells
    """Place, ring, and the places and rings of other interventions in these days; sorted."""
    overlapped: bool
    """Whether another intervention of these days touches the place: their effects cannot be told apart."""

    def far(self, cells: Cells) -> NDArray[np.bool_]:
        """Return which of some cells may be compared with."""
        return ~np.isin(cells, self.taken)


def ground(plan: Plan, others: list[Plan]) -> Ground:
    """Return the ground of a plan beside all others of its city (staggered dates: Goodman-Bacon 2021).

    A place that another intervention changed in the same days is no control, as in stacked designs.
    """
    ring = plan.surroundings()
    busy = [other for other in others if other.disturbs(plan)]
    foreign = [np.union1d(other.cells, other.surroundings()) for other in busy]
    touched = [other for other in busy if np.isin(other.cells, plan.cells).any()]
    return Ground(
        plan=plan,
        ring=np.setdiff1d(ring, np.concatenate([*foreign, np.array([], dtype=np.int64)])),
        taken=np.unique(np.concatenate([plan.cells, ring, *foreign])),
        overlapped=bool(touched),
    )
