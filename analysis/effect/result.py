"""What an evaluation tells: values alone, so that those who keep and show them load no statistics."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One effect in rating steps on 0..top, with its 95 % interval, placebo p and what could be found."""

    estimate: float
    low: float
    high: float
    p: float
    detectable: float
    """The effect found with a probability of 0.8 at size 0.05."""
    top: float


@dataclass(frozen=True, kw_only=True)
class Month:
    """One month of 30 days; -1 is the last before, 0 the first after."""

    month: int
    effect: Effect
    """Against the time before as a whole."""
    audits: int


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What is known of an intervention's effect; effects in rating steps on 0..top of each."""

    reason: str
    """Why nothing can be said, in words; empty where something can."""
    audits: tuple[int, int] = (0, 0)
    """In the place, before and after: those that bear on its targets."""
    auditors: tuple[int, int] = (0, 0)
    effect: Effect | None = None
    """On the mean of its targets, by the weights of the score: the one outcome that is tested."""
    score: Effect | None = None
    """On the composite of all place ratings."""
    ratings: Mapping[str, Effect | None] = field(default_factory=dict)
    """On each target, and on how people feel; None where too few answered it."""
    ring: Effect | None = None
    """On the targets in the cells within two steps: spilled over, or displaced."""
    trend_p: float | None = None
    """p of the place having been on another path before than other places."""
    months: tuple[Month, ...] = ()
    places: int = 0
    """How many discs it was compared with."""

    @property
    def sufficient(self) -> bool:
        """Return whether there is an effect to speak of."""
        return self.effect is not None
