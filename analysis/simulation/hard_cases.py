"""What may befall a synthetic city's audits: brigades, campaigns, and quarters that residents alone rate."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.observations import MISSING, Observations
from analysis.score import top_of
from analysis.simulation.city import SimulatedCity
from geo.cells import Cells
from geo.sun import Daypart

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_HONEST_SD = 0.7
_SEVERITY = 0.5


def brigaded(
    city: SimulatedCity,
    cells: Cells,
    *,
    devices: int,
    level: int,
    rng: np.random.Generator,
    elsewhere: int = 0,
) -> Observations:
    """Return the city's audits and those of so many more devices, all counted, each in each of the cells.

    There each answers `level` throughout; before, each gave `elsewhere` honest audits of other audited cells.
    """
    seen = city.observations()
    tops = np.array([top_of(rating) for rating in seen.instrument.ratings])
    target = np.tile(cells, devices)
    worst = np.broadcast_to(np.minimum(level, tops), (len(target), len(tops)))
    false = _more(seen, target, np.repeat(np.arange(devices), len(cells)), worst, rng)
    if not elsewhere:
        return false
    others = np.setdiff1d(seen.cell, cells)
    visited = rng.choice(others, size=devices * elsewhere)
    honest = _honest(city, visited, rng)
    return _more(false, visited, np.repeat(np.arange(-devices, 0), elsewhere), honest, rng)


def forged(
    seen: Observations, cell: int, *, devices: int, level: int, days: int, rng: np.random.Generator
) -> Observations:
    """Return the audits and those of so many more devices, all counted, that rate one cell in the last days.

    There each answers `level` throughout, and nothing anywhere else.
    """
    tops = np.array([top_of(rating) for rating in seen.instrument.ratings])
    answers = np.broadcast_to(np.minimum(level, tops), (devices, len(tops)))
    return _more(seen, np.full(devices, cell), np.arange(devices), answers, rng, days=days)


def walked(
    city: SimulatedCity, cells: Cells, *, people: int, lower: float, rng: np.random.Generator
) -> Observations:
    """Return the audits if all cells were so much lower: as all see it, and people of one evening's walk.

    Each of them audits every one of the cells once and nothing else; severities are uniform within half.
    """
    seen = lowered(city.observations(), np.isin(city.observations().cell, cells), by=lower, rng=rng)
    who = np.repeat(np.arange(people), len(cells))
    target = np.tile(cells, people)
    severity = rng.uniform(-_SEVERITY, _SEVERITY, people)[who]
    answers = _honest(city, target, rng, shift=severity - lower)
    return _more(seen, target, who, answers, rng, daypart=Daypart.NIGHT)


def lowered(seen: Observations, which: Mask, *, by: float, rng: np.random.Generator) -> Observations:
    """Return the audits, of which some have ratings lower by so much in the mean, cut at 0."""
    noise = rng.uniform(-0.5, 0.5, seen.ratings.shape)
    moved = np.maximum(np.rint(seen.ratings - by + noise), 0)
    change = which[:, None] & (seen.ratings != MISSING)
    return replace(seen, ratings=np.where(change, moved, seen.ratings).astype(np.int8))


def by_residents(
    seen: Observations, cells: Cells, *, residents: int, rng: np.random.Generator
) -> Observations:
    """Return the audits, those of the cells now by so many people who audit nowhere else."""
    inside = np.isin(seen.cell, cells)
    resident = rng.integers(residents, size=len(seen))
    own = seen.auditor.max(initial=-1) + 1 + resident
    gender = rng.integers(0, 4, size=residents)[resident]
    return replace(
        seen,
        auditor=np.where(inside, own, seen.auditor).astype(np.int32),
        gender=np.where(inside, gender, seen.gender).astype(np.int8),
    )


def _honest(
    city: SimulatedCity, cells: Cells, rng: np.random.Generator, *, shift: Floats | float = 0.0
) -> NDArray[np.int8]:
    """Draw honest ratings of cells, shifted by so much."""
    tops = np.array([top_of(rating) for rating in city.instrument.ratings])
    expected = city.truth.ratings.mean(axis=0)[city.truth.lattice.index_of(cells)]
    answers = expected + np.reshape(shift, (-1, 1)) + rng.normal(0, _HONEST_SD, expected.shape)
    return np.asarray(np.rint(answers).clip(0, tops), dtype=np.int8)


def _more(
    seen: Observations,
    cell: Cells,
    who: NDArray[np.int64],
    ratings: NDArray[Any],
    rng: np.random.Generator,
    *,
    daypart: Daypart | None = None,
    days: int | None = None,
) -> Observations:
    """Return the audits and further ones, all counted; `who` counts on from the last auditor.

    They are of all days of the audits, or of so many last ones.
    """
    n, last = len(cell), int(seen.observed_day.max())
    first = int(seen.observed_day.min()) if days is None else last + 1 - days
    gender = rng.integers(0, 4, int(who.max(initial=0)) - int(who.min(initial=0)) + 1)
    hours = rng.integers(0, 2, n) if daypart is None else np.full(n, int(daypart))
    rows: dict[str, NDArray[Any]] = {
        "cell": cell,
        "auditor": seen.auditor.max(initial=-1) + 1 + who,
        "counted": np.ones(n, dtype=np.bool_),
        "daypart": hours,
        "observed_day": rng.integers(first, last + 1, n),
        "ratings": ratings,
        "gender": gender[who - int(who.min(initial=0))],
    }
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(seen, name), column]).astype(getattr(seen, name).dtype)
        for name, column in rows.items()
    }
    return replace(seen, **columns)
