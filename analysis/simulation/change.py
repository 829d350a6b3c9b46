"""A synthetic city in which something is done at one place: audits before and after, and the true effect."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from analysis.instrument import Instrument, Role
from analysis.observations import Observations
from analysis.score import scale_top, top_of
from analysis.simulation.city import answers_of
from analysis.simulation.landscape import Landscape, landscape
from analysis.simulation.people import People, people, visits
from analysis.simulation.scenario import Scenario
from analysis.simulation.truth import expected_ratings
from geo import cells as h3cells
from geo.cells import Cells
from geo.lattice import Lattice
from geo.sun import Daypart

Floats = NDArray[np.float64]
FIRST_DAY = 20_000
_HALF = 0.5


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is done at one place half-way, and what else happens; shifts in steps of a 0..3 rating."""

    effect: float = 0.0
    """By how much each place rating rises there, before answers are cut to the scale."""
    spill: float = 0.0
    """The share of it that reaches the cells within two steps."""
    radius: int = 3
    days: int = 360
    candidates: int = 60
    """The place is the one that looked worst in the audits before, of so many; 1: any."""
    fewest_audits: int = 70
    """Before, in every candidate."""
    milder: float = 0.25
    """By how much auditors who join afterwards are milder."""
    joining: float = 0.5
    """The share of the audits after that those who join make."""
    drift: float = 0.2
    """By how much the whole city rises afterwards."""
    more_audits: float = 0.6
    """So many more audits of the place afterwards."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Changed:
    """Audits of a city where something was done on `day`, and the truth about it."""

    observations: Observations
    place: Cells
    day: int
    effect: float
    """By how much the composite of the audits of the place after rose by it in the mean; rating steps."""


def changed(
    instrument: Instrument,
    cells: Cells,
    *,
    audits: int,
    auditors: int,
    seed: int,
    change: Change,
    scenario: Scenario,
) -> Changed:
    """Return such a city; equal for equal arguments. ValueError where no disc has audits enough."""
    rng = np.random.default_rng(seed)
    land = landscape(instrument, Lattice(cells), replace(scenario, zones=0), rng)
    crowd = people(2 * auditors, scenario, rng)
    joined = np.arange(2 * auditors) >= auditors
    crowd = replace(crowd, severity=crowd.severity + change.milder * joined)
    who, row = visits(land, audits, auditors, scenario, rng)
    first = rng.random(audits) < _HALF
    newcomer = ~first & (rng.random(audits) < change.joining)
    who = np.where(newcomer, who + auditors, who).astype(np.int32)
    day = FIRST_DAY + rng.integers(change.days // 2, size=audits) + np.where(first, 0, change.days // 2)
    made = _Visits(who=who, row=row, night=rng.random(audits) < scenario.night_share)
    seen = made.where(first)
    early = answers_of(instrument, seen.latent(land, crowd), seen.daypart, scenario, rng)
    place = _chosen(land, row[first], early, change, rng)
    calm = replace(land, latent=land.latent + change.drift)
    late = np.flatnonzero(~first)
    late = np.concatenate([late, _more(late, np.isin(land.lattice.cells[row], place), change, rng)])
    after, raised = made.where(late), _raised(instrument, calm, place, change)
    there = after.where(np.isin(land.lattice.cells[after.row], place))
    told = answers_of(instrument, after.latent(raised, crowd), after.daypart, scenario, rng)
    everything = made.where(order := np.concatenate([np.flatnonzero(first), late]))
    return Changed(
        observations=Observations(
            instrument=instrument,
            cell=land.lattice.cells[everything.row],
            auditor=everything.who,
            counted=np.ones(len(order), dtype=np.bool_),
            daypart=everything.daypart,
            observed_day=day[order].astype(np.int32),
            ratings=np.concatenate([early, told]),
            gender=crowd.gender[everything.who],
        ),
        place=place,
        day=FIRST_DAY + change.days // 2,
        effect=_rise(
            instrument, there.latent(calm, crowd), there.latent(raised, crowd), there.night, scenario
        ),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Visits:
    """Who audits which cell, by night or by day; one row each."""

    who: NDArray[np.int32]
    row: NDArray[np.int64]
    night: NDArray[np.bool_]

    def where(self, mask: NDArray[Any]) -> Self:
        return type(self)(who=self.who[mask], row=self.row[mask], night=self.night[mask])

    @property
    def daypart(self) -> NDArray[np.int8]:
        return np.where(self.night, Daypart.NIGHT, Daypart.DAY).astype(np.int8)

    def latent(self, land: Landscape, crowd: People) -> Floats:
        """Return what each would answer, noise apart, float[n, p]."""
        return np.asarray(land.latent[self.night.astype(np.int64), self.row] + crowd.severity[self.who, None])


def _chosen(
    land: Landscape,
    row: NDArray[np.int64],
    told: NDArray[np.int8],
    change: Change,
    rng: np.random.Generator,
) -> Cells:
    """Return the disc that looked worst among the candidates: its plain mean over the audits before."""
    answered = np.where(told >= 0, told, np.nan)
    y = np.nanmean(answered, axis=1)
    best, lowest, tried = None, np.inf, 0
    whole = 3 * change.radius * (change.radius + 1) + 1
    for centre in rng.permutation(land.lattice.cells).tolist():
        inside = land.lattice.index_of(h3cells.disc(centre, k=change.radius))
        here = np.isin(row, inside[inside >= 0])
        if (inside >= 0).sum() < whole or here.sum() < change.fewest_audits:
            continue
        tried += 1
        if y[here].mean() < lowest:
            best, lowest = np.sort(land.lattice.cells[inside]), y[here].mean()
        if tried == change.candidates:
            break
    if best is None:
        raise ValueError(f"no disc of radius {change.radius} has {change.fewest_audits} audits")
    return best


def _raised(instrument: Instrument, land: Landscape, place: Cells, change: Change) -> Landscape:
    latent = land.latent.copy()
    roles = np.array([rating.role is not Role.CONTEXT for rating in instrument.ratings])
    ring = np.setdiff1d(h3cells.discs(place, k=2)[0], place)
    for cells, shift in ((place, change.effect), (ring, change.effect * change.spill)):
        rows = land.lattice.index_of(cells)
        latent[:, rows[rows >= 0]] += shift * roles
    return replace(land, latent=latent)


def _more(
    late: NDArray[np.int64], inside: NDArray[np.bool_], change: Change, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return which of the late visits to the place are made once more by the same people."""
    there = late[inside[late]]
    return rng.choice(there, size=round(change.more_audits * len(there))) if len(there) else there


def _rise(
    instrument: Instrument, latent: Floats, raised: Floats, night: NDArray[np.bool_], scenario: Scenario
) -> float:
    """Return by how much the composites of some audits rise in the mean, noise apart."""
    tops = np.array([top_of(rating) for rating in instrument.ratings]) / scale_top(instrument)
    counts = np.array(
        [
            [rating.role is Role.PLACE and rating.counts_in(part) for rating in instrument.ratings]
            for part in (Daypart.DAY, Daypart.NIGHT)
        ]
    )[night.astype(np.int64)]
    rise = expected_ratings(instrument, raised, scenario) - expected_ratings(instrument, latent, scenario)
    return float(((rise / tops * counts).sum(axis=1) / counts.sum(axis=1)).mean())
