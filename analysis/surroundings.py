"""What is known of a city beside its audits: streets, people, incidents. None of it enters a score."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis.clusters import Reports
from analysis.groups import sums
from analysis.streets import Streets
from geo.cells import Cells
from geo.overlay import shares

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Population:
    """How many people live in each of some areas or at some points, lng/lat."""

    shapes: NDArray[np.object_]
    people: Floats

    def __post_init__(self) -> None:
        if len(self.shapes) != len(self.people) or not (self.people >= 0).all():
            raise ValueError("people: must be a number of at least 0 for each shape")

    def within(self, cells: Cells) -> Floats:
        """Return how many people live in each of some cells, float[m].

        People of an area are taken to live evenly spread in it (areal interpolation: Goodchild and Lam 1980,
        Geo-Processing 1). Where no area and no point lies, nobody lives.
        """
        found = shares(self.shapes, cells)
        return sums(found.cell, found.share * self.people[found.shape], size=len(cells))


@dataclass(frozen=True, kw_only=True, eq=False)
class Exposure:
    """How much of the city's life a place holds: one number per cell, NaN where nothing is loaded."""

    unit: str
    """`people`, `street km`, or empty where nothing is loaded."""
    values: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Surroundings:
    """Streets, people, agencies and reports, each possibly none."""

    streets: Streets = field(default_factory=Streets.none)
    population: Population | None = None
    agencies: Mapping[str, str] = field(default_factory=dict)
    """Who answers for a rating, by its name."""
    reports: Mapping[str, Reports] | None = None
    """Points that are no audits of places, by kind: `incidents`, `hazards`; None where others show them."""

    def exposure(self, cells: Cells) -> Exposure:
        """Return the people living in each cell; without a population, the street km; without both, NaN."""
        if self.population is not None:
            return Exposure(unit="people", values=self.population.within(cells))
        if len(self.streets):
            return Exposure(unit="street km", values=self.streets.km_within(cells))
        return Exposure(unit="", values=np.full(len(cells), np.nan))


NOWHERE = Surroundings()
"""A city of which nothing is loaded."""
