"""What a walk found, for those who walked: counts of answers, and no place or person."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.instrument import Question


@dataclass(frozen=True, kw_only=True)
class Answered:
    """How one rating was answered on the walk."""

    name: str
    people: int
    levels: tuple[int, ...]
    """Answers of each level, 0 worst to the top."""

    @property
    def mean(self) -> float:
        """The mean level, 0..top."""
        return sum(level * count for level, count in enumerate(self.levels)) / sum(self.levels)


@dataclass(frozen=True, kw_only=True)
class Debrief:
    """What a walk of at least k people found."""

    people: int
    audits: int
    ratings: tuple[Answered, ...]
    """Those that at least k people answered, in the instrument's order."""


def debrief(
    asked: Sequence[Question], levels: NDArray[np.int8], person: NDArray[np.int64], *, k: int
) -> Debrief | None:
    """Return what the audits of a walk say together; None where fewer than k people made them.

    `asked` are the p ratings of `levels`, int8[n, p], -1 = no answer; `person`, int[n], tells people apart.
    A debrief is made once, and anew only for at least k further people: else two of them could be
    subtracted.
    """
    people = len(np.unique(person))
    if people < k:
        return None
    answered = [_answered(one, levels[:, column], person) for column, one in enumerate(asked)]
    shown = tuple(one for one in answered if one.people >= k)
    return Debrief(people=people, audits=len(levels), ratings=shown)


def _answered(asked: Question, level: NDArray[np.int8], person: NDArray[np.int64]) -> Answered:
    given = level >= 0
    counts = np.bincount(level[given], minlength=(asked.top or 0) + 1)
    return Answered(name=asked.name, people=len(np.unique(person[given])), levels=tuple(counts.tolist()))
