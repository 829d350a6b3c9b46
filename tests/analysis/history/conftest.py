"""Cities whose places change: eighteen months, the last six after the change."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from analysis.instrument import Instrument, Kind, Question, Role
from analysis.observations import Observations
from analysis.simulation.landscape import smooth_field
from geo import cells as h3cells
from geo.lattice import Lattice

CELLS = np.sort(h3cells.disc(h3cells.cell_of(28.6, 77.2, resolution=9), k=12))
TODAY = 20_454
"""2026-01-01."""
CHANGED = TODAY - 184
"""2025-07-01."""
SIX = Instrument(
    id="six",
    version=1,
    questions=tuple(
        Question(name=f"rating_{number}", kind=Kind.RATING, role=Role.PLACE, top=3) for number in range(6)
    ),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Changing:
    """Audits of a city, and by how much each cell's disc truly changed against the city."""

    observations: Observations
    change: np.ndarray
    """Of each of CELLS, before ratings are cut to their scale."""


@pytest.fixture(scope="session")
def changing() -> Callable[..., Changing]:
    """Return a maker of cities: two places became `shift` worse and one better, half a year ago.

    `turnover` is the share of auditors who came then, and of those who left; `drift` what the whole city
    changed by.
    """

    def make(*, seed, audits, auditors, shift, turnover=0.0, drift=0.0):
        rng = np.random.default_rng(seed)
        lattice = Lattice(CELLS)
        level = 1.7 + 0.25 * smooth_field(lattice, rng) + 0.15 * rng.standard_normal(len(CELLS))
        places = [np.isin(CELLS, h3cells.disc(int(rng.choice(CELLS)), k=2)) for _ in range(3)]
        delta = shift * (1.0 * places[2] - (places[0] | places[1]))
        day = rng.integers(TODAY - 540, TODAY, size=audits)
        late = day >= CHANGED
        coming = int(turnover * auditors)
        who = rng.integers(auditors - coming, size=audits) + coming * late
        near = h3cells.discs(CELLS, k=4)[0].reshape(-1, 61)
        home = rng.integers(len(CELLS), size=auditors)
        row = lattice.index_of(near[home[who], rng.integers(61, size=audits)])
        row = np.where((row < 0) | (rng.random(audits) < 0.2), rng.integers(len(CELLS), size=audits), row)
        latent = level[row] + late * (delta[row] + drift) + rng.uniform(-0.5, 0.5, auditors)[who]
        latent = latent + rng.normal(0, 0.35, audits)
        ratings = np.rint(latent[:, None] + rng.normal(0, 0.6, (audits, 6))).clip(0, 3)
        disc = lattice.disc_matrix(1)
        around = disc @ delta / np.asarray(disc.sum(axis=1)).ravel()
        return Changing(
            observations=Observations(
                instrument=SIX,
                cell=CELLS[row],
                auditor=who.astype(np.int32),
                counted=np.ones(audits, dtype=np.bool_),
                daypart=(rng.random(audits) < 0.4).astype(np.int8),
                observed_day=day.astype(np.int32),
                ratings=ratings.astype(np.int8),
                gender=rng.integers(0, 3, auditors)[who].astype(np.int8),
            ),
            change=around - delta.mean(),
        )

    return make
