"""What an attack found, against the gate and against one that was weakened on purpose."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One figure of an attack, twice: against the gate as it is, and against a weakened one."""

    name: str
    """Such as `A1 people in the smallest class`."""
    bound: float
    ours: float
    weakened: float
    weakness: str
    at_least: bool = False
    """Whether the bound is the least that is allowed, instead of the most."""

    @property
    def resisted(self) -> bool:
        """Whether the gate keeps to the bound."""
        return self._within(self.ours)

    @property
    def caught(self) -> bool:
        """Whether the weakened gate does not: else the attack proves nothing."""
        return not self._within(self.weakened)

    def _within(self, figure: float) -> bool:
        return figure >= self.bound if self.at_least else figure <= self.bound


def table(attacks: Iterable[Attack]) -> str:
    """Return a line for each attack, aligned."""
    lines = [("attack", "bound", "ours", "weakened", "how it was weakened")]
    for one in attacks:
        bound = f"{'>=' if one.at_least else '<='} {one.bound:.4g}"
        lines.append((one.name, bound, f"{one.ours:.4g}", f"{one.weakened:.4g}", one.weakness))
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
