"""The numbers of a synthetic city."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis.instrument import Instrument

LATENT_TOP = 3.0
"""Everything latent lives on 0..3, whatever the tops of the instrument."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """How a synthetic city is made; standard deviations and shifts in steps of a 0..3 rating.

    The defaults plant ten places half a step below their surroundings in a city that varies by itself, seen
    by auditors who differ from one another by as much.
    """

    resolution: int = 9
    """H3 resolution of the cells that the truth speaks of."""
    days: int = 150
    """Length of the period in which the audits are made."""
    zones: int = 10
    delta: float = 0.5
    """How far a zone's composite is pushed down, before answers are cut to the scale."""
    kinds: tuple[tuple[str, ...], ...] = ()
    """The place ratings pushed down in a zone are one of these, by name; without any, drawn for each zone."""
    night_only_share: float = 0.3
    """Share of the zones that are unsafe at night alone."""
    level: float = 1.7
    """Mean of a rating by day."""
    night_drop: float = 0.2
    background_sd: float = 0.15
    """Autocorrelated background, common to all ratings."""
    parameter_sd: float = 0.15
    """Autocorrelated background of each rating by itself."""
    cell_sd: float = 0.15
    severity: float = 0.5
    """An auditor's own severity is uniform within plus and minus this."""
    audit_sd: float = 0.35
    item_sd: float = 0.6
    missing: float = 0.06
    """Share of ratings left out; at least one is always given."""
    effort_sd: float = 1.35
    """Sd of the log of how often a cell is visited: half of its variance is autocorrelated."""
    reach_m: float = 1200.0
    """Auditors audit near home: weight exp(-distance / reach)."""
    seeking: float = 0.0
    """By how much the log of a place's visits rises per rating step it lies below the city; < 0: avoided."""
    roaming: float = 0.02
    """Weight, beside that, of every cell of the city alike."""
    night_share: float = 0.35
    """Share of audits made in the evening."""
    feeling: Mapping[str, float] = field(default_factory=dict)
    """How much of the outcome each place rating makes, by name, in sum 1; without any, all alike."""

    @property
    def answer_sd(self) -> float:
        """Standard deviation of one latent answer around its cell and auditor."""
        return float((self.audit_sd**2 + self.item_sd**2) ** 0.5)

    def feels(self, instrument: Instrument) -> NDArray[np.float64]:
        """Return how much of the outcome each rating makes, float[p], 0 for what is not of the place."""
        alike = {rating.name: 1 / len(instrument.place) for rating in instrument.place}
        return np.array([(self.feeling or alike).get(rating.name, 0.0) for rating in instrument.ratings])
