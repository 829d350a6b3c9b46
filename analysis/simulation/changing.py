"""A synthetic city some of whose places changed half a year ago, and the truth about it."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from analysis.instrument import Instrument
from analysis.observations import Observations
from analysis.score import top_of
from analysis.simulation.landscape import smooth_field
from geo import cells as h3cells
from geo.cells import Cells
from geo.lattice import Lattice

Floats = NDArray[np.float64]

_EPOCH = date(1970, 1, 1)
TODAY = (date(2026, 1, 1) - _EPOCH).days
CHANGED = (date(2025, 7, 1) - _EPOCH).days
_DAYS = 540
_CENTRE = h3cells.cell_of(28.6, 77.2, resolution=9)
_RADIUS, _PLACE_RADIUS, _REACH = 12, 2, 4
_ROAMING = 0.2
"""Share of an auditor's audits that lie anywhere in the city, not near home."""
_LEVEL, _BACKGROUND_SD, _CELL_SD, _SEVERITY, _AUDIT_SD, _ITEM_SD = 1.7, 0.25, 0.15, 0.5, 0.35, 0.6


@dataclass(frozen=True, kw_only=True, eq=False)
class ChangingCity:
    """Audits of eighteen months up to TODAY, and by how much each cell's disc changed against the city."""

    observations: Observations
    cells: Cells
    change: Floats
    """Of each cell in rating steps, before answers are cut to the scale."""


def changing_city(
    instrument: Instrument,
    *,
    seed: int,
    audits: int,
    auditors: int,
    shift: float,
    turnover: float = 0.0,
    drift: float = 0.0,
) -> ChangingCity:
    """Return a city of 469 cells: on CHANGED two places became `shift` worse and one better.

    `turnover` is the share of auditors who came then, and of those who left; `drift` what the whole city
    changed by. Ratings are all of one scale 0..3.
    """
    rng = np.random.default_rng(seed)
    lattice = Lattice(np.sort(h3cells.disc(_CENTRE, k=_RADIUS)))
    n = len(lattice)
    level = _LEVEL + _BACKGROUND_SD * smooth_field(lattice, rng) + _CELL_SD * rng.standard_normal(n)
    delta = shift * _planted(lattice, rng)
    day = rng.integers(TODAY - _DAYS, TODAY, size=audits)
    late = day >= CHANGED
    coming = int(turnover * auditors)
    who = rng.integers(auditors - coming, size=audits) + coming * late
    row = _visited(lattice, who, auditors, rng)
    severity = rng.uniform(-_SEVERITY, _SEVERITY, auditors)
    latent = level[row] + late * (delta[row] + drift) + severity[who] + rng.normal(0, _AUDIT_SD, audits)
    disc = lattice.disc_matrix(1)
    around = disc @ delta / np.asarray(disc.sum(axis=1)).ravel()
    return ChangingCity(
        observations=Observations(
            instrument=instrument,
            cell=lattice.cells[row],
            auditor=who.astype(np.int32),
            counted=np.ones(audits, dtype=np.bool_),
            daypart=(rng.random(audits) < 0.4).astype(np.int8),
            observed_day=day.astype(np.int32),
            ratings=_answers(instrument, latent, rng),
            gender=rng.integers(0, 3, auditors)[who].astype(np.int8),
        ),
        cells=lattice.cells,
        change=around - delta.mean(),
    )


def _planted(lattice: Lattice, rng: np.random.Generator) -> Floats:
    places = [
        np.isin(lattice.cells, h3cells.disc(int(rng.choice(lattice.cells)), k=_PLACE_RADIUS))
        for _ in range(3)
    ]
    return np.asarray(1.0 * places[2] - (places[0] | places[1]), dtype=np.float64)


def _visited(
    lattice: Lattice, who: NDArray[np.int64], auditors: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw the cell of each audit: near its auditor's home, or anywhere."""
    members, lengths = h3cells.discs(lattice.cells, k=_REACH)
    first = np.cumsum(lengths) - lengths
    home = rng.integers(len(lattice), size=auditors)[who]
    row = lattice.index_of(members[first[home] + rng.integers(lengths[home])])
    anywhere = (row < 0) | (rng.random(len(who)) < _ROAMING)
    return np.where(anywhere, rng.integers(len(lattice), size=len(who)), row)


def _answers(instrument: Instrument, latent: Floats, rng: np.random.Generator) -> NDArray[np.int8]:
    tops = np.array([top_of(rating) for rating in instrument.ratings])
    answers = np.rint(latent[:, None] + rng.normal(0, _ITEM_SD, (len(latent), len(tops)))).clip(0, tops)
    return np.asarray(answers, dtype=np.int8)
