"""What is true of each cell: an autocorrelated background and planted unsafe places with known causes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.instrument import Instrument, Role
from analysis.simulation.scenario import Scenario
from geo import cells as h3cells
from geo.cells import Cells
from geo.lattice import Lattice
from geo.sun import Daypart

Floats = NDArray[np.float64]

_SMOOTHING_STEPS = 6  # correlation falls to 1/e within about 4 cells
_OFFSET = 0.4  # ratings differ in their city mean by up to this much, either way
_LARGEST_RADIUS = 4
_GAP = 2  # cells between two zones
_MOST_PLANTED = 0.08  # share of the city's cells
_LEAST_INSIDE = 0.6  # share of a zone's disc that must be city


@dataclass(frozen=True, kw_only=True, eq=False)
class Zone:
    """A planted unsafe place."""

    cells: Cells
    causes: tuple[str, ...]
    """The place ratings that are pushed down."""
    night_only: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Landscape:
    """The latent level of every rating in every cell."""

    lattice: Lattice
    latent: Floats
    """[2, n, p] on 0..3, unbounded: by day and by night, cell, rating."""
    zones: tuple[Zone, ...]


def landscape(
    instrument: Instrument, lattice: Lattice, scenario: Scenario, rng: np.random.Generator
) -> Landscape:
    """Draw a landscape: background, own level of each rating, zones, night; the outcome follows the place."""
    n, p = len(lattice), len(instrument.ratings)
    common = scenario.background_sd * smooth_field(lattice, rng) + scenario.cell_sd * rng.standard_normal(n)
    own = np.column_stack([smooth_field(lattice, rng) for _ in range(p)]) * scenario.parameter_sd
    offset = scenario.level + rng.uniform(-_OFFSET, _OFFSET, size=p)
    by_day = offset + common[:, None] + own
    latent = np.stack([by_day, by_day - scenario.night_drop])
    zones = _zones(instrument, lattice, scenario, rng)
    for zone in zones:
        _sink(latent, zone, instrument, lattice, scenario)
    roles = np.array([rating.role for rating in instrument.ratings])
    latent[:, :, roles == Role.OUTCOME] = (latent @ scenario.feels(instrument))[:, :, None]
    return Landscape(lattice=lattice, latent=latent, zones=zones)


def smooth_field(lattice: Lattice, rng: np.random.Generator) -> Floats:
    """Draw an autocorrelated field of mean 0 and sd 1 over the cells: white noise, smoothed."""
    averaging = lattice.disc_matrix(1)
    sizes = np.asarray(averaging.sum(axis=1)).ravel()
    field = rng.standard_normal(len(lattice))
    for _ in range(_SMOOTHING_STEPS):
        field = averaging @ field / sizes
    spread = field.std()
    return np.asarray((field - field.mean()) / spread) if spread > 0 else np.zeros(len(lattice))


def _sink(latent: Floats, zone: Zone, instrument: Instrument, lattice: Lattice, scenario: Scenario) -> None:
    """Push a zone's causes down, in place, so far that the composite falls by the scenario's delta."""
    rows = lattice.index_of(zone.cells)[:, None]
    columns = [column for column, rating in enumerate(instrument.ratings) if rating.name in zone.causes]
    for daypart in (Daypart.NIGHT,) if zone.night_only else (Daypart.DAY, Daypart.NIGHT):
        latent[daypart, rows, columns] -= scenario.delta * len(instrument.place) / len(columns)


def _zones(
    instrument: Instrument, lattice: Lattice, scenario: Scenario, rng: np.random.Generator
) -> tuple[Zone, ...]:
    taken = np.zeros(len(lattice), dtype=bool)
    zones: list[Zone] = []
    left = _MOST_PLANTED * len(lattice)
    largest = 2 * left / max(scenario.zones, 1)  # so that one place does not use up the share of all
    for centre in rng.permutation(lattice.cells).tolist():
        if len(zones) == scenario.zones:
            break
        radius = int(rng.integers(1, _LARGEST_RADIUS + 1))
        inside = _rows(lattice, centre, radius)
        whole = len(inside) >= _LEAST_INSIDE * (3 * radius * (radius + 1) + 1)
        if taken[inside].any() or not whole or len(inside) > min(largest, left):
            continue
        left -= len(inside)
        taken[_rows(lattice, centre, radius + _GAP)] = True
        night_only = bool(rng.random() < scenario.night_only_share)
        causes = _causes(instrument, scenario.kinds, rng)
        zones.append(Zone(cells=lattice.cells[inside], causes=causes, night_only=night_only))
    return tuple(zones)


def _rows(lattice: Lattice, centre: int, radius: int) -> NDArray[np.int64]:
    rows = lattice.index_of(h3cells.disc(centre, k=radius))
    return np.sort(rows[rows >= 0])


def _causes(
    instrument: Instrument, kinds: tuple[tuple[str, ...], ...], rng: np.random.Generator
) -> tuple[str, ...]:
    """Draw one of the kinds or, without any, a third to a half of the place ratings."""
    if kinds:
        return kinds[int(rng.integers(len(kinds)))]
    p = len(instrument.place)
    how_many = int(rng.integers(-(-p // 3), -(-p // 2) + 1))
    chosen = np.sort(rng.choice(p, size=how_many, replace=False))
    return tuple(instrument.place[index].name for index in chosen)
