"""What an analysis of a synthetic city should find."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.instrument import Instrument
from analysis.score import scale_top, top_of
from analysis.simulation.landscape import Landscape, Zone
from analysis.simulation.scenario import LATENT_TOP, Scenario
from geo.cells import Cells
from geo.lattice import Lattice
from geo.sun import Daypart

Floats = NDArray[np.float64]

_DAYPARTS = (Daypart.DAY, Daypart.NIGHT)


@dataclass(frozen=True, kw_only=True, eq=False)
class Truth:
    """The true levels of every cell, audited or not, as an auditor of average severity answers on average."""

    instrument: Instrument
    lattice: Lattice
    zones: tuple[Zone, ...]
    ratings: Floats
    """[2, n, p] expected rating on 0..top by day and by night."""
    night_share: float
    """Share of the audits made at night."""

    @property
    def cells(self) -> Cells:
        """All cells of the city, sorted."""
        return self.lattice.cells

    @cached_property
    def day(self) -> Floats:
        """Expected composite by day, float[n] in rating steps on 0..`scale_top`."""
        return self._composite(Daypart.DAY)

    @cached_property
    def night(self) -> Floats:
        """Expected composite by night."""
        return self._composite(Daypart.NIGHT)

    @cached_property
    def everything(self) -> Floats:
        """Expected composite over day and night, in the city's shares of audits."""
        return (1 - self.night_share) * self.day + self.night_share * self.night

    @cached_property
    def zone(self) -> NDArray[np.int64]:
        """The number of each cell's planted zone, int64[n]; -1 outside."""
        numbers = np.full(len(self.lattice), -1)
        for number, zone in enumerate(self.zones):
            numbers[self.lattice.index_of(zone.cells)] = number
        return numbers

    def disc_deficit(self, composite: Floats, *, k: int = 1) -> Floats:
        """Return how far each cell's k-disc lies below the city's mean, float[n] in rating steps."""
        disc = self.lattice.disc_matrix(k)
        sizes = np.asarray(disc.sum(axis=1)).ravel()
        return np.asarray(composite.mean() - disc @ composite / sizes)

    def _composite(self, daypart: Daypart) -> Floats:
        scale = scale_top(self.instrument)
        levels = [
            self.ratings[_DAYPARTS.index(daypart), :, column] * scale / top_of(rating)
            for column, rating in enumerate(self.instrument.ratings)
            if rating in self.instrument.place and rating.counts_in(daypart)
        ]
        return np.mean(levels, axis=0) if levels else np.full(len(self.lattice), np.nan)


def truth(instrument: Instrument, land: Landscape, scenario: Scenario, *, night_share: float) -> Truth:
    """Return the truth of a landscape: the expectation of rounded, cut answers, sum_l P(answer >= l)."""
    return Truth(
        instrument=instrument,
        lattice=land.lattice,
        zones=land.zones,
        ratings=expected_ratings(instrument, land.latent, scenario),
        night_share=night_share,
    )


def expected_ratings(instrument: Instrument, latent: Floats, scenario: Scenario) -> Floats:
    """Return the expected rating on 0..top for each latent answer without its noise, float[..., p]."""
    tops = np.array([top_of(rating) for rating in instrument.ratings])
    scale = tops / LATENT_TOP
    expected = np.zeros_like(latent)
    for level in range(1, tops.max() + 1):
        above = ndtr((latent * scale - (level - 0.5)) / (scenario.answer_sd * scale))
        expected += np.where(level <= tops, above, 0)
    return expected
