"""What goes into a release and what comes out: nobody but the release gate can make released rows."""

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.instrument import DAYPARTS, Instrument

_SEAL = object()
"""Held by the release gate alone (`analysis.disclosure.release_gate`); a test reads the sources."""

NOT_SAID = "not_said"
WORDS: Mapping[str, tuple[str, ...]] = {
    "daypart": DAYPARTS,
    "gender": (NOT_SAID, "woman", "man", "other"),
    "age_band": (NOT_SAID, "under_25", "25_59", "60_plus"),
    "mode": (NOT_SAID, "walk", "vehicle", "photo", "import"),
    "disability": (NOT_SAID, "yes", "no"),
}
"""The words of a release, by column; a code is the place of its word."""
QUARTER = "quarter"
DISABILITY = "disability"
KEYS = (QUARTER, "daypart", "gender", "age_band", "mode")
"""What an attacker may know of an audit, besides its place."""
UNKNOWN_QUARTER = "unknown"
"""Of an audit whose time nobody knows."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Audits:
    """Audits that may enter one release, a row each; ValueError naming the column that does not fit."""

    instrument: Instrument
    cell: NDArray[np.int64]
    """H3 cells, at the city's resolution or finer."""
    auditor: NDArray[np.int32]
    """Codes that mean nothing outside this release."""
    counted: NDArray[np.bool_]
    """Whether the auditor counts towards k."""
    quarters: Sequence[str]
    """The words of the column `quarter`, such as 2026Q3."""
    codes: Mapping[str, NDArray[np.int8]]
    """By column: `quarter` into `quarters`, the others into WORDS."""
    ratings: NDArray[np.int8]
    """n x p in the order of `instrument.ratings`, -1 missing."""

    def __post_init__(self) -> None:
        n = len(self.cell)
        shapes = {"auditor": self.auditor.shape, "counted": self.counted.shape}
        shapes |= {name: codes.shape for name, codes in self.codes.items()}
        for name, shape in shapes.items():
            if shape != (n,):
                raise ValueError(f"{name}: is {list(shape)}, must be [{n}]")
        if self.ratings.shape != (n, len(self.instrument.ratings)):
            raise ValueError(
                f"ratings: is {list(self.ratings.shape)}, must be [{n}, {len(self.instrument.ratings)}]"
            )
        words = self.words
        if set(self.codes) != set(words):
            raise ValueError(f"codes: are of {sorted(self.codes)}, must be of {sorted(words)}")
        for name, codes in self.codes.items():
            if n and not 0 <= int(codes.min()) <= int(codes.max()) < len(words[name]):
                raise ValueError(f"{name}: codes must be 0 to {len(words[name]) - 1}")

    def __len__(self) -> int:
        return len(self.cell)

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """The words of every column, by name."""
        return {QUARTER: tuple(self.quarters), **WORDS}


@dataclass(frozen=True, kw_only=True, eq=False)
class ReleasedRows:
    """Rows that anybody may have, in random order; constructing them outside the gate raises TypeError."""

    instrument: Instrument
    words: Mapping[str, tuple[str, ...]]
    """Of each column of `codes`."""
    cell: NDArray[np.int64]
    """H3 cells of several resolutions."""
    codes: Mapping[str, NDArray[np.int8]]
    """In the order of the columns; WITHHELD (-1) where k forced it."""
    ratings: NDArray[np.int8]
    """n x p, -1 missing."""
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("released rows: only the disclosure gate makes them")

    def __len__(self) -> int:
        return len(self.cell)

    def vocabulary(self, column: str) -> tuple[str, ...]:
        """Return the words of a column by code, the last one, at -1, for what is withheld."""
        return (*self.words[column], "withheld")


@dataclass(frozen=True, kw_only=True)
class Missing:
    """How much of the audits of a group or an area a release does not show."""

    column: str
    """Such as gender; `area`, or `all`."""
    value: str
    """Such as woman; an H3 cell, or `all`."""
    audits_min: int
    """How many audits within the cap there were, to two digits."""
    suppressed: float
    """Share, to 0.05, of those within the cap that are not in the release; 0 where fewer than k people's."""
    withheld: float
    """Share, to 0.05, of those in the release that do not say the column; 0 where fewer than k people's."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """What is told of how a release was made."""

    k: int
    resolution: int
    """The finest of the release."""
    cap: int
    rows_in: int
    """Audits considered, of counted auditors."""
    capped: int
    """Those beyond the cap of their auditor in their class."""
    suppressed: int
    rows_out: int
    classes: int
    smallest: int
    """Fewest counted auditors behind a class."""
    by_resolution: Mapping[int, int]
    """Rows out by H3 resolution."""
    missing: tuple[Missing, ...]
    variances: Mapping[str, float]
    """Of the mean of the place ratings, in squared rating steps: `cell`, `auditor`, `audit`; none where
    they cannot be told apart."""
    checks: tuple[str, ...]
    """What was found true of the finished rows."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Disclosure:
    """A release as the gate gives it. `origin` stays inside: it is for whoever tests the gate."""

    rows: ReleasedRows
    account: Account
    origin: NDArray[np.int64]
    """Row of the audits behind each released row."""
