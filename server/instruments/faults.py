"""What can be wrong with an instrument document, told all at once."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong: where in the document, what, and how to put it right."""

    path: str
    """Such as `questions/lighting/levels/2/es`; in a spreadsheet `survey row 7`."""
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}; {self.remedy}"


class InstrumentError(ValueError):
    """An instrument document that cannot be used; `faults` holds every reason, in document order."""

    def __init__(self, source: str, faults: Sequence[Fault]) -> None:
        self.source = source
        self.faults = tuple(faults)
        super().__init__("\n  ".join([f"{source}: {_counted(len(faults))}", *map(str, faults)]))


def _counted(count: int) -> str:
    return "1 fault" if count == 1 else f"{count} faults"
