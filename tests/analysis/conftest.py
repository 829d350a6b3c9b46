"""A small city for the tests of the analysis: one instrument, cells in a row, audits by hand or by dice."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import settings

from analysis.instrument import Instrument, Kind, Question, Role
from analysis.observations import Observations
from geo import cells as h3cells

settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")

CENTRE = h3cells.cell_of(28.6, 77.2, resolution=9)


def rating(name, *, top=3, role=Role.PLACE, fixable=False, dayparts=("day", "night", "unknown")):
    return Question(name=name, kind=Kind.RATING, role=role, top=top, fixable=fixable, dayparts=dayparts)


@pytest.fixture(scope="session")
def instrument() -> Instrument:
    """Lighting counts only at night; lighting and walk_path can be fixed."""
    return Instrument(
        id="walk-4",
        version=1,
        questions=(
            rating("lighting", fixable=True, dayparts=("night",)),
            rating("walk_path", fixable=True),
            rating("people"),
            rating("feeling", role=Role.OUTCOME),
        ),
    )


@pytest.fixture(scope="session")
def city_cells() -> np.ndarray:
    """The 169 cells within 7 steps of a centre, sorted."""
    return np.sort(h3cells.disc(CENTRE, k=7))


@pytest.fixture(scope="session")
def zone() -> np.ndarray:
    """The 19 cells at the centre, sorted."""
    return np.sort(h3cells.disc(CENTRE, k=2))


@pytest.fixture
def audits(instrument) -> Callable[..., Observations]:
    """Return a maker of observations: a row of ratings per audit, scalars or columns for the rest."""

    def make(ratings, *, cell, auditor, counted=True, daypart=0, day=20_400, gender=0, of=instrument):
        n = len(ratings)

        def column(value, dtype):
            return np.broadcast_to(np.asarray(value, dtype=dtype), n).copy()

        return Observations(
            instrument=of,
            cell=column(cell, np.int64),
            auditor=column(auditor, np.int32),
            counted=column(counted, np.bool_),
            daypart=column(daypart, np.int8),
            observed_day=column(day, np.int32),
            ratings=np.array(ratings, dtype=np.int8).reshape(n, len(of.ratings)),
            gender=column(gender, np.int8),
        )

    return make


@pytest.fixture(scope="session")
def diced(instrument, city_cells, zone) -> Callable[..., Observations]:
    """Return a thrower of random audits; in the zone `low` (a rating's name, or all) is one step lower."""

    def throw(n, *, auditors, seed, shift=1.0, low=None, counted_share=1.0):
        rng = np.random.default_rng(seed)
        row, who = rng.integers(len(city_cells), size=n), rng.integers(auditors, size=n)
        names = [question.name for question in instrument.ratings]
        shifted = np.array([low is None or name == low for name in names])
        latent = 2 - shift * np.isin(city_cells, zone)[row][:, None] * shifted
        latent = latent + rng.normal(0, 0.2, auditors)[who][:, None] + rng.normal(0, 0.6, (n, len(names)))
        ratings = np.rint(latent).clip(0, 3).astype(np.int8)
        ratings[rng.random(ratings.shape) < 0.1] = -1
        return Observations(
            instrument=instrument,
            cell=city_cells[row],
            auditor=who.astype(np.int32),
            counted=(rng.random(auditors) < counted_share)[who],
            daypart=rng.integers(0, 3, size=n).astype(np.int8),
            observed_day=rng.integers(20_000, 20_400, size=n).astype(np.int32),
            ratings=ratings,
            gender=rng.integers(0, 4, size=auditors)[who].astype(np.int8),
        )

    return throw
