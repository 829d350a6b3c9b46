"""A synthetic city: who audited what, where and when, with the truth beside it."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from analysis.instrument import Instrument, Role
from analysis.observations import MISSING, Observations
from analysis.score import top_of
from analysis.simulation.landscape import landscape
from analysis.simulation.people import People, people, visits
from analysis.simulation.scenario import LATENT_TOP, Scenario
from analysis.simulation.truth import Truth, truth
from geo import cells as h3cells
from geo import sun
from geo.cells import Cells
from geo.lattice import Lattice

Floats = NDArray[np.float64]

DAY_S = 86_400
_S_PER_DEGREE = DAY_S / 360  # local solar time: noon where the sun is south
_NOON_H, _NOON_SD_H = 12.5, 2.5
_EVENING_H, _EVENING_SD_H = 20.0, 1.3
_WITHIN_CELL = 0.98  # keeps points off the edge, where rounding could move them to the neighbour
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class SimulatedCity:
    """Audits of a synthetic city, one row each, in no particular order of time."""

    instrument: Instrument
    lat: Floats
    lng: Floats
    unix_seconds: NDArray[np.int64]
    auditor: NDArray[np.int32]
    """Index into `people`."""
    ratings: NDArray[np.int8]
    """n x p in the order of `instrument.ratings`, -1 missing."""
    people: People
    truth: Truth

    def observations(self) -> Observations:
        """Return the audits as an analysis reads them: in the truth's cells, all counted, days by the sun."""
        local = self.unix_seconds + self.lng * _S_PER_DEGREE
        resolution = int(h3cells.resolution_of(self.truth.cells[0]))
        return Observations(
            instrument=self.instrument,
            cell=h3cells.cells_of(self.lat, self.lng, resolution=resolution),
            auditor=self.auditor,
            counted=np.ones(len(self.auditor), dtype=np.bool_),
            daypart=sun.daypart(self.lat, self.lng, self.unix_seconds),
            observed_day=np.floor(local / DAY_S).astype(np.int32),
            ratings=self.ratings,
            gender=self.people.gender[self.auditor],
        )


def simulate(
    *,
    instrument: Instrument,
    area: BaseGeometry,
    first_day: date,
    seed: int,
    audits: int,
    auditors: int,
    scenario: Scenario | None = None,
) -> SimulatedCity:
    """Return a synthetic city within `area` (lng/lat polygons), equal for equal arguments.

    Every audit lies in a cell that is wholly inside the area and carries at least one rating; questions of
    other kinds are not simulated. Raises ValueError where the area holds no whole cell, the instrument no
    place rating, or where there are fewer audits than auditors.
    """
    if not 1 <= auditors <= audits:
        raise ValueError(f"{audits} audits by {auditors} auditors: each auditor makes one at least")
    if not instrument.place:
        raise ValueError(f"instrument {instrument.id!r} has no rating of role place to simulate")
    scenario, rng = scenario or Scenario(), np.random.default_rng(seed)
    land = landscape(instrument, Lattice(_whole_cells(area, scenario.resolution)), scenario, rng)
    who, row = visits(land, audits, auditors, scenario, rng)
    crowd = people(auditors, scenario, rng)
    lat, lng = _points_within(land.lattice.cells, row, rng)
    times = _times(lng, (first_day - _EPOCH).days, scenario, rng)
    daypart = sun.daypart(lat, lng, times)
    latent = land.latent[daypart, row] + crowd.severity[who, None]
    return SimulatedCity(
        instrument=instrument,
        lat=lat,
        lng=lng,
        unix_seconds=times,
        auditor=who,
        ratings=answers_of(instrument, latent, daypart, scenario, rng),
        people=crowd,
        truth=truth(instrument, land, scenario, night_share=float(np.mean(daypart == sun.Daypart.NIGHT))),
    )


def _whole_cells(area: BaseGeometry, resolution: int) -> Cells:
    cells = h3cells.covering(area, resolution=resolution)
    shapely.prepare(area)
    whole = cells[shapely.covers(area, h3cells.polygons(cells))] if len(cells) else cells
    if not len(whole):
        raise ValueError(
            f"the area holds no whole cell of resolution {resolution}; take a larger area or finer cells"
        )
    return whole


def _points_within(cells: Cells, row: NDArray[np.int64], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw a point of each row's cell, uniform over it: lat, lng to 7 decimals, as phones send them."""
    shapes = shapely.get_geometry(h3cells.polygons(cells), 0)  # of a cell on the antimeridian, one side
    corners, owner = shapely.get_coordinates(shapes, return_index=True)
    centre = shapely.get_coordinates(shapely.centroid(shapes))[row]
    first, edges = np.searchsorted(owner, row), np.bincount(owner)[row] - 1
    n = len(row)
    edge = first + rng.integers(edges)
    along, out = rng.random((n, 1)), np.sqrt(rng.random((n, 1))) * _WITHIN_CELL
    on_edge = (1 - along) * corners[edge] + along * corners[edge + 1]
    point = np.round(centre + out * (on_edge - centre), 7)
    return point[:, 1], point[:, 0]


def _times(lng: Floats, first_day: int, scenario: Scenario, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw when each audit was made: around noon or in the evening, in local solar time."""
    n = len(lng)
    evening = rng.random(n) < scenario.night_share
    hour = np.where(evening, rng.normal(_EVENING_H, _EVENING_SD_H, n), rng.normal(_NOON_H, _NOON_SD_H, n))
    day = first_day + rng.integers(scenario.days, size=n)
    utc = day * DAY_S + hour.clip(0, 23.99) * 3600 - lng * _S_PER_DEGREE
    return np.asarray(np.rint(utc), dtype=np.int64)


def answers_of(
    instrument: Instrument,
    latent: Floats,
    daypart: NDArray[np.int8],
    scenario: Scenario,
    rng: np.random.Generator,
) -> NDArray[np.int8]:
    """Draw the ratings: latent level plus noise of audit and item, rounded and cut to the scale."""
    tops = np.array([top_of(rating) for rating in instrument.ratings])
    noise = rng.normal(0, scenario.audit_sd, (len(latent), 1))
    noise = noise + _felt(rng.normal(0, scenario.item_sd, latent.shape), instrument, daypart, scenario)
    ratings = np.rint((latent + noise) * tops / LATENT_TOP).clip(0, tops)
    left_out = rng.random(latent.shape) < scenario.missing
    kept = rng.integers(len(tops), size=len(latent))
    left_out[np.arange(len(latent)), kept] = False
    ratings[left_out] = MISSING
    return np.asarray(ratings, dtype=np.int8)


def _felt(own: Floats, instrument: Instrument, daypart: NDArray[np.int8], scenario: Scenario) -> Floats:
    """Return each rating's own noise, of which the outcome takes part in that of ratings that count then.

    People feel by what they see: the outcome follows the noise of the place ratings by their weights, and
    its own so far that its variance stays as it is.
    """
    counts = np.array([[rating.counts_in(part) for rating in instrument.ratings] for part in sun.Daypart])
    weight = scenario.feels(instrument) * counts[daypart]
    left = np.sqrt(1 - (weight**2).sum(axis=1, keepdims=True))
    outcome = np.array([rating.role is Role.OUTCOME for rating in instrument.ratings])
    return np.where(outcome, (own * weight).sum(axis=1, keepdims=True) + left * own, own)
